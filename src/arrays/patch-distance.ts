import { VectorMemory } from './vector-memory';

/**
 * Sum of squared differences of two patches plus `start`, or any value >= limit. The patches are given by the index of
 * their first value in the picture.
 */
export type PatchDistance = (a: number, b: number, start: number, limit: number) => number;

/** The distance for patches of `rows` rows of `run` values each, `stride` values apart, in a picture that must not change any more. */
export function patchDistance(picture: Float32Array, stride: number, run: number, rows: number): PatchDistance {
  return vectorDistance(picture, stride, run, rows) ?? plainDistance(picture, stride, run, rows);
}

/** In plain JavaScript. */
export function plainDistance(picture: Float32Array, stride: number, run: number, rows: number): PatchDistance {
  return (a, b, start, limit) => {
    let sum = start;
    for (let row = 0; row < rows && sum < limit; row++) {
      const p = a + row * stride;
      const q = b + row * stride;
      for (let i = 0; i < run; i++) {
        const d = picture[p + i] - picture[q + i];
        sum += d * d;
      }
    }
    return sum;
  };
}

/** In WebAssembly, four values at a time; none where that is not allowed or not known. */
export function vectorDistance(picture: Float32Array, stride: number, run: number, rows: number): PatchDistance | undefined {
  const memory = VectorMemory.open(picture.byteLength);
  if (!memory) return undefined;
  const { distance } = memory.functions;
  const from = memory.place(picture);
  return (a, b, start, limit) => distance(from + 4 * a, from + 4 * b, 4 * stride, run, rows, start, limit);
}
