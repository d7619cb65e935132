import { VectorMemory } from '../../arrays/vector-memory';
import { type Copies, HOLD, LEAST_HOLD, plainEquations, STEP, STEP_TO_BARRED } from './equations';

/** Copies whose colours are being blended. */
export interface Relaxation {
  /** One round of successive over-relaxation, in the order of the places. Returns the largest change of a value. */
  relax: () => number;
  /** The colours, [height, width, 3], in [-1, 1] in the hole. Nothing may follow. */
  finish: () => Float32Array;
}

/**
 * Starts with the colours as they are copied, by the compiled loops where they can be had. Every pixel in every round comes by here: no
 * arrays are made.
 *
 * @param factor of over-relaxation, from 1 to 2.
 */
export const relaxation = (copies: Copies, factor: number): Relaxation => vectorRelaxation(copies, factor) ?? plainRelaxation(copies, factor);

/** In WebAssembly, a pixel's channels at a time; none where that can't be had. */
export function vectorRelaxation({ height, width, places, ...copies }: Copies, factor: number): Relaxation | undefined {
  const count = places.length;
  const pixels = height * width;
  const given = [copies.colours, copies.hole, copies.barred, copies.texture, copies.offsets, places];
  const sizes = [16 * (pixels + 2 * width), 16 * count, 16 * count, 4 * count];
  const memory = VectorMemory.open(...given.map(({ byteLength }) => byteLength), ...sizes);
  if (!memory) return undefined;
  const { functions } = memory;
  const [colours, hole, barred, texture, offsets, list] = given.map((values) => memory.place(values));
  const [rows, wanted, ties, shares] = sizes.map((bytes) => memory.room(bytes));
  // A row above and one below: a neighbour without a tie is looked at, and counts for 0.
  const picture = rows + 16 * width;
  const settings = [LEAST_HOLD, HOLD, STEP, STEP_TO_BARRED, factor] as const;
  functions.layEquations(colours, hole, barred, texture, offsets, height, width, list, count, ...settings, picture, wanted, ties, shares);
  return {
    relax: () => functions.relax(picture, width, list, count, wanted, ties, shares, factor),
    finish: () => {
      functions.layBlended(picture, list, count, colours);
      const blended = memory.floats(colours, 3 * pixels).slice();
      memory.close();
      return blended;
    },
  };
}

/** In plain JavaScript, and to be read first; in single precision, as the vectors are. */
export function plainRelaxation(copies: Copies, factor: number): Relaxation {
  const { fround } = Math;
  const { width, places } = copies;
  const { copied: colours, wanted, ties, degree } = plainEquations(copies);
  const shares = degree.map((d) => factor / d);
  const keep = fround(factor);
  const below = 3 * width;
  const relax = () => {
    let largest = 0;
    for (let i = 0; i < places.length; i++) {
      const right = ties[4 * i];
      const left = ties[4 * i + 1];
      const down = ties[4 * i + 2];
      const up = ties[4 * i + 3];
      for (let c = 0; c < 3; c++) {
        const k = 3 * places[i] + c;
        let sum = wanted[3 * i + c];
        if (right > 0) sum = fround(sum + fround(right * colours[k + 3]));
        if (down > 0) sum = fround(sum + fround(down * colours[k + below]));
        if (up > 0) sum = fround(sum + fround(up * colours[k - below]));
        if (left > 0) sum = fround(sum + fround(left * colours[k - 3]));
        const change = fround(fround(shares[i] * sum) - fround(keep * colours[k]));
        colours[k] += change;
        largest = Math.max(largest, Math.abs(change));
      }
    }
    return largest;
  };
  const finish = () => {
    for (const p of places) for (let c = 0; c < 3; c++) colours[3 * p + c] = Math.min(Math.max(colours[3 * p + c], -1), 1);
    return colours;
  };
  return { relax, finish };
}
