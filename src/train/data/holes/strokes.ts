import { between, normalFrom, type Random, wholeBetween } from '../random';
import { drawLine, emptyCanvas, type MaskCanvas, type Point } from './canvas';

/**
 * Free-form strokes, as of a brush that rubs something out: its pieces go to one side and the other of its direction by turns; joints are round.
 *
 * A stroke has 4 to 12 pieces of 12/256 to 40/256 of the side in width; a piece's length is normal with a mean of an eighth of the
 * diagonal; it lies 2 pi / 5 +- 2 pi / 15 off the stroke's direction. Source: Yu et al., Free-Form Image Inpainting with Gated Convolution
 * (arXiv 1806.03589), appendix.
 */
export function paintStrokes(random: Random, size: number): MaskCanvas {
  const canvas = emptyCanvas(size);
  const typical = (Math.SQRT2 * size) / 8;
  const strokes = wholeBetween(random, 1, 3);
  for (let stroke = 0; stroke < strokes; stroke++) {
    const pieces = wholeBetween(random, 4, 12);
    const radius = (between(random, 12, 40) / 256 / 2) * size;
    const direction = between(random, 0, 2 * Math.PI);
    let from: Point = [between(random, 0, size), between(random, 0, size)];
    for (let piece = 0; piece < pieces; piece++) {
      const turn = ((2 * Math.PI) / 5) * between(random, 2 / 3, 4 / 3);
      const angle = direction + (piece % 2 === 0 ? turn : -turn);
      const length = Math.min(2 * typical, Math.max(0, typical + (typical / 2) * normalFrom(random)));
      const inside = (value: number) => Math.min(size, Math.max(0, value));
      const to: Point = [inside(from[0] + length * Math.cos(angle)), inside(from[1] + length * Math.sin(angle))];
      drawLine(canvas, from, to, radius);
      from = to;
    }
  }
  return canvas;
}
