import { VectorMemory } from '../../arrays/vector-memory';

/** Linear equations of colours: for each place, degree * colour = wanted + the sum over its neighbours of tie * colour. */
export interface Equations {
  height: number;
  width: number;
  /** The pixels that are solved for. */
  places: Int32Array;
  /** [places, 3] */
  wanted: Float32Array;
  /** [places, 4]: the weight of the neighbour to the right, to the left, below and above; 0 where that is outside the picture. */
  ties: Float32Array;
  /** [places] */
  degree: Float32Array;
}

/** Equations that are being solved. */
export interface Relaxation {
  /** One round of successive over-relaxation, in the order of the places. Returns the largest change of a value. */
  relax: () => number;
  /** Lays the solution into the colours. Nothing may follow. */
  finish: () => void;
}

/**
 * Starts with the colours as they are, [height, width, 3], by the compiled loop where it can be had. Every pixel in every round comes by
 * here: no arrays are made.
 *
 * @param factor of over-relaxation, from 1 to 2.
 */
export function relaxation(colours: Float32Array, equations: Equations, factor: number): Relaxation {
  return vectorRelaxation(colours, equations, factor) ?? plainRelaxation(colours, equations, factor);
}

/** In WebAssembly, a pixel's channels at a time; none where that can't be had. */
export function vectorRelaxation(colours: Float32Array, { height, width, places, wanted, ties, degree }: Equations, factor: number): Relaxation | undefined {
  const count = places.length;
  const pixels = (height + 2) * width;
  const memory = VectorMemory.open(16 * pixels, 4 * count, 16 * count, 16 * count, 4 * count);
  if (!memory) return undefined;
  // A row above and one below: a neighbour without a tie is looked at, and counts for 0.
  const picture = memory.reserve(16 * pixels);
  const first = picture + 16 * width;
  const list = memory.place(places);
  const wantedOnes = memory.reserve(16 * count);
  const tieList = memory.place(ties);
  const shares = memory.place(sharesOf(degree, factor));
  widen(colours, memory.floats(first, 4 * height * width));
  widen(wanted, memory.floats(wantedOnes, 4 * count));
  return {
    relax: () => memory.functions.relax(first, width, list, count, wantedOnes, tieList, shares, factor),
    finish: () => {
      const solved = memory.floats(first, 4 * height * width);
      for (const p of places) for (let c = 0; c < 3; c++) colours[3 * p + c] = solved[4 * p + c];
      memory.close();
    },
  };
}

/** Four values a pixel where there are three. */
function widen(three: Float32Array, four: Float32Array): void {
  for (let from = 0, to = 0; from < three.length; from += 3, to += 4) {
    four[to] = three[from];
    four[to + 1] = three[from + 1];
    four[to + 2] = three[from + 2];
  }
}

const sharesOf = (degree: Float32Array, factor: number) => degree.map((d) => factor / d);

/** In plain JavaScript, and to be read first; in single precision, as the vectors are. */
export function plainRelaxation(colours: Float32Array, { width, places, wanted, ties, degree }: Equations, factor: number): Relaxation {
  const { fround } = Math;
  const shares = sharesOf(degree, factor);
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
  return { relax, finish: () => {} };
}
