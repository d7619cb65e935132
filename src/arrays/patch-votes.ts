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
export function votePatches({ height, width, channels, features, offsets, weights, hole, patchSize }: PatchVotes): Float32Array {
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
