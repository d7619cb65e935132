import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Case, Pixels } from './cases';
import { type Box, cut, holeBox } from './geometry';
import { writePng } from './methods/process';

/** The hole's box with some surroundings, at most `side` pixels wide and high, about its middle. */
function cropBox({ hole }: Case, side: number): Box {
  const box = holeBox(hole, 60);
  const shorten = (start: number, length: number): [number, number] => (length <= side ? [start, length] : [Math.round(start + (length - side) / 2), side]);
  const [[left, width], [top, height]] = [shorten(box.left, box.width), shorten(box.top, box.height)];
  return { left, top, width, height };
}

/** The names of a result's pictures: the whole, and what is seen at the hole. */
export function looksOf(name: string, method: string): { whole: string; crop: string } {
  const stem = `${name}-${method.replaceAll(' ', '-')}`;
  return { whole: `${stem}.png`, crop: `${stem}-crop.png` };
}

/** Writes the result, and beside each other at 1:1 the input, the result and the truth at the hole. */
export async function writeLooks(folder: string, which: Case, method: string, result: Pixels): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { whole, crop } = looksOf(which.name, method);
  await writePng(result, join(folder, whole));
  const box = cropBox(which, 900);
  const tiles = await Promise.all(
    [which.input, result, which.truth].map(async (pixels, i) => ({
      input: Buffer.from(cut(pixels, box).data),
      raw: { width: box.width, height: box.height, channels: 3 as const },
      left: i * (box.width + 8),
      top: 0,
    })),
  );
  await sharp({ create: { width: 3 * box.width + 16, height: box.height, channels: 3, background: '#fff' } })
    .composite(tiles)
    .png()
    .toFile(join(folder, crop));
}
