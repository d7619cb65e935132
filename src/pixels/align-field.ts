import { randomIntegers } from '../arrays/random';
import { VectorMemory } from '../arrays/vector-memory';
import { checkArgument, checkSameShape, checkWhole } from '../check';
import { DEFAULT_MEMORY } from '../memory';
import { channelMaximum } from '../picture';
import { knownRows, WHOLLY } from './average';
import { type Box, boxHeight, boxWidth } from './box';
import { type CopyField, checkField } from './copy-field';
import { emptyLevel, type FieldLevel, KEPT_OUT, refineField } from './refine-field';
import { type CellRow, pixelRows } from './vector-rows';
import { layoutOf, type Pixels } from './view';
import { checkRetouch, type Retouch } from './window';

// The finest size that copies are aligned at, as a divisor of full size. At half of it they are aligned to two pixels and
// cross-faded over them, for a quarter of the work.
const FINEST = 2;
// Pixels beyond the hole that the field covers at each size.
const RIM = 5;
// What part of the memory rows of a photo may take that are read again together.
const STRETCH = 1 / 32;

/** How {@link alignField} works. */
export interface AlignFieldOptions {
  /** How many bytes may be held; where that does not do for half of full size, a coarser size is the last. Default 512 MiB. */
  memory?: number;
  /** Seeds the random tries, a whole number >= 0. Default 0. */
  seed?: number;
  /** Awaited every few milliseconds: to give way, or to throw so as to stop. Default: neither. */
  pause?: () => Promise<void>;
  /** Where the photo can be read once more, so that it need not be held while the copies are aligned at the finest size. Default: it is held. */
  again?: PhotoAgain;
}

/** A photo that can be read once more. */
export interface PhotoAgain {
  /** Lets go of its pixels. What `alignField()` was given is not looked at from then on. */
  letGo(): void;
  /** The pixels of a box of it, as they were. */
  read(box: Box): Pixels | Promise<Pixels>;
}

/**
 * Aligns a field of copies at one size after the other, up to half of full resolution: what was found in a low-resolution
 * picture is off by several pixels of a large photo.
 *
 * At each size, twice that of the one before, each pixel takes over its neighbours' offsets, or one a pixel or two off, where
 * the 7 x 7 pixels around it then agree better with the photo and the copies beside it.
 *
 * Has no twin: an op over tensors would hold the photo as float32. Nearest to it is `nearestPatches` from given offsets.
 *
 * @param retouch the photo within the window, its hole and the target.
 * @param copies over all of the low-resolution picture of the view.
 * @param options memory, seed and pauses.
 * @returns the field at the finest size, over the target: offsets that lead to pixels of the view that are known and not barred. Where the photo is not clearly
 * larger than the field, or memory is for no finer one, the field as it was given, over the target.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const aligned = await alignField(retouch, copyField(offsets, low));
 * ```
 */
export async function alignField(retouch: Retouch, copies: CopyField, options: AlignFieldOptions = {}): Promise<CopyField> {
  const { memory = DEFAULT_MEMORY, seed = 0, pause = () => Promise.resolve(), again } = options;
  checkRetouch(retouch, 'alignField');
  checkField(copies, 'alignField', 'copies');
  checkSameShape([copies.rows, copies.columns], [copies.height, copies.width], 'alignField', "the copies' rectangle");
  checkArgument(memory > 0, 'alignField', 'memory', '> 0 bytes', memory);
  checkWhole(seed, 0, 'alignField', 'seed');
  const { photo, target } = retouch;
  const { height, width } = photo;
  let field = cropTo(copies, target, height, width);
  const shrink = Math.min(height / copies.height, width / copies.width);
  const shares: number[] = [];
  for (let share = finestWithin(photo, target, memory); share < shrink * 0.75; share *= 2) shares.unshift(share);
  const random = randomIntegers(seed);
  // One for all sizes: each has room where the one before it lay.
  const room = VectorMemory.open();
  for (const share of shares) {
    const level = emptyLevel(Math.round(height / share), Math.round(width / share), field, room);
    await averageInto(level, retouch, pause, share === shares.at(-1) && again ? { again, memory: memory * STRETCH } : undefined);
    field = await refineField(level, field, RIM, random(), pause);
  }
  room?.close();
  return field;
}

