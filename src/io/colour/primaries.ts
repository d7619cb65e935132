import type { Chromaticities } from './description';

type Triple = readonly [number, number, number];
/** A matrix by its rows. */
export type Matrix = readonly [Triple, Triple, Triple];

/** The white that profiles are relative to. */
export const D50: Triple = [0.9642, 1, 0.8249];

/** From XYZ to the answers of the eye's cones (Bradford), in which one white is turned into another. */
const CONES: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const map3 = (f: (i: number) => number): Triple => [f(0), f(1), f(2)];
const apply = (matrix: Matrix, vector: Triple): Triple => map3((i) => dot(matrix[i], vector));
const transposed = (matrix: Matrix): Matrix => [map3((i) => matrix[i][0]), map3((i) => matrix[i][1]), map3((i) => matrix[i][2])];
const product = (a: Matrix, b: Matrix): Matrix => transposed(transposed(b).map((column) => apply(a, column)) as unknown as Matrix);

const cross = (a: Triple, b: Triple): Triple => map3((i) => a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3]);

/** The inverse; of numbers that are not finite where there is none. */
function inverse([a, b, c]: Matrix): Matrix {
  const determinant = dot(a, cross(b, c));
  return transposed([cross(b, c), cross(c, a), cross(a, b)].map((row) => map3((i) => row[i] / determinant)) as unknown as Matrix);
}

/** Turns a white into that of profiles. */
function adaptationOf(white: Triple): Matrix {
  const [from, to] = [apply(CONES, white), apply(CONES, D50)];
  const scaled = CONES.map((row, i) => map3((j) => (row[j] * to[i]) / from[i])) as unknown as Matrix;
  return product(inverse(CONES), scaled);
}

const tristimulus = ([x, y]: readonly [number, number]): Triple => [x, y, 1 - x - y];
const ofLightness1 = (white: readonly [number, number]): Triple => map3((i) => tristimulus(white)[i] / white[1]);

/** How much of each primary white takes. */
function amountsOf({ white, red, green, blue }: Chromaticities): Triple {
  const primaries = [red, green, blue].map(tristimulus) as unknown as Matrix;
  return apply(inverse(transposed(primaries)), ofLightness1(white));
}

/** The XYZ of full red, green and blue under D50, each scaled for them to add up to white, and the adaptation that brought them there. */
export function columnsOf(chromaticities: Chromaticities): { columns: Matrix; adaptation: Matrix } {
  const { white, red, green, blue } = chromaticities;
  const amounts = amountsOf(chromaticities);
  const adaptation = adaptationOf(ofLightness1(white));
  const columns = [red, green, blue].map((primary, i) =>
    apply(
      adaptation,
      map3((j) => tristimulus(primary)[j] * amounts[i]),
    ),
  );
  return { columns: columns as unknown as Matrix, adaptation };
}

/**
 * Whether chromaticities can be those of a display: white takes some of each primary. It doesn't where they are on a line, or white is
 * outside their triangle.
 */
export function areDisplays(chromaticities: Chromaticities): boolean {
  const { columns, adaptation } = columnsOf(chromaticities);
  // Numbers that a profile can hold, with room to spare; no display's reach 2.
  const fits = [...columns, ...adaptation].flat().every((value) => Math.abs(value) < 8);
  return chromaticities.white[1] > 0 && fits && amountsOf(chromaticities).every((amount) => amount > 1e-4);
}
