import { searchPatches } from '../../arrays/patch-search';
import { votePatches } from '../../arrays/patch-votes';
import { shared } from '../../threads/shared';
import { type Pause, runAll, type Threads, task } from '../../threads/task';
import type { Matcher, Matches, MatchOptions } from './matcher';
import type { Level } from './pyramid';

/** Rows [first, end) of a level. */
type Band = [first: number, end: number];

// A band has at least about so many queries, and a level at most so many bands: each looks at a copy of the features.
const QUERIES_OF_A_BAND = 3000;
const MOST_BANDS = 8;

/** Nearest patches of the queries in some rows. */
const matchRows = task(
  'match-rows',
  (args: Pick<Level, 'height' | 'width' | 'sources' | 'queries'> & MatchOptions & { features: Float32Array; from: Int32Array; band: Band }): Matches => {
    const { height, width, sources, features, from, band, sweeps, offsetPenalty, patchSize, seed } = args;
    const [first, end] = band.map((row) => row * width);
    const queries = new Float32Array(height * width);
    queries.set(args.queries.subarray(first, end), first);
    const picture = { height, width, channels: features.length / (height * width), features };
    const { offsets, distances } = searchPatches({
      ...{ ...picture, sources, queries, offsets: from, patchSize, seed },
      iterations: sweeps,
      searchRadius: Math.max(height, width) >> 1,
      rowPenalty: offsetPenalty[0],
      columnPenalty: offsetPenalty[1],
    });
    return { offsets: offsets.slice(2 * first, 2 * end), distances: distances.slice(first, end) };
  },
);

/** Some rows of the features, with the hole rebuilt. */
const voteRows = task(
  'vote-rows',
  (
    args: Pick<Level, 'height' | 'width' | 'hole'> & { features: Float32Array; offsets: Int32Array; weights: Float32Array; patchSize: number; band: Band },
  ): Float32Array => {
    const { height, width, features, band, ...votes } = args;
    const channels = features.length / (height * width);
    const hole = new Float32Array(height * width);
    const [first, end] = band.map((row) => row * width);
    hole.set(args.hole.subarray(first, end), first);
    return votePatches({ ...votes, height, width, channels, features, hole }).slice(first * channels, end * channels);
  },
);

/** What other threads may be asked for. */
export const matchingTasks = [matchRows, voteRows];

/** By typed arrays, in bands of rows that do not depend on how many threads there are. */
export function arrayMatcher(threads: Threads, pause: Pause): Matcher {
  const forOthers: typeof shared = threads.count > 1 ? shared : (values) => values;
  return {
    async match({ height, width, sources, queries }, features, from, options) {
      const level = { height, width, sources: forOthers(sources), queries: forOthers(queries), features: forOthers(features), from: forOthers(from) };
      // The bands' edges move from round to round: across them nothing is taken over from a neighbour.
      const bands = bandsOf(queries, height, width, options.seed % 2);
      const each = bands.map((band, n) => ({ ...level, ...options, seed: (options.seed + n * 7919) >>> 0, band }));
      const found = await runAll(threads, matchRows, each, pause);
      const offsets = new Int32Array(2 * height * width);
      const distances = new Float32Array(height * width);
      for (const [n, [first]] of bands.entries()) {
        offsets.set(found[n].offsets, 2 * first * width);
        distances.set(found[n].distances, first * width);
      }
      return { offsets, distances };
    },
    async vote({ height, width, queries, hole }, features, offsets, weights, patchSize) {
      const given = {
        height,
        width,
        patchSize,
        hole: forOthers(hole),
        features: forOthers(features),
        offsets: forOthers(offsets),
        weights: forOthers(weights),
      };
      const bands = bandsOf(queries, height, width, 0);
      const each = bands.map((band) => ({ ...given, band }));
      const rows = await runAll(threads, voteRows, each, pause);
      const out = features.slice();
      const channels = features.length / (height * width);
      for (const [n, [first]] of bands.entries()) out.set(rows[n], first * width * channels);
      return out;
    },
  };
}

/** Bands with about as many queries each; `shift` moves their edges by half a band. */
function bandsOf(queries: Float32Array, height: number, width: number, shift: number): Band[] {
  const counts = Array.from({ length: height }, (_, y) => queries.subarray(y * width, (y + 1) * width).reduce((sum, q) => sum + q, 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const bands = Math.min(MOST_BANDS, Math.max(1, Math.round(all / QUERIES_OF_A_BAND)));
  if (bands === 1) return [[0, height]];
  const edges = [0];
  let before = 0;
  let next = (shift ? 0.5 : 1) * (all / bands);
  for (let y = 0; y < height - 1; y++) {
    before += counts[y];
    if (before < next || before === all) continue;
    edges.push(y + 1);
    while (next <= before) next += all / bands;
  }
  return edges.map((first, n) => [first, edges[n + 1] ?? height]);
}
