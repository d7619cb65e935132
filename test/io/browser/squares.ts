import { encodePicture } from '../../../src/io/browser';
import type { ColourDescription } from '../../../src/io/colour';
import { joined } from '../../../src/io/containers/bytes';
import { pngChunk } from '../../../src/io/containers/png';
import type { Picture } from '../../../src/picture';
import { bySharp } from './in-node';

// Files of flat squares whose colours are described in one way or another, and how a browser shows them.

/** The numbers of the squares' colours: what they look like is said beside them. */
export const COLOURS = [
  [255, 255, 255],
  [128, 128, 128],
  [200, 100, 50],
  [120, 140, 110],
  [60, 50, 70],
  [30, 34, 28],
  [10, 10, 10],
  [255, 0, 0],
  [0, 255, 0],
  [20, 30, 220],
];

/** A square of each colour, side by side. */
export function squares(channels: 1 | 3): Picture {
  const [width, height] = [16 * COLOURS.length, 16];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) data.set(COLOURS[((i % width) / 16) | 0].slice(0, channels), i * channels);
  return { width, height, channels, data };
}

const bytesIn = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

export async function pngWith(chunks: [string, Uint8Array][], channels: 1 | 3): Promise<Blob> {
  const file = await bytesIn(await encodePicture(squares(channels), { format: 'png' }));
  // The signature and the header chunk take 33 bytes; what describes colour follows them.
  return new Blob([joined([file.subarray(0, 33), ...chunks.map(([type, content]) => pngChunk(type, content)), file.subarray(33)])], { type: 'image/png' });
}

export const pngWithProfile = (icc: Uint8Array | undefined, channels: 1 | 3): Promise<Blob> =>
  encodePicture({ ...squares(channels), metadata: icc ? { icc } : {} }, { format: 'png' });

const avif = (async () => bytesIn(await bySharp(squares(3), ['avif', { lossless: true, chromaSubsampling: '4:4:4' }])))();

/** The AVIF with another box of code points. */
export async function avifWith(change: (stored: Uint8Array) => Uint8Array): Promise<Blob> {
  const file = Uint8Array.from(await avif);
  const at = file.findIndex((_, i) => 'nclx'.split('').every((character, j) => file[i + j] === character.charCodeAt(0)));
  file.set(change(file.slice(at, at + 11)), at);
  return new Blob([file], { type: 'image/avif' });
}

/** The squares' colours as they are shown, RGBA, on a canvas of a colour space. */
export async function shown(file: Blob | ImageBitmap, colorSpace: PredefinedColorSpace = 'srgb'): Promise<Uint8ClampedArray> {
  const bitmap = file instanceof Blob ? await createImageBitmap(file) : file;
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { colorSpace })!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 8, bitmap.width, 1);
  return data.filter((_, i) => ((i >> 2) & 15) === 8);
}

/** Code points as a PNG holds them. */
export const cicp = (primaries: number, transfer: number): ColourDescription => ({ codePoints: { primaries, transfer, matrix: 0, fullRange: true } });
/** Adobe RGB's. */
export const ADOBE: ColourDescription['chromaticities'] = { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] };
