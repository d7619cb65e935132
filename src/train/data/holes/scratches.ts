import { between, normalFrom, type Random, wholeBetween } from '../random';
import { drawLine, emptyCanvas, type MaskCanvas, type Point } from './canvas';

/** Scratches: long thin lines, most of them in about one direction, faintly bent, of changing width, here and there interrupted. */
export function paintScratches(random: Random, size: number): MaskCanvas {
  const canvas = emptyCanvas(size);
  const common = between(random, 0, Math.PI);
  const scratches = wholeBetween(random, 4, 14);
  for (let scratch = 0; scratch < scratches; scratch++) {
    let angle = random() < 0.75 ? common + 0.12 * normalFrom(random) : between(random, 0, Math.PI);
    const length = size * between(random, 0.15, 1.1);
    const radius = Math.max(0.7, (size / 512) * between(random, 0.7, 2.4));
    const pieces = wholeBetween(random, 8, 20);
    const bend = (0.4 * normalFrom(random)) / pieces;
    let from: Point = [between(random, 0, size) - (length / 2) * Math.cos(angle), between(random, 0, size) - (length / 2) * Math.sin(angle)];
    let [before, drawn] = [radius / 2, true];
    for (let piece = 0; piece < pieces; piece++) {
      angle += bend + 0.03 * normalFrom(random);
      const to: Point = [from[0] + (length / pieces) * Math.cos(angle), from[1] + (length / pieces) * Math.sin(angle)];
      const wide = Math.max(0.6, radius * between(random, 0.5, 1.3));
      // An interruption is rare, and lasts a piece or two.
      drawn = random() < (drawn ? 0.92 : 0.6);
      if (drawn) drawLine(canvas, from, to, before, wide);
      [from, before] = [to, wide];
    }
  }
  return canvas;
}
