import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Photo } from '../../src/cra/kinds';
import { StoredPicture } from '../../src/io/stored';
import type { FillStored } from '../../src/node/fill-stored';
import type { Picture } from '../../src/picture';
import { maskOf, type Rule, rectangle, scene } from '../cra/support';
import { pipeline, temporaryFolder } from '../io/support';
import { command } from './command';

const [W, H] = [40, 30];
const root = temporaryFolder();
const [box, other] = [rectangle(3, 4, 18, 24), rectangle(10, 0, 30, 9)];
const png = (rule: Rule) =>
  pipeline(maskOf(W, H, rule))
    .png()
    .toBuffer();
const svg = '<svg viewBox="0 0 40 30"><rect x="4" y="3" width="20" height="15"/></svg>';

/** A folder of photos with a mask, and of other files by name. */
async function filled(photos: string[], files: Record<string, string | Buffer>): Promise<string> {
  const folder = mkdtempSync(join(root, 'case-'));
  mkdirSync(join(folder, 'marks'));
  for (const name of photos) writeFileSync(join(folder, name), await pipeline(scene(W, H)).png().toBuffer());
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs the command, and tells what each photo was to be copied from, and not: as rows of marks. */
async function marksOf(args: string[]) {
  const seen: (string | undefined)[][] = [];
  const asText = async (mask: unknown) => {
    if (mask === undefined) return undefined;
    const { data, channels } = (mask instanceof StoredPicture ? await mask.read({ top: 0, left: 0, bottom: H, right: W }) : (mask as Photo)) as Picture;
    return Array.from({ length: W * H }, (_, p) => (data[p * channels] > 127 ? 1 : 0)).join('');
  };
  const fill: FillStored = async (_photo, _mask, { sources, avoid }) => void seen.push([await asText(sources), await asText(avoid)]);
  return { ...(await command([...args, '--json'], { fill, startBackend: async () => undefined })), seen };
}
const text = (rule: Rule) => Array.from({ length: W * H }, (_, p) => (rule(Math.floor(p / W), p % W) ? 1 : 0)).join('');

it.each<[string, string]>([
  ['a picture', 'a.png'],
  ['an SVG', 'a.svg'],
  ['shapes', 'a.json'],
])('%s says what to copy from', async (_, name) => {
  const folder = await filled(['photo.png'], { 'a.png': await png(box), 'a.svg': svg, 'a.json': '[{"box":[4,3,20,15]}]', 'b.png': await png(other) });
  const at = (name: string) => join(folder, name);
  const common = [at('photo.png'), '--box', '1,1,2,2', '-o', at('out.png')];
  const { code, seen } = await marksOf([...common, '--sources', at(name), '--avoid', at('b.png')]);
  expect([code, seen]).toEqual([0, [[text(box), text(other)]]]);
  expect((await marksOf([...common, '--avoid', at(name)])).seen).toEqual([[undefined, text(box)]]);
});

it('in a folder each photo has its own, or none, and of a data set its annotations', async () => {
  const coco = {
    images: [
      { id: 1, file_name: 'one.png', width: W, height: H },
      { id: 2, file_name: 'two.png', width: W, height: H },
    ],
    annotations: [
      { image_id: 1, segmentation: [[4, 3, 24, 3, 24, 18, 4, 18]] },
      { image_id: 2, segmentation: [[0, 10, 9, 10, 9, 30, 0, 30]] },
    ],
  };
  const folder = await filled(['one.png', 'two.png'], { 'marks/two-mask.png': await png(other), 'marks/all.json': JSON.stringify(coco) });
  const common = [folder, '--box', '1,1,2,2', '-o', join(folder, 'results')];
  expect((await marksOf([...common, '--avoid', join(folder, 'marks')])).seen).toEqual([
    [undefined, undefined],
    [undefined, text(other)],
  ]);
  expect((await marksOf([...common, '--sources', join(folder, 'marks', 'all.json')])).seen).toEqual([
    [text(box), undefined],
    [text(other), undefined],
  ]);
});

it('one that is the result, several that fit, and none are refused', async () => {
  const folder = await filled(['photo.png'], { 'marks/photo-mask1.png': await png(box), 'marks/photo-mask2.png': await png(box) });
  const at = (name: string) => join(folder, name);
  const common = [at('photo.png'), '--box', '1,1,2,2', '-o'];
  const failure = async (args: string[]) => {
    const { code, stdout, seen } = await marksOf([...common, ...args]);
    expect([code, seen]).toEqual([1, []]);
    return JSON.parse(stdout.split('\n')[0]).error.code;
  };
  expect(await failure([at('out.png'), '--avoid', at('marks')])).toBe('mask-ambiguous');
  expect(await failure([at('marks/photo-mask1.png'), '--avoid', at('marks/photo-mask1.png')])).toBe('file-exists');
  expect(await failure([at('out.png'), '--sources', at('none.png')])).toBe('file-read');
  expect(await failure([at('out.png'), '--sources', at('none.svg')])).toBe('file-read');
});