/** The finest size at which a window's copies can be aligned within a budget of bytes, as a divisor of full size. */
function finestWithin({ height, width }: Retouch['photo'], target: Box, memory: number): number {
  // Bytes a pixel, and a margin: colours, hole and patch centres of the view; offsets, estimate, cover and list of the target.
  const bytes = 6 * width * height + 18 * boxWidth(target) * boxHeight(target);
  let finest = FINEST;
  while (bytes / (finest * finest) > memory) finest *= 2;
  return finest;
}

/** How a photo is read again. */
interface Anew {
  again: PhotoAgain;
  /** How many bytes of it at once. */
  memory: number;
}

/** Averages the photo down to a size between the low resolution and the full one, in 8 bits; a stretch of rows at a time where it is read for that. */
async function averageInto(level: FieldLevel, { photo, weights, barred }: Retouch, pause: () => Promise<void>, anew?: Anew): Promise<void> {
  const { width, height, colours, marks } = level;
  const down = photo.height / height;
  const cell = (photo.width / width) * down;
  anew?.again.letGo();
  const rowBytes = photo.width * photo.channels * photo.data.BYTES_PER_ELEMENT;
  const atOnce = anew ? Math.max(1, Math.floor(anew.memory / (rowBytes * down))) : height;
  for (let from = 0; from < height; from += atOnce) {
    const to = Math.min(height, from + atOnce);
    const rows = anew ? await rowsAgain(anew.again, photo, pixelRows(from, to, down, photo.height)) : photo;
    const barredRows = barred && knownRows(rows, barred, width, height, from, to);
    for (const { row, bytes } of knownRows(rows, weights, width, height, from, to)) {
      const line = bytes(cell * WHOLLY, 255 / channelMaximum(photo));
      colours.set(line.colours, row * width * 3);
      marks.set(line.hole, row * width);
      if (barredRows) {
        const { hole } = (barredRows.next().value as CellRow).bytes(cell * WHOLLY, 1);
        for (let x = 0; x < width; x++) if (hole[x] && !marks[row * width + x]) marks[row * width + x] = KEPT_OUT;
      }
      await pause();
    }
  }
}

/** Some rows of a photo that is read again. They are counted as those of the whole: the first of them that is there lies behind rows that are not. */
async function rowsAgain(again: PhotoAgain, { width, height, channels }: Pixels, { top, bottom }: Pick<Box, 'top' | 'bottom'>): Promise<Pixels> {
  const rows = await again.read({ top, left: 0, bottom, right: width });
  const { start, stride } = layoutOf(rows);
  return { width, height, channels, data: rows.data, offset: start - top * stride, stride };
}

/** The part of a field that a target lies in, of a view of height x width pixels. */
function cropTo(field: CopyField, target: Box, height: number, width: number): CopyField {
  const down = field.height / height;
  const across = field.width / width;
  const top = Math.max(0, Math.floor(target.top * down) - 1);
  const left = Math.max(0, Math.floor(target.left * across) - 1);
  const rows = Math.min(field.height, Math.ceil(target.bottom * down) + 1) - top;
  const columns = Math.min(field.width, Math.ceil(target.right * across) + 1) - left;
  const offsets = new Int32Array(rows * columns * 2);
  const covered = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const from = (top + r) * field.width + left;
    offsets.set(field.offsets.subarray(2 * from, 2 * (from + columns)), 2 * r * columns);
    covered.set(field.covered.subarray(from, from + columns), r * columns);
  }
  return { ...field, top, left, rows, columns, offsets, covered };
}
