import * as tf from '@tensorflow/tfjs-core';
import { seeded } from './values';

/** A picture as plain numbers, row-major. */
export interface PlainPicture {
  height: number;
  width: number;
  channels: number;
  values: Float32Array;
}

const clamp = (x: number, size: number) => Math.min(Math.max(x, 0), size - 1);

/** Smooth waves with some grain: a texture whose patches resemble others more or less. */
export function texture(seed: number, height: number, width: number, channels: number, grainAmount = 0.2): PlainPicture {
  const grain = seeded(seed, height * width * channels);
  const values = grain.map((g, i) => {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return 0.4 * Math.sin(x * (0.7 + 0.2 * c) + seed) + 0.4 * Math.cos(y * 0.5 + x * 0.1 * c) + grainAmount * g;
  });
  return { height, width, channels, values };
}

/** A mask from a rule, 1 where it holds. */
export const maskOf = (height: number, width: number, rule: (y: number, x: number) => boolean) =>
  Float32Array.from({ length: height * width }, (_, p) => (rule(Math.floor(p / width), p % width) ? 1 : 0));

/** The distance of two patches, in float64: the mean over the (known) pixels, edges repeated, plus the penalty. */
export function patchDistance(
  { height, width, channels, values }: PlainPicture,
  [qy, qx]: [number, number],
  [sy, sx]: [number, number],
  patchSize: number,
  penalty: [number, number] = [0, 0],
  known?: ArrayLike<number>,
): number {
  const margin = (patchSize - 1) / 2;
  let sum = 0;
  let count = 0;
  for (let dy = -margin; dy <= margin; dy++) {
    for (let dx = -margin; dx <= margin; dx++) {
      const inside = qy + dy >= 0 && qx + dx >= 0 && qy + dy < height && qx + dx < width;
      if (known && !(inside && known[(qy + dy) * width + qx + dx]! > 0)) continue;
      count++;
      for (let c = 0; c < channels; c++) {
        const a = values[(clamp(qy + dy, height) * width + clamp(qx + dx, width)) * channels + c]!;
        const b = values[(clamp(sy + dy, height) * width + clamp(sx + dx, width)) * channels + c]!;
        sum += (a - b) ** 2;
      }
    }
  }
  return sum / count + penalty[0] * ((sy - qy) / height) ** 2 + penalty[1] * ((sx - qx) / width) ** 2;
}

/** The least distance of each query to any source, in float64; 0 where there is no query. */
export function leastDistances(
  picture: PlainPicture,
  sources: ArrayLike<number>,
  queries: ArrayLike<number>,
  patchSize: number,
  penalty?: [number, number],
  known?: ArrayLike<number>,
): number[] {
  const { width } = picture;
  return Array.from(queries, (asked, q) => {
    if (!(asked > 0)) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let s = 0; s < sources.length; s++) {
      if (!(sources[s]! > 0)) continue;
      const d = patchDistance(picture, [Math.floor(q / width), q % width], [Math.floor(s / width), s % width], patchSize, penalty, known);
      if (d < least) least = d;
    }
    return least;
  });
}

/** The distances, in float64, of the patches that a field of offsets leads to; 0 where there is no query. */
export function fieldDistances(
  picture: PlainPicture,
  offsets: ArrayLike<number>,
  queries: ArrayLike<number>,
  patchSize: number,
  penalty?: [number, number],
  known?: ArrayLike<number>,
): number[] {
  const { width } = picture;
  return Array.from(queries, (asked, q) => {
    if (!(asked > 0)) return 0;
    const [y, x] = [Math.floor(q / width), q % width];
    return patchDistance(picture, [y, x], [y + offsets[2 * q]!, x + offsets[2 * q + 1]!], patchSize, penalty, known);
  });
}

/** Runs `f` as on a backend that a kernel of ours is not registered for. */
export function withoutKernel<T>(kernelName: string, f: () => T): T {
  const kernel = tf.getKernel(kernelName, tf.getBackend());
  if (!kernel) throw new Error(`no kernel ${kernelName} on ${tf.getBackend()}`);
  tf.unregisterKernel(kernelName, tf.getBackend());
  try {
    return f();
  } finally {
    tf.registerKernel(kernel);
  }
}
