import { matMul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { placesOf } from '../arrays/places';
import { checkArgument, checkFinite, checkSameShape, checkWhole } from '../check';
import { DEFAULT_MEMORY } from '../memory';
import { channelMaximum, colourChannels } from '../picture';
import { boxWidth } from './box';
import { compositor } from './composite';
import { mirrored, upsampler } from './sample';
import { unknownTest } from './seam';
import { layoutOf } from './view';
import { type CellScores, checkFilled, checkRetouch, type FilledWindow, type Retouch } from './window';

/** How {@link aggregateCells} works. */
export interface AggregateCellsOptions {
  /** How many bytes the bands' tensors may take. Default 512 MiB. */
  memory?: number;
  /** Awaited after each band: to give way, or to throw so as to stop. Default: neither. */
  pause?: () => Promise<void>;
}

// The most bytes of one tensor of patches, however large the budget: a band is also what an abort waits for.
const LARGEST_BAND = 4 * 2 ** 20;

/**
 * Adds the residual that soft attention mixes to the upsampled fill and lays the result into the patch: contextual
 * residual aggregation as its authors have it.
 *
 * result(p) = up(base)(p) + sum over the cells r of scores[cell of p, r] * residual(p moved from its cell to r),
 * residual = photo - up(knownBase), and 0 where the photo is unknown
 *
 * The patches don't overlap and are not normalised: where a row of scores sums to less than 1, as rows do with zero-logit
 * masking, or part of a cell is unknown, the detail comes out that much weaker. A row of zeros leaves the upsampled fill. Cells with
 * known pixels that are barred give none, and leave their weight to the others.
 *
 * Cells need not be a whole number of pixels: the i-th begins at round(i * side), and takes as many pixels of the others
 * as it has itself. Beyond the window, where the generator's picture was widened, the photo is mirrored as that was.
 *
 * Only cells that are written to are computed. A pixel at one place of its cell needs the pixels at that place of the
 * others and no more, so the places are worked through in bands, each one product of matrices whose operands fit into
 * `memory` (never less than one place), gathered from the photo's own 8 or 16 bits.
 *
 * Its twin is `aggregateResidual` with scores, which takes cells of whole pixels only. They agree there.
 *
 * @param retouch the photo within the window, its hole, and the patch that is written.
 * @param filled the low-resolution fill of the view, not smoothed, and its scores.
 * @param options memory and pauses.
 * @throws ShapeError, ArgumentError (`argument`, `not-finite`), before anything is written.
 * @example
 * ```ts
 * const scores = { rows: 32, columns: 32, height: 512, width: 512, weights };
 * await aggregateCells(retouch, { width: 512, height: 512, base, knownBase: base, scores });
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), section 3.2.
 */
export async function aggregateCells(
  retouch: Retouch,
  filled: FilledWindow & { scores: CellScores },
  { memory = DEFAULT_MEMORY, pause = () => Promise.resolve() }: AggregateCellsOptions = {},
): Promise<void> {
  checkRetouch(retouch, 'aggregateCells');
  checkFilled(filled, 'aggregateCells');
  checkScores(filled);
  checkArgument(memory > 0, 'aggregateCells', 'memory', '> 0 bytes', memory);
  const { photo, weights, barred, target, patch } = retouch;
  const { base, knownBase, scores, ...low } = filled;
  const { channels, data, height, width } = photo;
  const { start, stride: rowStride } = layoutOf(photo);
  const isUnknown = unknownTest(photo, weights);
  const colours = colourChannels(photo);
  const half = channelMaximum(photo) / 2;
  const vertical = cellsAlong(scores.rows, height, scores.height / low.height);
  const horizontal = cellsAlong(scores.columns, width, scores.width / low.width);
  const sample = upsampler(low, height, width);
  const compose = compositor(patch);
  const across = boxWidth(target);

  const references = scores.rows * scores.columns;
  const shares = patch.weights.data;
  const marked = new Uint8Array(references);
  for (let row = target.top; row < target.bottom; row++) {
    const first = vertical.cellOf[row] * scores.columns;
    const own = (row - target.top) * across - target.left;
    for (let column = target.left; column < target.right; column++) if (shares[own + column] > 0) marked[first + horizontal.cellOf[column]] = 1;
  }
  const spoilt = barred && spoiltCells(retouch, vertical.cellOf, horizontal.cellOf, references);
  const queries = placesOf(marked);
  if (queries.length === 0) return;
  const wanted = new Float32Array(queries.length * references);
  queries.forEach((cell, n) => {
    wanted.set(scores.weights.subarray(cell * references, (cell + 1) * references), n * references);
  });
  checkFinite(wanted, 'aggregateCells', 'scores.weights');
  if (spoilt) for (let n = 0; n < queries.length; n++) shareAmongOthers(wanted.subarray(n * references, (n + 1) * references), spoilt);

  // Both operands and the product stand once in arrays of ours and once in the backend's memory.
  const bytesOfPlace = 4 * colours * references;
  const budget = (memory - 8 * wanted.length) / (2 * (1 + queries.length / references));
  const places = vertical.largest * horizontal.largest;
  const inBand = Math.max(1, Math.min(places, Math.floor(Math.min(budget, LARGEST_BAND) / bytesOfPlace)));
  const stride = inBand * colours;
  const patches = new Float32Array(references * stride);

  const mixing = tensor2d(wanted, [queries.length, references]);
  try {
    for (let from = 0; from < places; from += inBand) {
      const to = Math.min(from + inBand, places);
      gather(from, to);
      // Always of one shape, since a GPU's memory is kept for reuse by size; what is left over in a last, shorter band is not looked at.
      const product = tidy(() => matMul(mixing, tensor2d(patches, [references, stride])));
      try {
        write(await product.data(), from, to);
      } finally {
        product.dispose();
      }
      await pause();
    }
  } finally {
    mixing.dispose();
  }

  /** Fills `patches` with the residual at the places [from, to) of all cells. */
  function gather(from: number, to: number): void {
    for (let r = 0; r < scores.rows; r++) {
      for (let p = from; p < to; ) {
        const dy = Math.floor(p / horizontal.largest);
        const end = Math.min(to, (dy + 1) * horizontal.largest);
        const y = vertical.pixels[vertical.starts[r] + dy];
        const line = start + y * rowStride;
        const dx = p - dy * horizontal.largest;
        for (let c = 0; c < scores.columns; c++) {
          let at = (r * scores.columns + c) * stride + (p - from) * colours;
          const first = horizontal.starts[c] + dx;
          for (let i = first; i < first + end - p; i++) {
            const x = horizontal.pixels[i];
            const unknown = isUnknown(y, x);
            for (let k = 0; k < colours; k++) patches[at++] = unknown ? 0 : data[line + x * channels + k] - (sample(knownBase, y, x, k) + 1) * half;
          }
        }
        p = end;
      }
    }
  }

  /** Writes the pixels at the places [from, to) of the cells asked for. */
  function write(mixed: ArrayLike<number>, from: number, to: number): void {
    for (let n = 0; n < queries.length; n++) {
      const cell = queries[n];
      const r = Math.floor(cell / scores.columns);
      const c = cell - r * scores.columns;
      for (let p = from; p < to; p++) {
        const dy = Math.floor(p / horizontal.largest);
        const y = vertical.starts[r] + dy;
        const x = horizontal.starts[c] + p - dy * horizontal.largest;
        // A place that this cell is too small for is its neighbour's.
        if (y >= vertical.starts[r + 1] || x >= horizontal.starts[c + 1] || y >= height || x >= width) continue;
        if (y < target.top || y >= target.bottom || x < target.left || x >= target.right) continue;
        const pixel = (y - target.top) * across + x - target.left;
        if (shares[pixel] === 0) continue;
        const at = n * stride + (p - from) * colours;
        for (let k = 0; k < colours; k++) compose(pixel, k, (sample(base, y, x, k) + 1) * half + mixed[at + k]);
      }
    }
  }
}

/** 1 for each cell that holds known pixels which must not be copied. */
function spoiltCells({ photo, weights, barred }: Retouch, rows: Int32Array, columns: Int32Array, count: number): Uint8Array {
  const across = columns[columns.length - 1] + 1;
  const isUnknown = unknownTest(photo, weights);
  const isBarred = unknownTest(photo, barred ?? weights);
  const spoilt = new Uint8Array(count);
  for (let y = 0; y < photo.height; y++) {
    for (let x = 0; x < photo.width; x++) if (isBarred(y, x) && !isUnknown(y, x)) spoilt[rows[y] * across + columns[x]] = 1;
  }
  return spoilt;
}

/** Takes the weights of some cells away and gives them to the others, in proportion to their own. */
function shareAmongOthers(weights: Float32Array, without: Uint8Array): void {
  let [all, left] = [0, 0];
  for (let r = 0; r < weights.length; r++) {
    all += weights[r];
    if (without[r]) weights[r] = 0;
    left += weights[r];
  }
  if (left > 0) for (let r = 0; r < weights.length; r++) weights[r] *= all / left;
}

/** Checks that the grid of cells covers the fill, and that there is a weight for each two of them. */
function checkScores({ width, height, scores }: FilledWindow & { scores: CellScores }): void {
  checkWhole(scores.rows, 1, 'aggregateCells', 'scores.rows');
  checkWhole(scores.columns, 1, 'aggregateCells', 'scores.columns');
  checkArgument(scores.height >= height, 'aggregateCells', 'scores.height', "at least the fill's", scores.height);
  checkArgument(scores.width >= width, 'aggregateCells', 'scores.width', "at least the fill's", scores.width);
  checkSameShape([scores.weights.length], [(scores.rows * scores.columns) ** 2], 'aggregateCells', 'scores.weights');
}

/** How a line of pixels is cut into cells. */
interface Cells {
  /** The first place of each cell, and the one after the last cell. */
  starts: Int32Array;
  /** Places of the largest cell. */
  largest: number;
  /** The cell of each pixel of the line. */
  cellOf: Int32Array;
  /** The pixel that each place shows: beyond the line, its mirror image. */
  pixels: Int32Array;
}

/** Cuts a line of pixels, widened by a factor, into cells. */
function cellsAlong(count: number, length: number, widened: number): Cells {
  const side = (length * widened) / count;
  const starts = Int32Array.from({ length: count + 1 }, (_, i) => Math.round(i * side));
  const cellOf = new Int32Array(length);
  let largest = 1;
  for (let i = 0; i < count; i++) {
    largest = Math.max(largest, starts[i + 1] - starts[i]);
    cellOf.fill(i, Math.min(starts[i], length), Math.min(starts[i + 1], length));
  }
  const pixels = Int32Array.from({ length: starts[count] + largest }, (_, i) => mirrored(i, length));
  return { starts, largest, cellOf, pixels };
}
