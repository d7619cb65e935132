import { patchDistance } from './patch-distance';
import { placesOf } from './places';
import { randomIntegers } from './random';

/** What the search is given. All arrays are row-major. */
export interface PatchSearch {
  height: number;
  width: number;
  channels: number;
  /** [height, width, channels]: what patches are compared by. */
  features: Float32Array;
  /** [height, width]: > 0 where a patch centre may be taken as source. */
  sources: ArrayLike<number>;
  /** [height, width]: > 0 where a nearest patch is asked for. */
  queries: ArrayLike<number>;
  /** [height, width, 2]: where to start; an offset that leads to no source is replaced by a random one. */
  offsets: ArrayLike<number>;
  patchSize: number;
  iterations: number;
  /** The random search starts with this reach, in pixels, and halves it. */
  searchRadius: number;
  /** Added to the distance: penalty * (offset / size)^2, for rows and columns. */
  rowPenalty: number;
  columnPenalty: number;
  seed: number;
}

/** Copies an image into a larger one whose border repeats the edge, so that patches may hang over it. */
function padByEdge(source: Float32Array, height: number, width: number, channels: number, margin: number): Float32Array {
  const stride = (width + 2 * margin) * channels;
  const out = new Float32Array((height + 2 * margin) * stride);
  for (let y = 0; y < height + 2 * margin; y++) {
    const from = Math.min(Math.max(y - margin, 0), height - 1) * width * channels;
    const row = y * stride;
    out.set(source.subarray(from, from + width * channels), row + margin * channels);
    for (let i = 0; i < margin * channels; i++) {
      out[row + i] = source[from + (i % channels)];
      out[row + (margin + width) * channels + i] = source[from + (width - 1) * channels + (i % channels)];
    }
  }
  return out;
}

/**
 * PatchMatch (Barnes et al. 2009): sweeps that take over the neighbours' offsets and try random places at halving
 * distances. Gives each query's offset to its best source and the mean over the patch of their squared difference.
 */
export function searchPatches(search: PatchSearch): { offsets: Int32Array; distances: Float32Array } {
  const { height, width, channels, sources, queries, patchSize, iterations, searchRadius } = search;
  const margin = patchSize >> 1;
  const area = patchSize * patchSize;
  const padded = padByEdge(search.features, height, width, channels, margin);
  const stride = (width + 2 * margin) * channels;
  const random = randomIntegers(search.seed);
  const offsets = new Int32Array(height * width * 2);
  const distances = new Float32Array(height * width);
  const rowPenalty = (search.rowPenalty * area) / (height * height);
  const columnPenalty = (search.columnPenalty * area) / (width * width);

  // Lists of the few pixels that matter; the hole is a small part of the picture.
  const queryList = placesOf(queries);
  const sourceList = placesOf(sources);
  if (sourceList.length === 0) {
    for (const p of queryList) distances[p] = Number.POSITIVE_INFINITY;
    return { offsets, distances };
  }

  // The padded picture's pixel (y, x) is the top left corner of the patch centred on (y, x).
  const measure = patchDistance(padded, stride, patchSize * channels, patchSize);
  const distance = (y: number, x: number, sy: number, sx: number, limit: number): number => {
    const penalty = rowPenalty * (sy - y) * (sy - y) + columnPenalty * (sx - x) * (sx - x);
    return measure(y * stride + x * channels, sy * stride + sx * channels, penalty, limit);
  };

  for (const p of queryList) {
    const y = (p / width) | 0;
    const x = p - y * width;
    let sy = y + search.offsets[2 * p];
    let sx = x + search.offsets[2 * p + 1];
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || !(sources[sy * width + sx] > 0)) {
      const s = sourceList[random() % sourceList.length];
      sy = (s / width) | 0;
      sx = s - sy * width;
    }
    offsets[2 * p] = sy - y;
    offsets[2 * p + 1] = sx - x;
    distances[p] = distance(y, x, sy, sx, Number.POSITIVE_INFINITY);
  }

  // The query at hand and its best source stand outside the loops: one closure for all makes the search 1.2 times as fast.
  let [y, x, best, bestY, bestX] = [0, 0, 0, 0, 0];
  const attempt = (sy: number, sx: number) => {
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || !(sources[sy * width + sx] > 0) || (sy === bestY && sx === bestX)) return;
    const d = distance(y, x, sy, sx, best);
    if (d < best) {
      best = d;
      bestY = sy;
      bestX = sx;
    }
  };
  for (let iteration = 0; iteration < iterations; iteration++) {
    const forward = iteration % 2 === 0;
    const step = forward ? -1 : 1;
    for (let n = 0; n < queryList.length; n++) {
      const p = queryList[forward ? n : queryList.length - 1 - n];
      y = (p / width) | 0;
      x = p - y * width;
      best = distances[p];
      bestY = y + offsets[2 * p];
      bestX = x + offsets[2 * p + 1];
      if (x + step >= 0 && x + step < width && queries[p + step] > 0) attempt(y + offsets[2 * (p + step)], x + offsets[2 * (p + step) + 1]);
      const q = p + step * width;
      if (y + step >= 0 && y + step < height && queries[q] > 0) attempt(y + offsets[2 * q], x + offsets[2 * q + 1]);
      for (let reach = searchRadius; reach >= 1; reach >>= 1) {
        const span = 2 * reach + 1;
        attempt(bestY + (random() % span) - reach, bestX + (random() % span) - reach);
      }
      distances[p] = best;
      offsets[2 * p] = bestY - y;
      offsets[2 * p + 1] = bestX - x;
    }
  }
  for (const p of queryList) distances[p] /= area;
  return { offsets, distances };
}
