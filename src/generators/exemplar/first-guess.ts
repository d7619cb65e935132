import { task, thisThread } from '../../threads/task';
import { arrayMatcher } from './array-matcher';
import { peelOnion } from './onion-peel';
import type { Level } from './pyramid';
import { type Solution, solve } from './solve';

/** How a first guess is made. */
export interface FirstGuessArgs {
  level: Level;
  patchSize: number;
  offsetPenalty: readonly [number, number];
  /** How much of the front is peeled at a time; see {@link peelOnion}. */
  share: number;
  sweeps: number;
  rounds: number;
  /** Seeds the peel. */
  peelSeed: number;
  /** Seeds what follows. */
  seed: number;
}

/** Peels an onion, and matches and votes from there. */
export const firstGuess = task('first-guess', async ({ level, share, peelSeed, ...options }: FirstGuessArgs, pause): Promise<Solution> => {
  const { patchSize, offsetPenalty } = options;
  const { features, offsets } = await peelOnion(level, patchSize, offsetPenalty, share, peelSeed, pause);
  return solve(level, features, offsets, { ...options, matcher: arrayMatcher(thisThread, pause) }, pause);
});
