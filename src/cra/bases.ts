import { gaussianBlurred } from '../arrays/gaussian';
import type { FilledWindow, LowResolution } from '../pixels/window';

// Detail is measured against a smoothed base, so that the octave that voting costs is carried over as well.
const BASE_SIGMA = 1.5;
// Less than the weight of a single known pixel at the corner of the blur's kernel.
const LEAST_SHARE = Math.fround(5e-7);

/** What detail is added to, and what it is measured against. */
export type Bases = Pick<FilledWindow, 'base' | 'knownBase'>;

/**
 * A filled picture and the known one, smoothed.
 * @param picture [height, width, 3] in [-1, 1]; outside the hole what is known
 */
export function smoothedBases(picture: Float32Array, low: LowResolution): Bases {
  const { hole, barred } = low;
  const smooth = smoothed(picture, low);
  const base = barred ? smoothedWithin(picture, keptOf(hole, barred), smooth, low) : smooth;
  // A narrow strip between holes has no wholly known pixel around it: its detail is measured against the fill.
  return { base, knownBase: smoothedWithin(picture, complement(barred ?? hole), base, low) };
}

/** A filled picture with what must not be copied as its surroundings are, lest it come into the hole's rim as the picture is enlarged. */
export function withoutBarred(picture: Float32Array, barred: Float32Array, low: LowResolution): Float32Array {
  const kept = keptOf(low.hole, barred);
  const smooth = smoothedWithin(picture, kept, picture, low);
  return picture.map((value, i) => (kept[Math.floor(i / 3)] ? value : smooth[i]));
}

type Size = Pick<LowResolution, 'width' | 'height'>;

function complement(marks: Float32Array): Float32Array {
  const out = new Float32Array(marks.length);
  for (let p = 0; p < marks.length; p++) out[p] = 1 - marks[p];
  return out;
}

/** Marks of all pixels but those that are known and must not be copied. */
const keptOf = (hole: Float32Array, barred: Float32Array) => hole.map((h, p) => (h || !barred[p] ? 1 : 0));

const smoothed = (picture: Float32Array, { height, width }: Size) => gaussianBlurred(picture, height, width, BASE_SIGMA);

/** A picture smoothed over those of its pixels whose share is 1, and not 0; what has none around it is as `otherwise`. */
function smoothedWithin(picture: Float32Array, shares: Float32Array, otherwise: Float32Array, size: Size): Float32Array {
  const share = smoothed(shares, size);
  const within = picture.slice();
  for (let p = 0; p < shares.length; p++) if (!shares[p]) within.fill(0, 3 * p, 3 * p + 3);
  const out = smoothed(within, size);
  for (let p = 0, i = 0; p < share.length; p++, i += 3) {
    const whole = share[p];
    const has = whole > LEAST_SHARE;
    out[i] = has ? out[i] / whole : otherwise[i];
    out[i + 1] = has ? out[i + 1] / whole : otherwise[i + 1];
    out[i + 2] = has ? out[i + 2] / whole : otherwise[i + 2];
  }
  return out;
}
