import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandsOf, installExamples, run } from './example-projects';

let root: string;
beforeAll(() => {
  root = installExamples(['node-script', 'custom-pipeline', 'own-generator']);
});
afterAll(() => {
  if (root) rmSync(root, { recursive: true, force: true });
});

const sample = (name: string) => resolve('examples/sample', name);
const pixelsOf = async (path: string) => {
  const { data, info } = await sharp(path).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
};

interface Comparison {
  size: [number, number];
  /** Mean difference of bytes inside the mask. */
  inside: number;
  /** The largest difference further than `reach` pixels from the mask. */
  outside: number;
}

/** Compares two pictures inside a mask, and beyond a distance from it. */
async function compare(path: string, otherPath: string, maskPath: string, reach: number): Promise<Comparison> {
  const [picture, other] = [await pixelsOf(path), await pixelsOf(otherPath)];
  const mask = await sharp(maskPath).greyscale().raw().toBuffer();
  const { width, height } = picture;
  // Square reach: first along rows, then along columns.
  const spread = (from: Uint8Array, step: number) =>
    from.map((_, p) => Math.max(...Array.from({ length: 2 * reach + 1 }, (_, k) => from[p + (k - reach) * step] ?? 0)));
  const near = spread(spread(mask, 1), width);
  let [sum, count, outside] = [0, 0, 0];
  for (let i = 0; i < picture.data.length; i++) {
    const difference = Math.abs(picture.data[i]! - other.data[i]!);
    const p = Math.floor(i / 3);
    if (mask[p]! > 200) {
      sum += difference;
      count++;
    }
    if (near[p] === 0) outside = Math.max(outside, difference);
  }
  return { size: [width, height], inside: sum / count, outside };
}

describe('node-script', () => {
  it('does what its README says, and leaves all else as it was', async () => {
    const [command] = commandsOf('node-script');
    const { code, stdout, stderr } = await run(command!.replace('out.jpg', 'out.png'), join(root, 'node-script'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^backend .* s\nread .* s\nplan .* s\nlow-resolution .* s\nfill .* s\ndetail .* s\ncomposite .* s\nwrite .* s\nout\.png: 640 x 492, \d+\.\d\d s in all\n$/,
    );
    const { size, inside, outside } = await compare(join(root, 'node-script/out.png'), sample('photo.jpg'), sample('mask.png'), 12);
    expect(size).toEqual([640, 492]);
    expect(inside).toBeGreaterThan(40);
    expect(outside).toBe(0);
    expect((await run(command!, join(root, 'node-script'))).code).toBe(0);
    expect(await sharp(join(root, 'node-script/out.jpg')).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 492 });
  });

  it('says what is wrong with a file by its code', async () => {
    const project = join(root, 'node-script');
    writeFileSync(join(project, 'short.jpg'), readFileSync(sample('photo.jpg')).subarray(0, 20_000));
    expect(await run('node remove.js short.jpg ../sample/mask.png out.png', project)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^damaged: .*short\.jpg/),
    });
  });
});

describe('custom-pipeline', () => {
  it('removes the mark, and writes every stage', async () => {
    const [command] = commandsOf('custom-pipeline');
    const { code, stderr } = await run(command!, join(root, 'custom-pipeline'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const out = join(root, 'custom-pipeline/out');
    expect(readdirSync(out).sort()).toEqual(['1-hole.png', '2-low.png', '3-filled.png', '4-copied-from.png', '5-fill.png', '6-result.png', 'result.png']);
    const untouched = await compare(join(out, 'result.png'), sample('watermarked.jpg'), sample('watermark.png'), 8);
    expect(untouched.outside).toBe(0);
    // The photo without the mark is known. It was compressed anew with the mark on it, which alone makes some difference.
    const before = await compare(sample('watermarked.jpg'), sample('photo.jpg'), sample('watermark.png'), 8);
    const after = await compare(join(out, 'result.png'), sample('photo.jpg'), sample('watermark.png'), 8);
    expect(before.inside).toBeGreaterThan(50);
    expect(after.inside).toBeLessThan(15);
    // Where nothing is copied, the picture of the offsets is white; over the mark it is coloured.
    const flow = await pixelsOf(join(out, '4-copied-from.png'));
    expect(Array.from(flow.data.subarray(0, 3))).toEqual([255, 255, 255]);
    expect(new Set(flow.data).size).toBeGreaterThan(50);
  });
});

describe('own-generator', () => {
  it('fills with MI-GAN, as its README says', async () => {
    const [command] = commandsOf('own-generator');
    const { code, stderr } = await run(command!.replace('out.jpg', 'out.png'), join(root, 'own-generator'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { size, inside, outside } = await compare(join(root, 'own-generator/out.png'), sample('photo.jpg'), sample('mask.png'), 12);
    expect(size).toEqual([640, 492]);
    expect(inside).toBeGreaterThan(40);
    expect(outside).toBe(0);
    // The house is gone: where its dark wall was, above the ground, there is bright sky.
    const { data, width } = await pixelsOf(join(root, 'own-generator/out.png'));
    for (const [x, y] of [
      [400, 180],
      [480, 200],
      [560, 220],
    ])
      expect(data[3 * (y! * width + x!)]).toBeGreaterThan(170);
  });

  it('fills with a network of numbers in 0..1', async () => {
    const network = resolve('test/fixtures/examples/mean-colour.onnx');
    const command = commandsOf('own-generator')[1]!.replace('out.jpg', 'mean.png').replace('network.onnx', network);
    expect(await run(command, join(root, 'own-generator'))).toMatchObject({ code: 0, stderr: '' });
    const { outside } = await compare(join(root, 'own-generator/mean.png'), sample('photo.jpg'), sample('mask.png'), 12);
    expect(outside).toBe(0);
    // The mean of the photo without the house, which is what this network fills with, give or take the detail that is added.
    const known = await meanOf(sample('photo.jpg'), (mark) => mark < 10);
    const filled = await meanOf(join(root, 'own-generator/mean.png'), (mark) => mark > 245);
    for (let c = 0; c < 3; c++) expect(Math.abs(filled[c]! - known[c]!)).toBeLessThan(8);
  });

  async function meanOf(path: string, takes: (mark: number) => boolean): Promise<number[]> {
    const { data } = await pixelsOf(path);
    const mask = await sharp(sample('mask.png')).greyscale().raw().toBuffer();
    const pixels = Array.from(mask.keys()).filter((p) => takes(mask[p]!));
    return [0, 1, 2].map((c) => pixels.reduce((sum, p) => sum + data[3 * p + c]!, 0) / pixels.length);
  }
});

describe.each(['node-script', 'custom-pipeline', 'own-generator'])('%s', (name) => {
  it('without arguments says how it is used', async () => {
    const program = commandsOf(name)[0]!.split(' ')[1]!;
    const { code, stderr } = await run(`node ${program}`, join(root, name));
    expect(code).not.toBe(0);
    expect(stderr).toContain(`usage: node ${program} PHOTO MASK `);
  });
});

it('the table of examples names every folder', () => {
  const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory() && !['masks', 'sample'].includes(entry.name));
  const table = readFileSync('examples/README.md', 'utf8');
  expect(folders.map(({ name }) => name).filter((name) => !table.includes(`| [\`${name}\`](${name}) |`))).toEqual([]);
});
