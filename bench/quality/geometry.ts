import type { Pixels } from './cases';
import type { Hole } from './shapes';

/** A rectangle of pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The hole's bounding box, widened by `margin` and cut at the picture's edges. */
export function holeBox({ width, height, data }: Hole, margin = 0): Box {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  left = Math.max(0, left - margin);
  top = Math.max(0, top - margin);
  return { left, top, width: Math.min(width, right + 1 + margin) - left, height: Math.min(height, bottom + 1 + margin) - top };
}

/** A rectangle cut out of interleaved pixels. */
export function cut<T extends Pixels | Hole>(picture: T, box: Box): T {
  const channels = picture.data.length / (picture.width * picture.height);
  const data = new Uint8Array(box.width * box.height * channels);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * picture.width + box.left) * channels;
    data.set(picture.data.subarray(start, start + box.width * channels), y * box.width * channels);
  }
  return { width: box.width, height: box.height, data } as T;
}

/** Exact distance in pixels of every pixel to the nearest pixel where `inside(i)` holds (two passes of lower envelopes, Felzenszwalb 2012). */
export function distanceTo(width: number, height: number, inside: (i: number) => boolean): Float32Array {
  const far = 1e12;
  const squared = new Float64Array(width * height);
  for (let i = 0; i < squared.length; i++) squared[i] = inside(i) ? 0 : far;
  const longest = Math.max(width, height);
  const [line, vertices, bounds] = [new Float64Array(longest), new Int32Array(longest), new Float64Array(longest + 1)];
  const pass = (start: number, step: number, length: number) => {
    for (let q = 0; q < length; q++) line[q] = squared[start + q * step];
    let k = 0;
    vertices[0] = 0;
    bounds[0] = -Infinity;
    bounds[1] = Infinity;
    for (let q = 1; q < length; q++) {
      let s: number;
      do {
        const v = vertices[k];
        s = (line[q] + q * q - line[v] - v * v) / (2 * q - 2 * v);
      } while (s <= bounds[k] && --k >= 0);
      vertices[++k] = q;
      bounds[k] = s;
      bounds[k + 1] = Infinity;
    }
    for (let q = 0, j = 0; q < length; q++) {
      while (bounds[j + 1] < q) j++;
      squared[start + q * step] = (q - vertices[j]) ** 2 + line[vertices[j]];
    }
  };
  for (let x = 0; x < width; x++) pass(x, width, height);
  for (let y = 0; y < height; y++) pass(y * width, 1, width);
  return Float32Array.from(squared, Math.sqrt);
}

/** Signed distance to the hole's edge, in pixels: 1, 2, .. outside, -1, -2, .. inside. */
export function signedDistance({ width, height, data }: Hole): Float32Array {
  const outside = distanceTo(width, height, (i) => data[i] === 1);
  const inside = distanceTo(width, height, (i) => data[i] === 0);
  return outside.map((d, i) => d - inside[i]);
}
