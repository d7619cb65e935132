import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import manifest from '../../package.json';
import { allBlocks, pages } from '../support/doc-blocks';

// Blocks run without their types being looked at; who pastes one into a project has them checked.
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'out/docs-types');

/** The source of an entry point of the package, as its declarations are named: ./dist/ops/index.d.ts is src/ops/index.ts. */
const sourceOf = (types: string) => join(root, types.replace(/^\.\/dist/, 'src').replace(/\.d\.ts$/, '.ts'));
const entryPoints = Object.entries(manifest.exports).flatMap(([name, entry]) => {
  const types = typeof entry === 'string' ? undefined : 'types' in entry ? entry.types : entry.import.types;
  return types?.endsWith('.d.ts') && !name.includes('standalone') ? [[`cra-inpaint${name.slice(1)}`, sourceOf(types)] as const] : [];
});

it('the types of all blocks fit', () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = pages.flatMap(allBlocks).flatMap(({ page, n, fence, code }) => {
    if (fence !== 'ts' && !fence.startsWith('ts browser')) return [];
    const path = join(folder, `${page.replaceAll('/', '-')} ${fence} ${n}.ts`);
    writeFileSync(path, code);
    return [path];
  });
  expect(files.length).toBeGreaterThan(40);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const paths = Object.fromEntries(entryPoints.map(([name, source]) => [name, [source]]));
  const program = ts.createProgram(files, { ...options, noUnusedLocals: false, noUnusedParameters: false, paths });
  const flaws = files.flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) =>
        `${file.slice(folder.length + 1)}, line ${source.getLineAndCharacterOfPosition(start).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
  expect(flaws).toEqual([]);
});
