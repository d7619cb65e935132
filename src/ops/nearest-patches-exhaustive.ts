import {
  argMin,
  concat,
  div,
  gather,
  greater,
  matMul,
  mean,
  mul,
  reshape,
  square,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { placesOf } from '../arrays/places';
import { checkArgument, checkOdd, checkSameShape, checkShape } from '../check';
import type { NearestPatches } from './nearest-patches';

/** Options of {@link nearestPatchesExhaustive}. */
export interface ExhaustivePatchesOptions {
  /** `[H, W, 1]`: > 0 where a patch centre may be taken as source. Whoever calls sees to it that those patches are wholly valid. */
  sources: Tensor3D;
  /** `[H, W, 1]`: > 0 where a nearest patch is asked for. */
  queries: Tensor3D;
  /** `[H, W, 1]`: > 0 where a query patch may be compared. Without it every pixel is, and the picture's edge is repeated beyond its border. */
  known?: Tensor3D;
  /** Odd side of the square patches, in pixels. Default 7. */
  patchSize?: number;
  /** Added to the distances for leading far away: penalty * (offset / size)^2, for rows and columns. Default [0, 0]. */
  offsetPenalty?: [number, number];
}

/**
 * Finds for each query patch the source patch that resembles it most, by comparing it with all of them.
 *
 * d(q, s) = mean over the known pixels i of the patch of |features(q + i) - features(s + i)|^2 + penalty of the offset s - q
 *
 * All against all as a product of matrices, in pieces of 32 MiB at most: meant for small pictures, where it is exact, and
 * for queries of which only some pixels are known. `known` concerns queries only; pixels of theirs beyond the border count
 * as unknown then. Not differentiable.
 *
 * @param features [H, W, C], float32: colours and whatever else patches are to be compared by. Unknown pixels may hold anything.
 * @returns offsets and distances as {@link nearestPatches} gives them. Offset 0, 0 and distance Infinity for a query that
 * has no known pixel, and for all of them where there are no sources.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { offsets, distances } = await nearestPatchesExhaustive(picture, { sources, queries, known });
 * ```
 * Source: Criminisi et al., Region filling and object removal by exemplar-based image inpainting, TIP 2004.
 */
export async function nearestPatchesExhaustive(features: Tensor3D, options: ExhaustivePatchesOptions): Promise<NearestPatches> {
  const op = 'nearestPatchesExhaustive';
  checkShape(features, 'HWC', op, 'features');
  const [height, width] = features.shape;
  const { sources, queries, known, patchSize = 7, offsetPenalty = [0, 0] } = options;
  checkSameShape(sources.shape, [height, width, 1], op, 'sources');
  checkSameShape(queries.shape, [height, width, 1], op, 'queries');
  if (known) checkSameShape(known.shape, [height, width, 1], op, 'known');
  checkOdd(patchSize, op, 'patchSize');
  checkArgument(Math.min(...offsetPenalty) >= 0, op, 'offsetPenalty', '>= 0', offsetPenalty);
  return compareAll(features, options, 2 ** 23);
}

/** The op without its checks; no tensor holds more than `largest` values, unless a single patch does. */
export async function compareAll(features: Tensor3D, options: ExhaustivePatchesOptions, largest: number): Promise<NearestPatches> {
  const [height, width, channels] = features.shape;
  const { sources, queries, known, patchSize = 7, offsetPenalty = [0, 0] } = options;
  const [sourceMask, queryMask, knownMask] = await Promise.all([sources.data(), queries.data(), known?.data()]);
  const grid: PatchGrid = { height, width, patchSize, knownMask };
  const sourceList = placesOf(sourceMask);
  const queryList = placesOf(queryMask).filter((q) => !known || knownPixels(q, grid).length > 0);
  const offsets = new Int32Array(height * width * 2);
  const distances = new Float32Array(height * width);
  for (const q of placesOf(queryMask)) distances[q] = Number.POSITIVE_INFINITY;

  const length = patchSize * patchSize * channels + 2;
  const sourcesAtOnce = Math.min(sourceList.length, Math.max(1, Math.floor(largest / length)));
  const queriesAtOnce = Math.max(1, Math.floor(largest / Math.max(length, sourcesAtOnce)));
  for (let from = 0; from < sourceList.length; from += sourcesAtOnce) {
    const candidates = sourceList.subarray(from, from + sourcesAtOnce);
    const table = tidy(() => {
      const vectors = patchVectors(features, candidates, grid, offsetPenalty);
      // Distances stay the same, but fewer digits are lost in the difference of large numbers.
      const centre = mean(vectors, 0) as Tensor1D;
      const centred = sub(vectors, centre) as Tensor2D;
      // Transposed once and for all, not by matMul: on wasm that takes 13 times as long.
      const columns = transpose(centred);
      return { centre, vectors: centred, columns, squares: square(columns) };
    });
    try {
      for (let first = 0; first < queryList.length; first += queriesAtOnce) {
        const asked = queryList.subarray(first, first + queriesAtOnce);
        const nearest = tidy(() => nearestOf(sub(patchVectors(features, asked, grid, offsetPenalty), table.centre), table, weightsOf(asked, grid, channels)));
        const [best, distance] = await Promise.all([nearest.best.data(), nearest.distance.data()]).finally(() => {
          nearest.best.dispose();
          nearest.distance.dispose();
        });
        asked.forEach((q, n) => {
          if (!(distance[n] < distances[q])) return;
          const s = candidates[best[n]];
          const row = Math.floor(s / width) - Math.floor(q / width);
          offsets[2 * q] = row;
          offsets[2 * q + 1] = s - q - row * width;
          distances[q] = distance[n];
        });
      }
    } finally {
      table.centre.dispose();
      table.vectors.dispose();
      table.columns.dispose();
      table.squares.dispose();
    }
  }
  return { offsets: tensor(offsets, [height, width, 2], 'int32') as Tensor3D, distances: tensor2d(distances, [height, width], 'float32') };
}

interface PatchGrid {
  height: number;
  width: number;
  patchSize: number;
  knownMask?: ArrayLike<number>;
}

/** [places, patchSize^2 C + 2]: a patch a row, then its position, scaled such that the penalty is a squared distance as well. */
function patchVectors(features: Tensor3D, places: Int32Array, { height, width, patchSize }: PatchGrid, penalty: [number, number]): Tensor2D {
  const area = patchSize * patchSize;
  const margin = patchSize >> 1;
  const indices = new Int32Array(places.length * area);
  const positions = new Float32Array(places.length * 2);
  places.forEach((p, n) => {
    const y = Math.floor(p / width);
    const x = p - y * width;
    for (let i = 0; i < area; i++) {
      const row = Math.min(Math.max(y - margin + Math.floor(i / patchSize), 0), height - 1);
      indices[n * area + i] = row * width + Math.min(Math.max(x - margin + (i % patchSize), 0), width - 1);
    }
    positions[2 * n] = (Math.sqrt(penalty[0] * area) * y) / height;
    positions[2 * n + 1] = (Math.sqrt(penalty[1] * area) * x) / width;
  });
  const channels = features.shape[2];
  const pixels = gather(reshape(features, [height * width, channels]), tensor1d(indices, 'int32'));
  return concat([reshape(pixels, [places.length, area * channels]), tensor2d(positions, [places.length, 2])], 1) as Tensor2D;
}

interface PatchWeights {
  /** [places, patchSize^2 C + 2]; without it every entry counts once. */
  entries?: Tensor2D;
  /** By what the sum is divided for a mean over pixels: a number, or [places]. */
  count: number | Tensor1D;
}

/** Which of the patch's pixels, counted row by row, may be compared. */
function knownPixels(p: number, { height, width, patchSize, knownMask }: PatchGrid): number[] {
  const y = Math.floor(p / width) - (patchSize >> 1);
  const x = (p % width) - (patchSize >> 1);
  const pixels: number[] = [];
  for (let i = 0; i < patchSize * patchSize; i++) {
    const row = y + Math.floor(i / patchSize);
    const column = x + (i % patchSize);
    if (!knownMask || (row >= 0 && column >= 0 && row < height && column < width && knownMask[row * width + column] > 0)) pixels.push(i);
  }
  return pixels;
}

function weightsOf(places: Int32Array, grid: PatchGrid, channels: number): PatchWeights {
  const area = grid.patchSize * grid.patchSize;
  if (!grid.knownMask) return { count: area };
  const length = area * channels + 2;
  const entries = new Float32Array(places.length * length);
  const counts = new Float32Array(places.length);
  places.forEach((p, n) => {
    const pixels = knownPixels(p, grid);
    for (const i of pixels) entries.fill(1, n * length + i * channels, n * length + (i + 1) * channels);
    // The penalty counts in full, however few pixels do.
    entries.fill(pixels.length / area, (n + 1) * length - 2, (n + 1) * length);
    counts[n] = pixels.length;
  });
  return { entries: tensor2d(entries, [places.length, length]), count: tensor1d(counts) };
}

/** For each row of `vectors` the nearest of the table's rows, by |q - s|^2 = |q|^2 - 2 q s + |s|^2, and its distance without that detour. */
function nearestOf(
  vectors: Tensor2D,
  table: { vectors: Tensor2D; columns: Tensor2D; squares: Tensor2D },
  { entries, count }: PatchWeights,
): { best: Tensor1D; distance: Tensor1D } {
  const counts = entries && greater(entries, 0);
  const masked = counts ? where(counts, vectors, zerosLike(vectors)) : vectors;
  const weighted = entries ? mul(masked, entries) : masked;
  const lengths = entries ? matMul(entries, table.squares) : sum(table.squares, 0);
  const best = argMin(sub(lengths, mul(matMul(weighted, table.columns), 2)), 1) as Tensor1D;
  const difference = square(sub(masked, gather(table.vectors, best)));
  const distance = div(sum(entries ? mul(difference, entries) : difference, 1), count) as Tensor1D;
  return { best, distance };
}
