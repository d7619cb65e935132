import { asPngHolds, meaningOf } from './code-points';
import type { ColourDescription } from './description';

/**
 * The part of a description that rules the others, by the precedence of PNG: code points that are understood, then sRGB, then gamma and
 * primaries. Primaries without a gamma say nothing. Empty where sRGB is all there is to say.
 * @see https://www.w3.org/TR/png-3/
 */
export function rulingOf(colour: ColourDescription): ColourDescription {
  const { gamma, chromaticities, intent } = colour;
  const codePoints = colour.codePoints && asPngHolds(colour.codePoints);
  const meaning = codePoints && meaningOf(codePoints);
  if (meaning && meaning !== 'unspecified') return { codePoints };
  if (intent !== undefined) return { intent };
  if (gamma !== undefined) return chromaticities ? { gamma, chromaticities } : { gamma };
  return codePoints && meaning !== 'unspecified' ? { codePoints } : {};
}
