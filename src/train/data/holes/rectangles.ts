import { type Random, wholeBetween } from '../random';
import { emptyCanvas, type MaskCanvas } from './canvas';

/** Makes a hole of whole pixels; what lies outside the canvas is cut off. */
export function drawRectangle({ size, data }: MaskCanvas, left: number, top: number, width: number, height: number): void {
  const [from, to] = [Math.max(0, left), Math.min(size, left + width)];
  for (let y = Math.max(0, top); y < Math.min(size, top + height) && from < to; y++) data.fill(1, y * size + from, y * size + to);
}

/** One to three rectangles, each side 1/10 to 1/2 of the picture's. */
export function paintRectangles(random: Random, size: number): MaskCanvas {
  const canvas = emptyCanvas(size);
  const rectangles = wholeBetween(random, 1, 3);
  for (let rectangle = 0; rectangle < rectangles; rectangle++) {
    const side = () => wholeBetween(random, Math.ceil(size / 10), Math.ceil(size / 2));
    const [width, height] = [side(), side()];
    drawRectangle(canvas, wholeBetween(random, 0, size - width), wholeBetween(random, 0, size - height), width, height);
  }
  return canvas;
}
