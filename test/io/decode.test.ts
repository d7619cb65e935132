import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { readMask, readPicture } from '../../src/io/node';
import type { Picture } from '../../src/picture';
import { expectSamePixels, noise, pipeline, temporaryFolder } from './support';

const folder = temporaryFolder();
const grey = noise(61, 47, 2);
const colours = noise(61, 47, 4);
const sixteen = (channels: 2 | 4): Picture => {
  const bytes = noise(61, 47 * 2, channels).data as Uint8Array;
  return { width: 61, height: 47, channels, data: new Uint16Array(new Uint8Array(bytes).buffer) };
};
const turned = pipeline(colours).withMetadata({ orientation: 6 });

/** Files with alpha of every kind that comes in. */
const files: [string, Sharp][] = [
  ['PNG, grey and alpha', pipeline(grey).png()],
  ['PNG, RGBA', pipeline(colours).png()],
  ['PNG, grey and alpha of 16 bits', pipeline(sixteen(2)).png()],
  ['PNG, RGBA of 16 bits', pipeline(sixteen(4)).png()],
  ['PNG, palette with alpha', pipeline(colours).png({ palette: true, colours: 100 })],
  ['PNG, palette of two colours with alpha', pipeline(colours).png({ palette: true, colours: 2 })],
  ['WebP', pipeline(colours).webp({ lossless: true })],
  ['AVIF', pipeline(colours).avif({ lossless: true, effort: 0 })],
  ['AVIF of 12 bits', pipeline(sixteen(4)).avif({ bitdepth: 12, effort: 0 })],
  ['TIFF, grey and alpha', pipeline(grey).tiff({ compression: 'lzw' })],
  ['TIFF, grey and alpha of 16 bits', pipeline(sixteen(2)).tiff({ compression: 'lzw' })],
  ['TIFF, RGBA of 16 bits', pipeline(sixteen(4)).tiff({ compression: 'lzw' })],
  ['GIF', pipeline(colours).gif()],
  ['PNG, RGBA, lying on its side', turned.clone().png()],
  ['WebP, lying on its side', turned.clone().webp({ lossless: true })],
];

/** The high bytes of 16-bit grey and alpha: what a mask is said to be. */
async function highBytes(file: Buffer): Promise<Picture> {
  const { data, info } = await sharp(file, { ignoreIcc: true, autoOrient: true })
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const high = new Uint8Array(data.length / 2);
  for (let i = 0; i < high.length; i++) high[i] = data.readUInt16LE(2 * i) >> 8;
  return { width: info.width, height: info.height, channels: 2, data: high };
}

it.each(files)('a mask with alpha has the high bytes of its 16-bit luminance and alpha: %s', async (_, encoder) => {
  const file = await encoder.toBuffer();
  const wanted = await highBytes(file);
  const mask = await readMask(file);
  expect([mask.width, mask.height, mask.channels]).toEqual([wanted.width, wanted.height, 2]);
  expect(mask.data).toBeInstanceOf(Uint8Array);
  expectSamePixels(mask.data, wanted.data);
});

it("8-bit grey and alpha are the file's own bytes, of masks and of pictures", async () => {
  const file = await pipeline(grey).png().toBuffer();
  expectSamePixels((await readMask(file)).data, grey.data);
  const picture = await readPicture(file);
  expect([picture.channels, picture.data.length]).toEqual([2, grey.data.length]);
  expectSamePixels(picture.data, grey.data);
});

it('16-bit grey and alpha are the high bytes of the file', async () => {
  const deep = sixteen(2);
  const mask = await readMask(await pipeline(deep).png().toBuffer());
  expectSamePixels(mask.data, new Uint8Array(deep.data.map((value) => value >> 8)));
});

it('a mask with alpha of 16 megapixels needs next to nothing of the JavaScript heap', async () => {
  const mask = join(folder, 'mask.png');
  await sharp({ create: { width: 4096, height: 4096, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0.5 } } })
    .png({ compressionLevel: 1 })
    .toFile(mask);
  const script = `
    import { readMask, readPicture } from './src/io/read.ts';
    const { width, height, channels, data } = await readMask(${JSON.stringify(mask)});
    console.log(JSON.stringify([width, height, channels, data.length, data[0], data[1], data.at(-1)]));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--max-old-space-size=100', '--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual([4096, 4096, 2, 2 ** 25, 255, 128, 128]);
});
