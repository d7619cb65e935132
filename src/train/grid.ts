import { slice, type Tensor4D } from '@tensorflow/tfjs-core';
import { onBackend } from '../backend';
import { checkArgument, checkOneOf, checkShape, checkWhole } from '../check';
import type { Picture } from '../picture';

/** Options of {@link pictureGrid}. */
export interface GridOptions {
  /** At most how many pictures of the batch are shown, one a row. Default 8. */
  rows?: number;
  /** The order of the channels. Default `'rgb'`. */
  order?: 'rgb' | 'bgr';
  /** Pixels of grey between pictures. Default 2. */
  gap?: number;
}

/**
 * Lays pictures out in a grid: a row for each picture of the batch, a column for each tensor, in the order of their names.
 *
 * @param columns tensors of one batch: [B, H, W, 3] in [-1, 1] (beyond that it is cut off), or [B, H, W, 1] in [0, 1], such as a hole, which is
 * shown in white. A tensor smaller than the largest is enlarged to it by repeating pixels. NaN is shown as magenta.
 * @param options rows, order of channels, gap.
 * @returns an 8-bit RGB Picture.
 * @throws ShapeError, ArgumentError, BackendError
 * @example
 * ```ts
 * await writePicture(await pictureGrid({ input, hole, coarse, fine, composite, truth }), 'grid.png');
 * ```
 */
export async function pictureGrid(columns: Readonly<Record<string, Tensor4D>>, options: GridOptions = {}): Promise<Picture> {
  const { rows: most = 8, order = 'rgb', gap = 2 } = options;
  const entries = Object.entries(columns);
  checkArgument(entries.length > 0, 'pictureGrid', 'columns', 'one tensor or more', entries.length);
  checkWhole(most, 1, 'pictureGrid', 'rows');
  checkWhole(gap, 0, 'pictureGrid', 'gap');
  checkOneOf(order, ['rgb', 'bgr'], 'pictureGrid', 'order');
  const batch = entries[0][1].shape[0];
  for (const [name, tensor] of entries) {
    checkShape(tensor, tensor.shape[3] === 1 ? 'BHW1' : 'BHW3', 'pictureGrid', name);
    checkArgument(tensor.shape[0] === batch, 'pictureGrid', name, `of a batch of ${batch}`, tensor.shape[0]);
  }
  const height = Math.max(...entries.map(([, tensor]) => tensor.shape[1]));
  const width = Math.max(...entries.map(([, tensor]) => tensor.shape[2]));
  const rows = Math.min(most, batch);
  const [gridWidth, gridHeight] = [entries.length * (width + gap) - gap, rows * (height + gap) - gap];
  const data = new Uint8Array(gridWidth * gridHeight * 3).fill(128);
  // Read all at once: a tensor of the caller's may be gone after the first wait.
  const values = await onBackend(() => Promise.all(entries.map(([, tensor]) => valuesOf(tensor, rows))));
  entries.forEach(([, { shape }], column) => {
    for (let row = 0; row < rows; row++) {
      for (let y = 0; y < height; y++) {
        const to = ((row * (height + gap) + y) * gridWidth + column * (width + gap)) * 3;
        const line = (row * shape[1] + Math.floor((y * shape[1]) / height)) * shape[2];
        for (let x = 0; x < width; x++) {
          const from = (line + Math.floor((x * shape[2]) / width)) * shape[3];
          data.set(shape[3] === 1 ? pixelOf([values[column][from] * 2 - 1]) : pixelOf(values[column].subarray(from, from + 3), order), to + 3 * x);
        }
      }
    }
  });
  return { width: gridWidth, height: gridHeight, channels: 3, data };
}

/** The values of the first pictures of a batch. */
async function valuesOf(tensor: Tensor4D, count: number): Promise<ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> }> {
  const first = slice(tensor, [0, 0, 0, 0], [count, -1, -1, -1]);
  try {
    return (await first.data()) as Float32Array;
  } finally {
    first.dispose();
  }
}

function pixelOf(values: ArrayLike<number>, order: 'rgb' | 'bgr' = 'rgb'): [number, number, number] {
  const byte = (channel: number) => Math.round(Math.min(1, Math.max(-1, values[channel % values.length])) * 127.5 + 127.5);
  const [red, green, blue] = order === 'rgb' ? [byte(0), byte(1), byte(2)] : [byte(2), byte(1), byte(0)];
  return Number.isNaN(red + green + blue) ? [255, 0, 255] : [red, green, blue];
}
