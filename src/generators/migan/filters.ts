import { WeightsError } from '../../errors';
import { quoted } from '../../io/weights/parse';
import { toFloat32, type WeightFile } from '../../io/weights/weight-file';

const TAPS = [1, 3, 3, 1];

/**
 * Checks the constants of a file that are not loaded, since the network computes with them without: the binomial filter,
 * once per channel, that halves (of sum 1) and doubles (of sum 4), and the grid that puts every other pixel between zeros.
 *
 * @throws WeightsError `weights-mismatch`
 */
export function checkFilters(file: WeightFile): void {
  for (const [name, array] of file.tensors) {
    const fits = expectation(name, array.shape);
    if (fits && !toFloat32(array).every(fits)) {
      throw new WeightsError('weights-mismatch', `migan: ${quoted(name)} is not the constant that the network computes with`, {
        expected: name.endsWith('.filter_const') ? 'ones at even rows and columns, else zeros' : '[1, 3, 3, 1] along both axes, of sum 1 or 4',
        actual: [...toFloat32(array).subarray(0, 16)],
      });
    }
  }
}

/** Whether the value at a place is the expected one; `undefined` for what is no such constant. */
function expectation(name: string, shape: readonly number[]): ((value: number, at: number) => boolean) | undefined {
  const [, change] = /\.(up|down)sample\.filter\.weight$/.exec(name) ?? [];
  const sum = change === 'up' ? 4 : 1;
  if (change) return (value, at) => Math.abs(value - (sum * TAPS[(at >> 2) & 3] * TAPS[at & 3]) / 64) < 1e-6;
  if (!name.endsWith('.filter_const')) return undefined;
  const width = shape[shape.length - 1];
  return (value, at) => value === Number(Math.floor(at / width) % 2 === 0 && (at % width) % 2 === 0);
}
