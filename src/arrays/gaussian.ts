import { VectorMemory } from './vector-memory';

/** The weights of a Gaussian at whole steps from its middle; they sum to 1. */
export function gaussianLine(size: number, sigma: number): number[] {
  const raw = Array.from({ length: size }, (_, i) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma * sigma)));
  const sum = raw.reduce((a, b) => a + b);
  return raw.map((v) => v / sum);
}

/** The side of a Gaussian's kernel that leaves out hardly anything, odd. */
export const gaussianSize = (sigma: number): number => 2 * Math.ceil(3 * sigma) + 1;

/**
 * Blurs a picture [height, width, channels] by a Gaussian, along the columns and then along the rows; beyond the border its border pixel is
 * repeated. What `gaussianBlur` is to tensors, to the same bit as its kernel for arrays: in single precision from term to term.
 */
export const gaussianBlurred = (values: Float32Array, height: number, width: number, sigma: number): Float32Array =>
  vectorBlurred(values, height, width, sigma) ?? plainBlurred(values, height, width, sigma);

/** In plain JavaScript. */
export function plainBlurred(values: Float32Array, height: number, width: number, sigma: number): Float32Array {
  const { rows, columns } = bandsOf(values.length, height, width, sigma);
  const along = (values: Float32Array, { bands, length, inner }: Axis) => {
    const out = new Float32Array(values.length);
    eachRun(values.length, { bands, length, inner }, (to, from, count, band) => {
      const { weights } = bands[band];
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum = Math.fround(sum + weights[k] * values[from + i + k * inner]);
        out[to + i] = sum;
      }
    });
    return out;
  };
  return along(along(values, rows), columns);
}

/** Compiled; none where WebAssembly is not there, or no memory for it. */
export function vectorBlurred(values: Float32Array, height: number, width: number, sigma: number): Float32Array | undefined {
  const axes = bandsOf(values.length, height, width, sigma);
  const weights = Object.values(axes).flatMap(({ bands }) => bands.map((band) => 8 * band.weights.length));
  const memory = VectorMemory.open(values.byteLength, values.byteLength, ...weights);
  if (!memory) return undefined;
  const one = memory.place(values);
  const other = memory.room(values.byteLength);
  const along = (at: number, out: number, axis: Axis) => {
    const weightsAt = axis.bands.map((band) => memory.place(Float64Array.from(band.weights)));
    // Runs end in up to three values of what comes next, which is written after them.
    eachRun(values.length, axis, (to, from, count, band) =>
      memory.functions.weigh(out + 4 * to, at + 4 * from, 4 * axis.inner, axis.bands[band].weights.length, weightsAt[band], count),
    );
  };
  along(one, other, axes.rows);
  along(other, one, axes.columns);
  const blurred = memory.floats(one, values.length).slice();
  memory.close();
  return blurred;
}

/** Places of a line that are one after the other and have the same weights: the first one's are those of the places from `from` on. */
interface Band {
  at: number;
  places: number;
  from: number;
  weights: number[];
}

/** What a blur goes along: axis 1 of [any, length, inner]. */
interface Axis {
  length: number;
  inner: number;
  bands: Band[];
}

function bandsOf(size: number, height: number, width: number, sigma: number): Record<'rows' | 'columns', Axis> {
  const line = gaussianLine(gaussianSize(sigma), sigma);
  const axis = (length: number, inner: number): Axis => ({ length, inner, bands: bandsAlong(length, line) });
  return { rows: axis(height, size / height), columns: axis(width, size / (height * width)) };
}

/** The places of the border one by one, and those between as one. */
function bandsAlong(length: number, line: readonly number[]): Band[] {
  const radius = line.length >> 1;
  const bands: Band[] = [];
  for (let at = 0; at < length; ) {
    const isBorder = at < radius || at + radius >= length;
    const from = Math.max(0, at - radius);
    const weights: number[] = [];
    // A place of the border has the weights of all beyond it as well.
    for (const [k, weight] of line.entries()) {
      const n = Math.min(Math.max(at + k - radius, 0), length - 1) - from;
      weights[n] = (weights[n] ?? 0) + weight;
    }
    const places = isBorder ? 1 : length - 2 * radius;
    bands.push({ at, places, from, weights });
    at += places;
  }
  return bands;
}

/** Calls for each run of values that have the same weights, in their order: where it lies, where what its sums begin with lies, and its band. */
function eachRun(size: number, { length, inner, bands }: Axis, use: (to: number, from: number, count: number, band: number) => void): void {
  for (let begin = 0; begin < size; begin += length * inner) {
    for (let n = 0; n < bands.length; n++) {
      const { at, places, from } = bands[n];
      use(begin + at * inner, begin + from * inner, places * inner, n);
    }
  }
}
