import { tensor3d, tidy } from '@tensorflow/tfjs-core';
import { nearestPatchesExhaustive } from '../../ops/nearest-patches-exhaustive';
import { CHANNELS, type Level } from './pyramid';

/**
 * A first guess at the coarsest level: ring by ring inwards, each hole pixel takes over the centre of the source patch
 * that agrees best with what is known around it by then. (A smooth start would be a flat one, and flat patches would
 * win all that follows.) Changes the level's features in the hole; returns its field.
 */
export async function peelOnion(level: Level, patchSize: number, offsetPenalty: [number, number], mostPairs: number, pause: () => Promise<void>): Promise<Int32Array> {
  const { height, width, features, hole, depth } = level;
  const offsets = new Int32Array(height * width * 2);
  const known = hole.map((h) => 1 - h);
  const sources = sparse(level.sources, Math.max(1, Math.floor(mostPairs / Math.max(1, hole.reduce((a, b) => a + b, 0)))));
  const rest = new Set<number>();
  for (let p = 0; p < hole.length; p++) if (hole[p]) rest.add(p);
  for (let ring = 1; rest.size > 0; ring++) {
    const pixels = [...rest].filter((p) => depth[p] < ring + 0.5);
    if (pixels.length === 0) continue;
    const queries = new Float32Array(hole.length);
    for (const p of pixels) queries[p] = 1;
    const inputs = tidy(() => ({
      features: tensor3d(features, [height, width, CHANNELS]),
      sources: tensor3d(sources, [height, width, 1]),
      queries: tensor3d(queries, [height, width, 1]),
      known: tensor3d(known, [height, width, 1]),
    }));
    try {
      const found = await nearestPatchesExhaustive(inputs.features, { ...inputs, patchSize, offsetPenalty });
      try {
        const ways = await found.offsets.data();
        for (const p of pixels) {
          offsets[2 * p] = ways[2 * p];
          offsets[2 * p + 1] = ways[2 * p + 1];
          const s = p + ways[2 * p] * width + ways[2 * p + 1];
          for (let c = 0; c < CHANNELS; c++) features[p * CHANNELS + c] = features[s * CHANNELS + c];
          known[p] = 1;
          rest.delete(p);
        }
      } finally {
        found.offsets.dispose();
        found.distances.dispose();
      }
    } finally {
      for (const tensor of Object.values(inputs)) tensor.dispose();
    }
    await pause();
  }
  return offsets;
}

/** At most `most` of the sources, evenly picked, where a level could not be made small enough to match them all. */
function sparse(sources: Float32Array, most: number): Float32Array {
  const count = sources.reduce((a, b) => a + b, 0);
  if (count <= most) return sources;
  const out = new Float32Array(sources.length);
  let seen = 0;
  for (let p = 0; p < sources.length; p++) {
    if (!sources[p]) continue;
    if (Math.floor((seen * most) / count) !== Math.floor(((seen + 1) * most) / count)) out[p] = 1;
    seen++;
  }
  return out;
}
