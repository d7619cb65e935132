import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { availableCases, buildCase, caseSpecs } from '../../../bench/quality/cases';

const folder = mkdtempSync(join(tmpdir(), 'quality-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('photos of a folder are cases where a mask lies beside them, which is white in the hole', async () => {
  const grey = (value: number, width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: value, g: value, b: value } } });
  const hole = await grey(255, 5, 4).png().toBuffer();
  for (const name of ['03.jpg', '04.jpg', 'notes.jpg']) await grey(80, 30, 20).toFile(join(folder, name));
  await grey(0, 30, 20)
    .composite([{ input: hole, left: 7, top: 9 }])
    .toFile(join(folder, '03-mask.png'));
  const cases = await availableCases({ structure: folder });
  const known = caseSpecs.filter(({ photo }) => 'dataset' in photo);
  expect(cases.slice(0, known.length)).toEqual(known);
  expect(cases.slice(known.length).map(({ name, megapixels }) => [name, megapixels])).toEqual([['structure-03', 0.0006]]);
  const { hole: found, input, truth } = await buildCase(cases.at(-1)!, { structure: folder });
  for (let i = 0; i < 600; i++) {
    const [x, y] = [i % 30, Math.floor(i / 30)];
    const isHole = x >= 7 && x < 12 && y >= 9 && y < 13;
    expect(found.data[i]).toBe(isHole ? 1 : 0);
    expect([...input.data.subarray(3 * i, 3 * i + 3)]).toEqual(isHole ? [255, 0, 255] : [...truth.data.subarray(3 * i, 3 * i + 3)]);
  }
});
