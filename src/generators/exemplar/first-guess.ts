import { task, thisThread } from '../../threads/task';
import { arrayMatcher } from './array-matcher';
import { peelOnion } from './onion-peel';
import type { Level } from './pyramid';
import { rebuild, type Solution, solve } from './solve';

/** How a first guess is made. */
export interface FirstGuessArgs {
  level: Level;
  patchSize: number;
  offsetPenalty: readonly [number, number];
  /** How much of the front is peeled at a time; see {@link peelOnion}. */
  share: number;
  /** What it costs to take each source once more; see {@link reusePrices}. */
  prices: Float32Array;
  /** Sources of pixels that are settled beforehand; see {@link peelOnion}. */
  settled?: Int32Array;
  /** Further features of the level; see {@link SolveOptions}. */
  guide?: Float32Array;
  sweeps: number;
  rounds: number;
  /** Seeds the peel. */
  peelSeed: number;
  /** Seeds what follows. */
  seed: number;
}

/** Peels an onion, and matches and votes from there. */
export const firstGuess = task('first-guess', async ({ level, share, settled, prices, peelSeed, ...options }: FirstGuessArgs, pause): Promise<Solution> => {
  const { patchSize, offsetPenalty } = options;
  const { features, offsets } = await peelOnion(level, { patchSize, offsetPenalty, prices, seed: peelSeed }, share, pause, settled);
  return solve(level, features, offsets, { ...options, matcher: arrayMatcher(thisThread, pause) }, pause);
});

/** What a first guess needs to be worked on. */
export interface FurtherArgs extends Omit<FirstGuessArgs, 'share' | 'settled' | 'prices' | 'peelSeed'> {
  guess: Solution;
  /** How many rounds it has had. */
  before: number;
}

/** More rounds for a first guess, as if it had never been put aside. */
export const furtherRounds = task('further-rounds', async ({ level, guess, ...options }: FurtherArgs, pause): Promise<Solution> => {
  const matcher = arrayMatcher(thisThread, pause);
  const estimate = await rebuild(level, guess.estimate, guess, options.patchSize, matcher);
  return solve(level, estimate, guess.offsets, { ...options, matcher }, pause);
});
