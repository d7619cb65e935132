import { placesOf } from './places';
import { VectorMemory } from './vector-memory';

/** What the vote is given. All arrays are row-major. */
export interface PatchVotes {
  height: number;
  width: number;
  channels: number;
  /** [height, width, channels] */
  features: Float32Array;
  /** [height, width, 2] */
  offsets: ArrayLike<number>;
  /** [height, width]: how much each query's patch counts; 0 where there is no query. */
  weights: ArrayLike<number>;
  /** [height, width]: > 0 where the picture is rebuilt. */
  hole: ArrayLike<number>;
  patchSize: number;
}

/**
 * Rebuilds each hole pixel as the weighted mean of what the patches over it bring from their sources. A hole pixel that
 * no patch covers stays as it is.
 */
export function votePatches(votes: PatchVotes): Float32Array {
  return vectorVotes(votes) ?? plainVotes(votes);
}

/** In WebAssembly, four channels at a time; none where that can't be had. */
export function vectorVotes({ height, width, channels, patchSize, ...votes }: PatchVotes): Float32Array | undefined {
  const list = placesOf(votes.hole);
  const pixels = height * width;
  const { byteLength, length } = votes.features;
  // Eight channels are read at a time, beyond the last pixel's.
  const memory = VectorMemory.open(byteLength, 32, list.byteLength, 8 * pixels, 4 * pixels, byteLength);
  if (!memory) return undefined;
  const features = memory.place(votes.features);
  memory.reserve(32);
  const places = memory.place(list);
  const offsets = memory.reserve(8 * pixels);
  const weights = memory.reserve(4 * pixels);
  const out = memory.place(votes.features);
  memory.integers(offsets, 2 * pixels).set(votes.offsets);
  memory.floats(weights, pixels).set(votes.weights);
  memory.functions.votePatches(features, height, width, channels, patchSize, places, list.length, offsets, weights, out);
  return memory.floats(out, length).slice();
}

/** In plain JavaScript, and to be read first. */
export function plainVotes({ height, width, channels, features, offsets, weights, hole, patchSize }: PatchVotes): Float32Array {
  const out = features.slice();
  const margin = patchSize >> 1;
  const sums = new Float64Array(channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (!(hole[p] > 0)) continue;
      sums.fill(0);
      let total = 0;
      const right = Math.min(x + margin, width - 1);
      for (let qy = Math.max(y - margin, 0); qy <= Math.min(y + margin, height - 1); qy++) {
        for (let qx = Math.max(x - margin, 0); qx <= right; qx++) {
          const q = qy * width + qx;
          const weight = weights[q];
          if (!(weight > 0)) continue;
          const sy = y + offsets[2 * q];
          const sx = x + offsets[2 * q + 1];
          // A query's patch may hang over the border where its source does not.
          if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
          total += weight;
          const s = (sy * width + sx) * channels;
          for (let c = 0; c < channels; c++) sums[c] += weight * features[s + c];
        }
      }
      if (total > 0) for (let c = 0; c < channels; c++) out[p * channels + c] = sums[c] / total;
    }
  }
  return out;
}
