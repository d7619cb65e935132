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
  patchSize: number;
}

/**
 * Rebuilds each pixel with `hole` > 0 as the weighted mean of what the patches over it bring from their sources. A hole pixel that no
 * patch covers stays as it is.
 */
export function votePatches({ hole, ...votes }: PatchVotes & { hole: ArrayLike<number> }): Float32Array {
  const places = placesOf(hole);
  return rebuilt(votes.features, votes.channels, [votesAt(votes, places)], [places]);
}

/** The features with other values at lists of places. */
export function rebuilt(features: Float32Array, channels: number, values: readonly Float32Array[], lists: readonly Int32Array[]): Float32Array {
  const out = features.slice();
  for (const [n, places] of lists.entries()) {
    const from = values[n];
    for (let i = 0; i < places.length; i++) for (let c = 0; c < channels; c++) out[places[i] * channels + c] = from[i * channels + c];
  }
  return out;
}

/** [places, channels]: what the votes make of the pixels at these places. */
export function votesAt(votes: PatchVotes, places: Int32Array): Float32Array {
  return vectorVotes(votes, places) ?? plainVotes(votes, places);
}

/** In WebAssembly, eight channels at a time; none where that can't be had. */
export function vectorVotes({ height, width, channels, patchSize, ...votes }: PatchVotes, places: Int32Array): Float32Array | undefined {
  const pixels = height * width;
  const length = places.length * channels;
  // Eight channels are read at a time, beyond the last pixel's.
  const memory = VectorMemory.open(votes.features.byteLength, 32, places.byteLength, 8 * pixels, 4 * pixels, 4 * length);
  if (!memory) return undefined;
  const features = memory.place(votes.features);
  memory.room(32);
  const list = memory.place(places);
  const offsets = memory.room(8 * pixels);
  const weights = memory.room(4 * pixels);
  const out = memory.room(4 * length);
  memory.integers(offsets, 2 * pixels).set(votes.offsets);
  memory.floats(weights, pixels).set(votes.weights);
  memory.functions.votePatches(features, height, width, channels, patchSize, list, places.length, offsets, weights, out);
  const values = memory.floats(out, length).slice();
  memory.close();
  return values;
}

/** In plain JavaScript, and to be read first. */
export function plainVotes({ height, width, channels, features, offsets, weights, patchSize }: PatchVotes, places: Int32Array): Float32Array {
  const out = new Float32Array(places.length * channels);
  const margin = patchSize >> 1;
  const sums = new Float64Array(channels);
  places.forEach((p, i) => {
    const y = (p / width) | 0;
    const x = p - y * width;
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
    for (let c = 0; c < channels; c++) out[i * channels + c] = total > 0 ? sums[c] / total : features[p * channels + c];
  });
  return out;
}
