import type { Tensor3D } from '@tensorflow/tfjs-core';
import { checkArgument, checkFinite, checkShape } from '../check';
import { copiesAfterGuide } from '../generators/exemplar/guided';
import type { NearestField } from '../generators/generator';
import { type CopyField, copyField } from '../pixels/copy-field';
import { mirrored } from '../pixels/sample';
import type { CellScores, LowResolution } from '../pixels/window';
import type { Pause, Threads } from '../threads/task';

/** The generator's own field of copies. */
export async function givenCopies(correspondence: NearestField, low: LowResolution): Promise<CopyField> {
  return copyField(await givenOffsets(correspondence, low), low);
}

/**
 * The field of a generator that gives none, and the fill that it makes: the hole rebuilt from patches of the picture, after
 * what the generator painted: all of it if `follow`, else where it is not astray. `undefined` where hardly anything is left to copy from.
 */
export async function rebuiltCopies(
  filled: Float32Array,
  { width, height, hole, barred }: LowResolution,
  options: { follow: boolean; seed: number; threads: Threads; pause: Pause },
): Promise<{ copies: CopyField; picture: Float32Array } | undefined> {
  const rebuilt = await copiesAfterGuide({ guide: filled, hole, barred, height, width, ...options });
  return rebuilt && { copies: copyField(rebuilt.copies, { height, width }), picture: rebuilt.blended };
}

/**
 * Reads a generator's scores.
 * @throws ShapeError, ArgumentError (`argument`, `not-finite`)
 */
export async function readScores(scores: Tensor3D, [height, width]: number[], name: string): Promise<CellScores> {
  checkShape(scores, 'HWC', name, 'correspondence.scores');
  const [rows, columns, references] = scores.shape;
  checkArgument(references === rows * columns, name, 'correspondence.scores', '[rows, columns, rows * columns]', `[${scores.shape.join(', ')}]`);
  const weights = (await scores.data()) as Float32Array;
  checkFinite(weights, name, 'correspondence.scores');
  return { rows, columns, height, width, weights };
}

/** The generator's field without what its picture was padded by: a way into that mirror image leads to the pixel it shows. */
async function givenOffsets({ offsets }: NearestField, { width, height }: LowResolution): Promise<Int32Array> {
  const values = await offsets.data();
  const [, row] = offsets.shape;
  const ways = new Int32Array(2 * width * height);
  for (let y = 0; y < height; y++) ways.set(values.subarray(2 * y * row, 2 * (y * row + width)), 2 * y * width);
  for (let p = 0; p < width * height; p++) {
    const y = Math.floor(p / width);
    const x = p - y * width;
    if (y + ways[2 * p] >= height) ways[2 * p] = mirrored(y + ways[2 * p], height) - y;
    if (x + ways[2 * p + 1] >= width) ways[2 * p + 1] = mirrored(x + ways[2 * p + 1], width) - x;
  }
  return ways;
}
