import { between, type Random, wholeBetween } from '../random';
import { drawPolygon, emptyCanvas, type MaskCanvas } from './canvas';
import { drawRectangle } from './rectangles';
import { blob, borderPoint } from './shapes';

/** Holes that touch the border: a strip along one side, or one to three shapes that reach over it. */
export function paintBorder(random: Random, size: number): MaskCanvas {
  const canvas = emptyCanvas(size);
  if (random() < 0.3) {
    const thick = wholeBetween(random, Math.ceil(0.04 * size), Math.ceil(0.3 * size));
    const [side, far] = [wholeBetween(random, 0, 3), size - thick];
    if (side % 2 === 0) drawRectangle(canvas, 0, side === 0 ? 0 : far, size, thick);
    else drawRectangle(canvas, side === 3 ? 0 : far, 0, thick, size);
    return canvas;
  }
  const shapes = wholeBetween(random, 1, 3);
  for (let shape = 0; shape < shapes; shape++) {
    const at = borderPoint(size, between(random, 0, 4));
    drawPolygon(canvas, blob(random, at, size * between(random, 0.08, 0.26), 0.35, between(random, 0.7, 1.4)));
  }
  return canvas;
}
