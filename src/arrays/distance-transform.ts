import { VectorMemory } from './vector-memory';

/**
 * The exact squared Euclidean distance of each pixel to the nearest marked one (Felzenszwalb and Huttenlocher 2012):
 * along the columns, and then along the rows by lower envelopes of parabolas. Infinity where nothing is marked.
 */
export const squaredDistances = (marked: ArrayLike<number>, height: number, width: number): Float32Array =>
  vectorDistances(marked, height, width) ?? plainDistances(marked, height, width);

/** In WebAssembly; none where that can't be had. */
export function vectorDistances(marked: ArrayLike<number>, height: number, width: number): Float32Array | undefined {
  const pixels = height * width;
  return VectorMemory.over([], [4 * pixels, 4 * pixels, 20 * width + 8], (memory, _, [marks, out, room]) => {
    memory.floats(marks, pixels).set(marked);
    memory.functions.squaredDistances(marks, height, width, out, room);
    return memory.floats(out, pixels).slice();
  });
}

/** In plain JavaScript, and to be read first. */
export function plainDistances(marked: ArrayLike<number>, height: number, width: number): Float32Array {
  const out = columnDistances(marked, height, width);
  const line = new Float64Array(width);
  const vertex = new Int32Array(width);
  const start = new Float64Array(width + 1);

  const isZero = (first: number) => {
    for (let i = 0; i < width; i++) if (out[first + i] > 0) return false;
    return true;
  };
  const transform = (first: number) => {
    if (isZero(first)) return;
    // Only finite parabolas take part: the difference of two infinite ones means nothing.
    let count = 0;
    for (let i = 0; i < width; i++) {
      const height = out[first + i];
      line[i] = height;
      if (height === Number.POSITIVE_INFINITY) continue;
      let cross = Number.NEGATIVE_INFINITY;
      while (count > 0) {
        const v = vertex[count - 1];
        cross = (height + i * i - line[v] - v * v) / (2 * (i - v));
        if (cross > start[count - 1]) break;
        count--;
        cross = Number.NEGATIVE_INFINITY;
      }
      vertex[count] = i;
      start[count] = cross;
      count++;
    }
    if (count === 0) return;
    for (let i = 0, k = 0; i < width; i++) {
      while (k + 1 < count && start[k + 1] < i) k++;
      const v = vertex[k];
      out[first + i] = (i - v) * (i - v) + line[v];
    }
  };
  for (let y = 0; y < height; y++) transform(y * width);
  return out;
}

/** Squares of the distances within each column: down, and up again, row by row as they lie in memory. */
function columnDistances(marked: ArrayLike<number>, height: number, width: number): Float32Array {
  const out = new Float32Array(height * width);
  const away = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      away[x] = marked[p] > 0 ? 0 : away[x] + 1;
      out[p] = away[x];
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0, p = y * width; x < width; x++, p++) {
      away[x] = Math.min(out[p], away[x] + 1);
      out[p] = away[x] * away[x];
    }
  }
  return out;
}
