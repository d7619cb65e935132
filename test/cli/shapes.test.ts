import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandOf, UsageError } from '../../src/cli/arguments';
import { run } from '../../src/cli/run';
import { scene } from '../cra/support';
import { pipeline, temporaryFolder } from '../io/support';
import { drawn, type Test } from '../shapes/support';
import { type Inpaint, inMemory } from './in-memory';

const [W, H] = [40, 30];
const root = temporaryFolder();
const photoPng = await pipeline(scene(W, H)).png().toBuffer();

/** A folder of photos, and a file of each other name. */
function filled(photos: string[], files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(root, 'case-'));
  for (const name of photos) writeFileSync(join(folder, name), photoPng);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs the command, and tells by the photos' names what mask each was filled by, and what went wrong. */
async function masksOf(args: string[]) {
  const masks: Uint8Array[] = [];
  const inpaint: Inpaint = async (photo, mask, { hole }) => {
    expect(hole).toBe('white');
    masks.push(Uint8Array.from(mask.data));
    return photo;
  };
  let text = '';
  let said = '';
  const stdout = { write: (part: string) => (text += part) };
  const stderr = { write: (part: string) => (said += part) };
  const code = await run([...args, '--json'], { stdout, stderr, fill: inMemory(inpaint), startBackend: async () => undefined });
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { code, masks, lines, said, errors: lines.map(({ error }) => error?.message).filter((message) => message !== undefined) as string[] };
}

const box: Test = (x, y) => x > 4 && x < 24 && y > 3 && y < 18;
const svg = '<svg viewBox="0 0 4 3"><rect x=".4" y=".3" width="2" height="1.5"/></svg>';

describe('what is to go, without a mask', () => {
  it.each<[string, string[], Test]>([
    ['a box', ['--box', '4,3,20,15'], box],
    ['a box of per cent', ['--box', '10%,10%,50%,50%'], box],
    ['a box from outside', ['--box=-6,-7,30,25'], (x, y) => x < 24 && y < 18],
    ['several boxes', ['--box', '4,3,20,15', '--box', '30,20,5,5'], (x, y) => box(x, y) || (x > 30 && x < 35 && y > 20 && y < 25)],
    ['a polygon in one argument', ['--polygon', '4,3 24,3 24,18 4,18'], box],
    ['a polygon in several, then other options', ['--polygon', '4,3', '24px,3', '60%,18', '4,18', '--seed', '3'], box],
    ['polygons and a box', ['--polygon', '4,3', '24,3', '24,18', '--polygon', '4,3', '24,18', '4,18', '--box', '0,0,0,0'], box],
    ['whatever colour is the hole in masks', ['--box', '4,3,20,15', '--hole', 'black'], box],
  ])('%s', async (_, args, expected) => {
    const folder = filled(['photo.png']);
    const { code, masks, errors } = await masksOf([join(folder, 'photo.png'), '-o', join(folder, 'out.png'), ...args]);
    expect([code, errors]).toEqual([0, []]);
    expect(masks).toEqual([drawn({ width: W, height: H }, expected)]);
  });

  it.each<[string, string]>([
    ['shapes.svg', svg],
    ['shapes.json', '{"box": [4, 3, 20, 15]}'],
    ['shapes.json', '["10%,10%,50%,50%"]'],
    ['shapes.json', '{"shapes": [{"box": [5, 4, 18, 13]}, {"path": "M4 3h20v15h-20z"}], "grow": 0}'],
    ['shapes.json', '{"segmentation": [[4, 3, 24, 3, 24, 18, 4, 18]]}'],
  ])('a file of shapes, %s: %s', async (name, text) => {
    const folder = filled(['photo.png'], { [name]: text });
    const { code, masks, errors } = await masksOf([join(folder, 'photo.png'), '--shapes', join(folder, name), '-o', join(folder, 'out.png')]);
    expect([code, errors]).toEqual([0, []]);
    expect(masks).toEqual([drawn({ width: W, height: H }, box)]);
  });

  it('serves every photo of a folder', async () => {
    const folder = filled(['a.png', 'b.png', 'b-mask.png']);
    const out = join(folder, 'out');
    const { code, masks } = await masksOf([folder, '--box', '4,3,20,15', '-o', out]);
    expect([code, readdirSync(out).sort()]).toEqual([0, ['a.png', 'b-mask.png', 'b.png']]);
    expect(masks).toEqual(masks.map(() => drawn({ width: W, height: H }, box)));
  });

  it('of a data set, each photo has its own annotations; one that is not in it fails', async () => {
    const dataset = {
      images: [
        { id: 1, file_name: 'x/a.png', width: W, height: H },
        { id: 2, file_name: 'b.png' },
      ],
      annotations: [
        { image_id: 2, bbox: [0, 0, 3, 3] },
        { image_id: 1, bbox: [4, 3, 20, 15] },
      ],
    };
    const folder = filled(['a.png', 'b.png', 'c.png'], { 'set.json': JSON.stringify(dataset) });
    const { code, masks, errors } = await masksOf([folder, '--shapes', join(folder, 'set.json'), '-o', join(folder, 'out')]);
    expect([code, errors]).toEqual([1, [`${join(folder, 'set.json')}.images has no c.png`]]);
    expect(masks).toEqual([box, (x: number, y: number) => x < 3 && y < 3].map((test) => drawn({ width: W, height: H }, test)));
  });
});

