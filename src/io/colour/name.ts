import { nameOfCodePoints, nameOfPrimaries } from './code-points';
import type { Chromaticities, ColourDescription } from './description';
import { rulingOf } from './ruling';

const ADOBE_RGB: Chromaticities = { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] };

/** Whether these are Adobe RGB's, to three digits. */
const isAdobe = (other: Chromaticities): boolean =>
  (['white', 'red', 'green', 'blue'] as const).every((name) => ADOBE_RGB[name].every((value, i) => Math.abs(value - other[name][i]) < 0.001));

/** A name of the colour for messages, such as `BT.2020 primaries with PQ`, `Display P3` or `gamma 1 (linear)`. */
export function nameOfColour(colour: ColourDescription): string {
  const { codePoints, gamma, chromaticities } = rulingOf(colour);
  if (codePoints) return nameOfCodePoints(codePoints);
  if (gamma === undefined) return 'sRGB';
  // What is meant by "gamma 2.2" is how numbers become light, the inverse of what the file holds.
  const exponent = Math.round(100 / gamma) / 100;
  if (chromaticities && exponent === 2.2 && isAdobe(chromaticities)) return 'Adobe RGB (1998)';
  const curve = `gamma ${exponent}${exponent === 1 ? ' (linear)' : ''}`;
  return chromaticities ? `${nameOfPrimaries(chromaticities) ?? 'other'} primaries with ${curve}` : curve;
}
