import { VectorMemory } from '../../arrays/vector-memory';

/** What is halved. */
export interface Halved {
  height: number;
  width: number;
  /** [height, width, channels] */
  features: Float32Array;
  /** [height, width], as the others: 1 in the hole. */
  hole: Float32Array;
  /** 1 where a pixel must not be copied; the hole itself where that is all. */
  barred: Float32Array;
  /** How much of a pixel is strange. */
  strange: Float32Array;
}

/** 2 x 2 pixels become one, the mean of the known ones; it is hole, or barred, if any of them is. */
export const halved = (picture: Halved): Halved => vectorHalved(picture) ?? plainHalved(picture);

/** In WebAssembly; none where that can't be had. */
export function vectorHalved({ height, width, features, hole, barred, strange }: Halved): Halved | undefined {
  const channels = features.length / hole.length;
  const [h, w] = [(height + 1) >> 1, (width + 1) >> 1];
  const rooms = [4 * h * w * channels, 4 * h * w, 4 * h * w, 4 * h * w];
  return VectorMemory.over([features, strange, hole, ...(barred === hole ? [] : [barred])], rooms, (memory, given, [small, ...marks]) => {
    const [smallHole, smallStrange, smallBarred] = barred === hole ? [marks[0], marks[1], marks[0]] : marks;
    const [picture, strangers, unknown, kept = unknown] = given;
    memory.functions.halve(picture, unknown, kept, strangers, height, width, channels, small, smallHole, smallBarred, smallStrange);
    const read = (at: number) => memory.floats(at, h * w).slice();
    const holes = read(smallHole);
    const which = { hole: holes, barred: barred === hole ? holes : read(smallBarred), strange: read(smallStrange) };
    return { height: h, width: w, features: memory.floats(small, h * w * channels).slice(), ...which };
  });
}

/** In plain JavaScript, and to be read first. */
export function plainHalved({ features, hole, barred, height, width, strange }: Halved): Halved {
  const channels = features.length / hole.length;
  const h = (height + 1) >> 1;
  const w = (width + 1) >> 1;
  const small = new Float32Array(h * w * channels);
  const smallHole = new Float32Array(h * w);
  const smallBarred = barred === hole ? smallHole : new Float32Array(h * w);
  const smallStrange = new Float32Array(h * w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const o = y * w + x;
      let count = 0;
      for (let yy = 2 * y; yy < Math.min(2 * y + 2, height); yy++) {
        for (let xx = 2 * x; xx < Math.min(2 * x + 2, width); xx++) {
          const p = yy * width + xx;
          if (barred[p]) smallBarred[o] = 1;
          if (hole[p]) {
            smallHole[o] = 1;
            continue;
          }
          count++;
          smallStrange[o] += strange[p] / 4;
          for (let c = 0; c < channels; c++) small[o * channels + c] += features[p * channels + c];
        }
      }
      if (count > 1) for (let c = 0; c < channels; c++) small[o * channels + c] /= count;
    }
  }
  return { height: h, width: w, features: small, hole: smallHole, barred: smallBarred, strange: smallStrange };
}
