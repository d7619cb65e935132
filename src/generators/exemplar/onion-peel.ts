import { placesOf } from '../../arrays/places';
import { type PixelFiller, type PixelFillerOptions, pixelFiller } from './fill-pixel';
import { pointAt } from './level-places';
import { CHANNELS, type Level } from './pyramid';

/** A first guess at a level's hole. */
export interface FirstGuess {
  /** [height, width, 5]: the level's features with the hole filled. */
  features: Float32Array;
  /** [height, width, 2]: where each hole pixel was taken from. */
  offsets: Int32Array;
}

/**
 * Fills the hole from its rim inwards, pixel by pixel: each takes over the centre of a source patch that agrees well
 * with what is known around it by then. (A smooth start would be a flat one, and flat patches would win all that
 * follows.) Only known pixels are compared, those filled before included. Candidates are the continuations of the
 * neighbours' sources, random ones, and places ever nearer to the best of these.
 *
 * @param share how much of the front is filled at a time, those first that much is known around and that edges run
 * into (Criminisi et al. 2004). 1 peels ring by ring; less lets edges run ahead.
 * @param pause is awaited after each part of the front.
 * @param settled [height, width]: sources of pixels that are filled before all others, by their place, or -1.
 */
export async function peelOnion(
  level: Level,
  options: PixelFillerOptions,
  share: number,
  pause: () => Promise<void>,
  settled?: Int32Array,
): Promise<FirstGuess> {
  const filler = pixelFiller(level, options);
  const { features, offsets, turn, close } = filler;
  if (settled) settle(level, settled, filler);
  for (let left = 1; left > 0; ) {
    left = turn(share);
    await pause();
  }
  const guess = { features: features.slice(), offsets: offsets.slice() };
  close();
  return guess;
}

/** Copies what is settled before all else. */
function settle({ width, hole }: Level, settled: Int32Array, { features, offsets, known }: PixelFiller): void {
  for (const p of placesOf(hole)) {
    const s = settled[p];
    if (s < 0) continue;
    features.copyWithin(p * CHANNELS, s * CHANNELS, (s + 1) * CHANNELS);
    pointAt(offsets, p, s, width);
    known[p] = 1;
  }
}
