import { displayProfile, greyProfile } from '../icc';
import { type Colorimetry, meaningOf, SRGB_CURVE, SRGB_PRIMARIES } from './code-points';
import type { ColourDescription } from './description';
import { nameOfColour } from './name';
import { areDisplays } from './primaries';
import { rulingOf } from './ruling';

/** Within a twentieth of 1 / 2.2, a gamma without primaries is how older programs said sRGB, and viewers take it for that. */
const meansSrgb = (gamma: number): boolean => Math.abs(gamma * 2.2 - 1) <= 0.05;

const SRGB: Colorimetry = { chromaticities: SRGB_PRIMARIES, curve: SRGB_CURVE };

/** What a description comes to; undefined where that is not primaries and a curve. */
function colorimetryOf(colour: ColourDescription): Colorimetry | undefined {
  const { codePoints, gamma, chromaticities } = rulingOf(colour);
  if (codePoints) {
    const meaning = meaningOf(codePoints);
    return typeof meaning === 'object' ? meaning : undefined;
  }
  if (gamma === undefined || (!chromaticities && meansSrgb(gamma))) return SRGB;
  return { chromaticities: chromaticities ?? SRGB_PRIMARIES, curve: [1 / gamma] };
}

/**
 * The ICC profile that says the same as a description, by the precedence of PNG: cICP, then sRGB, then gAMA and cHRM. (A file's own
 * profile stands between the first two, and is the caller's matter.)
 *
 * What viewers take for sRGB is sRGB here: a gamma of about 1 / 2.2 without primaries, primaries without a gamma, unspecified code points.
 * @param grey whether the picture has grey levels only: its profile has a curve and no primaries
 * @returns the profile; null where that is sRGB and none is needed; undefined where no profile can say it (PQ, HLG, unknown code points,
 *   a narrow range)
 */
export function equalProfile(colour: ColourDescription, grey: boolean): Uint8Array<ArrayBuffer> | null | undefined {
  const colorimetry = colorimetryOf(colour);
  if (!colorimetry) return undefined;
  const { chromaticities, curve } = colorimetry;
  if (curve === SRGB_CURVE && (grey || chromaticities === SRGB_PRIMARIES)) return null;
  // An exponent beyond these is no curve of a picture: all is black, or white.
  if (!areDisplays(chromaticities) || !(curve[0] >= 0.01 && curve[0] <= 100)) return undefined;
  return (grey ? greyProfile : displayProfile)(nameOfColour(colour), chromaticities, curve);
}
