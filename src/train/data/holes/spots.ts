import { between, normalFrom, type Random, wholeBetween } from '../random';
import { drawPolygon, emptyCanvas, type MaskCanvas, type Point } from './canvas';
import { blob } from './shapes';

/** Spots: dust, mould and stains. Many small and few large, with uneven outlines, some in clusters. */
export function paintSpots(random: Random, size: number): MaskCanvas {
  const canvas = emptyCanvas(size);
  const clusters = Array.from({ length: wholeBetween(random, 1, 3) }, (): Point => [between(random, 0, size), between(random, 0, size)]);
  const spots = wholeBetween(random, 12, 60);
  for (let spot = 0; spot < spots; spot++) {
    const [x, y] = clusters[wholeBetween(random, 0, clusters.length - 1)];
    const spread = 0.1 * size;
    const at: Point =
      random() < 0.5 ? [x + spread * normalFrom(random), y + spread * normalFrom(random)] : [between(random, 0, size), between(random, 0, size)];
    const radius = Math.min(0.09 * size, Math.max(0.8, 0.009 * size * Math.exp(0.75 * normalFrom(random))));
    drawPolygon(canvas, blob(random, at, radius, 0.3, between(random, 0.8, 1.25)));
  }
  return canvas;
}
