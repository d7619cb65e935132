import { placesOf } from '../../arrays/places';
import { VectorMemory } from '../../arrays/vector-memory';
import type { Level } from './pyramid';

// What a patch costs more for each squared pixel that it is centred further off.
const DISTANCE = 0.02;

/**
 * For each pixel of a patch that touches the hole, the offset of the one patch over it that fits best: a copy from one
 * place is crisp where a mean of many is not. Patches centred further off count as a little worse, so that of equals
 * the nearest wins.
 */
export const bestOffsets = (...found: Found): Int32Array => vectorBest(...found) ?? plainBest(...found);

type Found = [level: Pick<Level, 'height' | 'width' | 'queries'>, offsets: Int32Array, distances: Float32Array, patchSize: number];

/** In WebAssembly; none where that can't be had. */
export const vectorBest = (...[{ height, width, queries }, offsets, distances, patchSize]: Found): Int32Array | undefined =>
  VectorMemory.over([queries, offsets, distances], [8 * queries.length], (memory, [asked, found, costs], [out]) => {
    memory.functions.bestOffsets(asked, found, costs, height, width, patchSize, DISTANCE, out);
    return memory.integers(out, 2 * queries.length).slice();
  });

/** In plain JavaScript, and to be read first. */
export function plainBest(...[{ height, width, queries }, offsets, distances, patchSize]: Found): Int32Array {
  const margin = patchSize >> 1;
  const out = new Int32Array(height * width * 2);
  const bestAround = (p: number): number => {
    const y = (p / width) | 0;
    const x = p - y * width;
    let best = Number.POSITIVE_INFINITY;
    let from = p;
    for (let qy = Math.max(y - margin, 0); qy <= Math.min(y + margin, height - 1); qy++) {
      for (let qx = Math.max(x - margin, 0); qx <= Math.min(x + margin, width - 1); qx++) {
        const q = qy * width + qx;
        if (!queries[q]) continue;
        const sy = y + offsets[2 * q];
        const sx = x + offsets[2 * q + 1];
        if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
        const cost = distances[q] * (1 + DISTANCE * ((qy - y) * (qy - y) + (qx - x) * (qx - x)));
        if (cost < best) {
          best = cost;
          from = q;
        }
      }
    }
    return from;
  };
  for (const p of placesOf(queries)) {
    const from = bestAround(p);
    out[2 * p] = offsets[2 * from];
    out[2 * p + 1] = offsets[2 * from + 1];
  }
  return out;
}
