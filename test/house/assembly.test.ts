import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { vectorCode } from '../../scripts/assembly';

it('src/arrays/vector-code.ts is what assembly/ compiles to', async () => {
  const kept = readFileSync(join(import.meta.dirname, '../../src/arrays/vector-code.ts'), 'utf8');
  expect(kept === (await vectorCode()), 'run `npm run assembly`').toBe(true);
});
