import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../src/cli/run';
import type { Picture } from '../../src/picture';
import { noise, pipeline, temporaryFolder } from '../io/support';

const root = temporaryFolder();
const fresh = () => mkdtempSync(join(root, 'case-'));

/** Grain over a slope, with as many holes as are asked for. */
function photoWith(holes: number): { photo: Picture; mask: Picture } {
  const [width, height] = [160 * holes, 120];
  const photo = noise(width, height, 3);
  const data = photo.data.map((v, i) => 60 + Math.floor(i / 3 / width) + (v >> 4));
  const isHole = (x: number, y: number) => Math.hypot((x % 160) - 80, y - 60) < 14;
  const marks = new Uint8Array(width * height).map((_, i) => (isHole(i % width, Math.floor(i / width)) ? 255 : 0));
  return { photo: { ...photo, data }, mask: { width, height, channels: 1, data: marks } };
}

it('a folder filled by three threads is, to the byte, one filled by one; a broken photo amid it stops nobody', { timeout: 300_000 }, async () => {
  const photos = fresh();
  for (const [name, holes] of Object.entries({ a: 1, b: 4, d: 1, e: 2 })) {
    const { photo, mask } = photoWith(holes);
    writeFileSync(join(photos, `${name}.jpg`), await pipeline(photo).jpeg().toBuffer());
    writeFileSync(join(photos, `${name}-mask.png`), await pipeline(mask).png().toBuffer());
  }
  writeFileSync(join(photos, 'c.jpg'), readFileSync(join(photos, 'a.jpg')).subarray(0, 900));
  writeFileSync(join(photos, 'c-mask.png'), readFileSync(join(photos, 'a-mask.png')));
  const results = async (threads: number) => {
    const out = fresh();
    let text = '';
    const stdout = { write: (written: string) => (text += written) };
    const args = [photos, '-o', out, '--threads', String(threads), '--working-size', '64', '--thin', '0', '--json'];
    expect(await run(args, { stdout })).toBe(1);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { atOnce } = lines.pop().summary;
    const bytes = Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(join(out, name))]));
    return { lines: lines.map(({ photo, error, warnings }) => [basename(photo), error?.code, warnings]), atOnce, bytes };
  };
  const [one, three] = [await results(1), await results(3)];
  expect([one.atOnce, three.atOnce]).toEqual([1, 3]);
  expect(Object.keys(one.bytes)).toEqual(['a.jpg', 'b.jpg', 'd.jpg', 'e.jpg']);
  expect(three.lines).toEqual(one.lines);
  expect(one.lines.map(([name, code]) => [name, code])).toEqual([
    ['a.jpg', undefined],
    ['b.jpg', undefined],
    ['c.jpg', 'damaged'],
    ['d.jpg', undefined],
    ['e.jpg', undefined],
  ]);
  expect(three.bytes).toEqual(one.bytes);
});
