import { type NearestPatches, nearestPatches, spread } from '../../arrays/patch-search';
import { rebuilt, votesAt } from '../../arrays/patch-votes';
import { sharedAmong } from '../../threads/shared';
import { type Pause, runAll, type Threads, task } from '../../threads/task';
import { placesIn } from './level-places';
import type { Matcher, MatchOptions } from './matcher';
import type { Level } from './pyramid';

// A band has at least about so many queries, and a level at most so many bands: each looks at a copy of the features.
const QUERIES_OF_A_BAND = 3000;
const MOST_BANDS = 8;

interface MatchArgs extends Pick<Level, 'height' | 'width'>, MatchOptions {
  features: Float32Array;
  from: Int32Array;
  /** Places. */
  sources: Int32Array;
  queries: Int32Array;
}

/** Nearest patches of some queries. */
const matchBand = task(
  'match-band',
  ({ height, width, features, from, sources, queries, sweeps, offsetPenalty, patchSize, seed }: MatchArgs): NearestPatches => {
    const picture = { height, width, channels: features.length / (height * width), features };
    const [rowPenalty, columnPenalty] = offsetPenalty;
    const how = { patchSize, seed, iterations: sweeps, searchRadius: Math.max(height, width) >> 1, rowPenalty, columnPenalty };
    return nearestPatches({ ...picture, ...how, offsets: from }, queries, sources);
  },
);

interface VoteArgs extends Pick<Level, 'height' | 'width'> {
  features: Float32Array;
  offsets: Int32Array;
  weights: Float32Array;
  patchSize: number;
  places: Int32Array;
}

/** What votes make of some of the hole's pixels. */
const voteBand = task(
  'vote-band',
  ({ places, ...args }: VoteArgs): Float32Array => votesAt({ ...args, channels: args.features.length / (args.height * args.width) }, places),
);

/** What other threads may be asked for. */
export const matchingTasks = [matchBand, voteBand];

/** By typed arrays, in bands of rows that do not depend on how many threads there are. */
export function arrayMatcher(threads: Threads, pause: Pause): Matcher {
  const forOthers = sharedAmong(threads);
  // One level is worked on for several rounds.
  let known: { level: Level; sources: Int32Array } | undefined;
  const sourcesIn = (level: Level): Int32Array => {
    if (known?.level !== level) known = { level, sources: forOthers(placesIn(level).sources) };
    return known.sources;
  };
  return {
    async match(level, features, from, options) {
      const { height, width } = level;
      const { queries } = placesIn(level);
      const given = { height, width, ...options, sources: sourcesIn(level), features: forOthers(features), from: forOthers(from) };
      // The bands' edges move from round to round: across them nothing is taken over from a neighbour.
      const bands = split(queries, bandsOf(queries, height, width, options.seed % 2), width);
      const each = bands.map((queries, n) => ({ ...given, seed: (options.seed + n * 7919) >>> 0, queries }));
      return spread(await runAll(threads, matchBand, each, pause), bands, height * width);
    },
    async vote(level, features, offsets, weights, patchSize) {
      const { height, width } = level;
      const { queries, hole } = placesIn(level);
      const given = { height, width, patchSize, features: forOthers(features), offsets: forOthers(offsets), weights: forOthers(weights) };
      const bands = split(hole, bandsOf(queries, height, width, 0), width);
      const each = bands.map((places) => ({ ...given, places }));
      return rebuilt(features, features.length / (height * width), await runAll(threads, voteBand, each, pause), bands);
    },
  };
}

/** The first rows of bands with about as many queries each; `shift` moves their edges by half a band. */
function bandsOf(queries: Int32Array, height: number, width: number, shift: number): number[] {
  const all = queries.length;
  const bands = Math.min(MOST_BANDS, Math.max(1, Math.round(all / QUERIES_OF_A_BAND)));
  const edges = [0];
  if (bands === 1) return edges;
  const counts = new Int32Array(height);
  for (const q of queries) counts[(q / width) | 0]++;
  let before = 0;
  let next = (shift ? 0.5 : 1) * (all / bands);
  for (let y = 0; y < height - 1; y++) {
    before += counts[y];
    if (before < next || before === all) continue;
    edges.push(y + 1);
    while (next <= before) next += all / bands;
  }
  return edges;
}

/** A list of places, in order, as one for each band of rows. */
function split(places: Int32Array, firstRows: readonly number[], width: number): Int32Array[] {
  let at = 0;
  const begins = firstRows.map((row) => {
    while (at < places.length && places[at] < row * width) at++;
    return at;
  });
  return begins.map((begin, n) => places.slice(begin, begins[n + 1]));
}