describe('an SVG as a mask', () => {
  it('of one photo, or of all', async () => {
    const folder = filled(['a.png', 'b.png'], { 'mask.svg': svg });
    const one = await masksOf([join(folder, 'a.png'), join(folder, 'mask.svg'), '-o', join(folder, 'out.png')]);
    const all = await masksOf([folder, join(folder, 'mask.svg'), '-o', join(folder, 'out')]);
    expect([one.code, all.code]).toEqual([0, 0]);
    expect([...one.masks, ...all.masks]).toEqual(Array.from({ length: one.masks.length + all.masks.length }, () => drawn({ width: W, height: H }, box)));
    expect([one.masks.length, all.masks.length]).toEqual([1, 3]);
  });

  it('is found by its name, in a folder of masks and beside the photo', async () => {
    const photos = filled(['a.png', 'b.png']);
    const masks = filled([], { 'a.svg': svg, 'b_mask.svg': svg });
    const apart = await masksOf([photos, masks, '-o', join(photos, 'out')]);
    expect([apart.code, apart.masks.length]).toEqual([0, 2]);
    const single = await masksOf([join(photos, 'a.png'), masks, '-o', join(photos, 'out')]);
    expect([single.code, single.masks.length]).toEqual([0, 1]);
    const both = filled(['a.png'], { 'a-mask.svg': svg, 'logo.svg': svg });
    const together = await masksOf([both, '-o', join(both, 'out')]);
    expect([together.code, together.masks.length]).toEqual([0, 1]);
    expect(together.lines.at(-1).summary.passedOver).toEqual([{ path: join(both, 'logo.svg'), reason: 'format' }]);
  });

  it('of other proportions is refused, or stretched', async () => {
    const folder = filled(['a.png'], { 'mask.svg': svg.replace('0 0 4 3', '0 0 4 4').replace('"1.5"', '"2"').replace('".3"', '".4"') });
    const args = [join(folder, 'a.png'), join(folder, 'mask.svg'), '-o', join(folder, 'out.png')];
    const refused = await masksOf(args);
    expect([refused.code, refused.errors]).toEqual([1, [`${args[1]} is for 4 x 4 pixels, the mask is 40 x 30: --fit-mask stretches it`]]);
    expect((await masksOf([...args, '--fit-mask'])).masks).toEqual([drawn({ width: W, height: H }, box)]);
  });

  it('that holds more than shapes fails, by its name; the others are done', async () => {
    const photos = filled(['a.png', 'b.png']);
    const masks = filled([], { 'a.svg': svg.replace('<rect', '\n<script/><rect'), 'b.svg': svg });
    const { code, masks: used, errors } = await masksOf([photos, masks, '-o', join(photos, 'out')]);
    expect([code, used.length]).toEqual([1, 1]);
    expect(errors).toEqual([expect.stringMatching(/a\.svg: <script> in line 2 must be left out: shapes are read/)]);
  });
});

describe('a command that makes no sense', () => {
  it.each<[string[], string]>([
    [['--box', '1,2,3'], '--box must be X,Y,WIDTH,HEIGHT, in pixels or per cent; got 1,2,3'],
    [['--box', '1,2,3,-4'], '--box must be X,Y,WIDTH,HEIGHT'],
    [['--box', 'x'], '--box must be X,Y,WIDTH,HEIGHT'],
    [['--polygon', '1,2', '3,4'], '--polygon must be three points or more, X,Y each, in pixels or per cent; got 1,2 3,4'],
    [['--polygon'], '--polygon needs a value'],
    [['mask.png', '--box', '1,2,3,4'], 'a mask (mask.png), or --box, --polygon and --shapes: not both'],
  ])('%j is refused', (args, message) => {
    expect(() => commandOf(['photo.png', ...args, '-o', 'out.png'])).toThrow(UsageError);
    expect(() => commandOf(['photo.png', ...args, '-o', 'out.png'])).toThrow(message);
  });

  it.each<[string, string | undefined, RegExp]>([
    ['none.json', undefined, /none\.json can't be read/],
    ['folder.json', '', /folder\.json can't be read: it is no plain file/],
    ['words.json', 'words', /words\.json must be JSON, or an SVG: /],
    ['deep.json', '['.repeat(200_000) + ']'.repeat(200_000), /deep\.json(\[0\] must be a shape| must be JSON)/],
    ['shape.json', '[{"box": [1, 2, 3, null]}]', /shape\.json\[0\]\.box\[3\] must be a number from 0 to 10000000, got null/],
  ])('a file of shapes that is none, %s', async (name, text, message) => {
    const folder = filled(['photo.png'], text ? { [name]: text } : {});
    if (text === '') mkdirSync(join(folder, name));
    const { code, masks, errors } = await masksOf([join(folder, 'photo.png'), '--shapes', join(folder, name), '-o', join(folder, 'out.png')]);
    expect([code, masks.length]).toEqual([1, 0]);
    expect(errors).toEqual([expect.stringMatching(message)]);
  });
});
