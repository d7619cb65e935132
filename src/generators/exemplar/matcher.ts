import type { Level } from './pyramid';

/** A field of nearest patches. */
export interface Matches {
  /** [height, width, 2]: row and column offset of each query's source. */
  offsets: Int32Array;
  /** [height, width]: how far apart query and source are. */
  distances: Float32Array;
}

/** How nearest patches are looked for. */
export interface MatchOptions {
  patchSize: number;
  offsetPenalty: readonly [number, number];
  sweeps: number;
  seed: number;
}

/** Who looks for patches and rebuilds holes from them. */
export interface Matcher {
  /** Finds nearest patches from a field to start from; `features` are [height, width, any number of channels]. */
  match(level: Level, features: Float32Array, from: Int32Array, options: MatchOptions): Promise<Matches>;
  /** The features with the hole rebuilt from votes, each of its query's weight. */
  vote(level: Level, features: Float32Array, offsets: Int32Array, weights: Float32Array, patchSize: number): Promise<Float32Array>;
}
