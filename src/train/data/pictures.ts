import { throwIfAborted } from '../../abort';
import { checkArgument, checkWhole } from '../../check';
import { InpaintError, PictureError } from '../../errors';
import { loadSharp } from '../../io/sharp';
import type { Picture } from '../../picture';
import { decodeCrop, drawCrop, openPicture } from './crop';
import { pictureFiles } from './files';
import { type Item, itemsFromFiles, itemsInOrder } from './items';
import { pairedFiles } from './pairs';
import { randomAt } from './random';

/** Options of {@link pictureSource} and {@link pairedSource}. */
export interface PictureSourceOptions {
  /** The crops' side in pixels. */
  size: number;
  /** How many crops a batch has. Default 1. */
  batch?: number;
  /** A whole number >= 0 that all order and chance are drawn from. Default 0. */
  seed?: number;
  /**
   * How large a picture is drawn: the range of its short side, in crops, 1 <= from <= to. At 1 the crop takes up the whole short side, at
   * 2 half of it. A picture is enlarged only where it is smaller than the crop. Default [1, 2].
   */
  scale?: readonly [number, number];
  /** Whether half of the crops are mirrored. Default true. */
  flip?: boolean;
  /** The order of the channels. Default `'rgb'`; networks from TensorFlow 1 programs with OpenCV want `'bgr'`. */
  order?: 'rgb' | 'bgr';
  /** How many pictures are decoded ahead of the batch that is being waited for. Default: two batches. */
  prefetch?: number;
  /** Told of each picture that can't be used, once, and why; it is not tried again. Default: a line on stderr. */
  onSkip?: (name: string, reason: InpaintError) => void;
  /** Stops the source: what is being decoded is waited for, then the iterator throws an AbortError. */
  signal?: AbortSignal;
}

/** A batch of crops. */
export interface PictureBatch {
  /** [batch, size, size, 3], row by row, in [-1, 1]. */
  values: Float32Array;
  /** Where each crop is from: the file's path, or `picture N`. */
  names: string[];
  /** Where the next batch starts: what to give to `startAt` to go on from here. */
  position: number;
}

/** A batch of crops and of what they are to be translated to. */
export interface PairedBatch extends PictureBatch {
  /** [batch, size, size, 3], row by row, in [-1, 1]: the same places of the same crops. */
  targets: Float32Array;
}

/** Endless batches. */
export interface BatchSource<T extends PictureBatch> extends AsyncIterable<T> {
  /**
   * Batches from a position on: exactly those that a source which began at 0 would give from there. Any number of iterators may run, each for
   * itself. An iterator decodes ahead; `return()` (or leaving a `for await` loop) waits for what is under way and ends it.
   */
  startAt(position: number): AsyncGenerator<T, void, void>;
}

type Settled = Required<Omit<PictureSourceOptions, 'signal'>> & { signal?: AbortSignal };
type Drawn = { item: Item; values?: Float32Array[] };

function settled(options: PictureSourceOptions, op: string): Settled {
  const { size, batch = 1, seed = 0, scale = [1, 2], flip = true, order = 'rgb', prefetch = 2 * batch, signal } = options;
  checkWhole(size, 1, op, 'size');
  checkWhole(batch, 1, op, 'batch');
  checkWhole(seed, 0, op, 'seed');
  checkWhole(prefetch, 0, op, 'prefetch');
  checkArgument(scale.length === 2 && scale[0] >= 1 && scale[1] >= scale[0] && scale[1] < 1e6, op, 'scale', 'a range of numbers >= 1', scale);
  checkArgument(order === 'rgb' || order === 'bgr', op, 'order', "'rgb' or 'bgr'", order);
  const onSkip = options.onSkip ?? ((name, reason) => console.warn(`${name} is left out: ${reason.message}`));
  return { size, batch, seed, scale, flip, order, prefetch, onSkip, signal };
}

/** Decodes the crops of an item: one, or one of each picture of a pair. */
async function cropsOf(item: Item, options: Settled): Promise<Float32Array[]> {
  const { size, seed, order, signal } = options;
  const opened = await Promise.all(item.parts.map((part) => openPicture(part, item.name)));
  throwIfAborted(signal);
  const [first, ...others] = opened;
  for (const { name, width, height } of others) {
    if (width !== first.width || height !== first.height) {
      throw new PictureError('format', `${name} is ${first.width} x ${first.height}, its target ${width} x ${height}`, {
        expected: { width: first.width, height: first.height },
        actual: { width, height },
      });
    }
  }
  const crop = drawCrop(first.width, first.height, options, randomAt(seed, 'crop', item.position));
  return Promise.all(opened.map((picture) => decodeCrop(picture, crop, size, order)));
}

/** The source behind both: batches of crops of the items. */
function source<T extends PictureBatch>(
  items: (start: number) => AsyncGenerator<Item, void, void>,
  options: Settled,
  batchOf: (parts: Float32Array[], rest: PictureBatch) => T,
): BatchSource<T> {
  const { size, batch, prefetch, onSkip, signal } = options;
  const unusable = new Set<string>();

  async function draw(item: Item): Promise<Drawn> {
    throwIfAborted(signal);
    if (unusable.has(item.name)) return { item };
    try {
      return { item, values: await cropsOf(item, options) };
    } catch (reason) {
      if (!(reason instanceof InpaintError) || reason.code === 'aborted') throw reason;
      if (!unusable.has(item.name)) {
        unusable.add(item.name);
        onSkip(item.name, reason);
      }
      return { item };
    }
  }

  async function* startAt(start: number): AsyncGenerator<T, void, void> {
    checkWhole(start, 0, 'pictureSource', 'position');
    throwIfAborted(signal);
    await loadSharp();
    const coming = items(start);
    const queue: Promise<Drawn | undefined>[] = [];
    let firstPass: number | undefined;
    let [good, ended] = [0, false];
    try {
      while (!ended) {
        const crops: Float32Array[][] = [];
        const names: string[] = [];
        let position = start;
        while (crops.length < batch) {
          while (queue.length <= prefetch + batch - 1 - crops.length) {
            const drawn = coming.next().then(({ value }) => (value ? draw(value) : undefined));
            // A failure that nobody waits for yet is not unhandled: it is thrown when its turn comes.
            drawn.catch(() => undefined);
            queue.push(drawn);
          }
          const drawn = await queue.shift();
          throwIfAborted(signal);
          firstPass ??= drawn?.item.pass;
          // Two passes on, every picture has been tried.
          if (good === 0 && (!drawn || drawn.item.pass > firstPass! + 1))
            throw new PictureError('file-read', 'none of the pictures can be used', { actual: 0 });
          ended = !drawn;
          if (!drawn) break;
          position = drawn.item.position + 1;
          if (!drawn.values) continue;
          good++;
          crops.push(drawn.values);
          names.push(drawn.item.name);
        }
        if (ended) return;
        const parts = crops[0].map((_, part) => {
          const values = new Float32Array(batch * size * size * 3);
          crops.forEach((crop, i) => {
            values.set(crop[part], i * crop[part].length);
          });
          return values;
        });
        yield batchOf(parts, { values: parts[0], names, position });
      }
    } finally {
      await Promise.allSettled([coming.return(), ...queue]);
    }
  }

  return { startAt, [Symbol.asyncIterator]: () => startAt(0) };
}

/**
 * Random crops of pictures, in batches without end, decoded ahead of need.
 *
 * Each epoch takes every picture once, in an order drawn from the seed. What is drawn at a position depends on nothing but the seed, the
 * position and the list of files: the position (how many pictures were drawn) is all that a run has to remember. Files are turned the way
 * their EXIF orientation says. One that can't be decoded is reported once and skipped; its positions pass without it.
 *
 * An async iterable of pictures is taken in its own order, and iterated again whenever it ends; one that then gives nothing more (a generator)
 * ends the source. Needs sharp.
 *
 * @param pictures a folder (with the folders in it), a list of files, or an async iterable of Pictures.
 * @returns batches of crops, [batch, size, size, 3] in [-1, 1].
 * @throws ArgumentError at once; while iterating PictureError (`file-read`) where there is no picture that can be used, AbortError.
 * @example
 * ```ts
 * for await (const { values, names, position } of pictureSource('photos', { size: 256, batch: 4 }).startAt(1200)) {
 *   const image = tf.tensor4d(values, [4, 256, 256, 3]);
 * }
 * ```
 */
export function pictureSource(pictures: string | readonly string[] | AsyncIterable<Picture>, options: PictureSourceOptions): BatchSource<PictureBatch> {
  const rest = settled(options, 'pictureSource');
  const files = typeof pictures === 'string' ? () => pictureFiles(pictures) : Array.isArray(pictures) ? async () => pictures as readonly string[] : undefined;
  checkArgument(
    files !== undefined || (pictures as AsyncIterable<Picture>)?.[Symbol.asyncIterator] !== undefined,
    'pictureSource',
    'pictures',
    'a folder, a list of files or an async iterable',
    pictures,
  );
  const items = files
    ? (start: number) => itemsFromFiles(async () => (await files()).map((path) => ({ name: path, parts: [path] })), rest.seed, start, rest.signal)
    : (start: number) => itemsInOrder(pictures as AsyncIterable<Picture>, start, rest.signal);
  return source(items, rest, (_, batch) => batch);
}

/**
 * Random crops of pairs of pictures, for networks that translate one into the other: two folders with files of the same names, whatever
 * their endings. Both pictures of a pair have one size and get the same crop. Otherwise as {@link pictureSource}; a file without its
 * partner is reported and left out.
 *
 * @param inputs the folder of what is translated.
 * @param targets the folder of what it is translated to.
 * @returns batches of crops and targets, [batch, size, size, 3] in [-1, 1].
 * @throws ArgumentError at once; while iterating PictureError (`file-read`) where there is no pair that can be used, AbortError.
 * @example
 * ```ts
 * const pairs = pairedSource('edges', 'photos', { size: 256, batch: 4 });
 * ```
 */
export function pairedSource(inputs: string, targets: string, options: PictureSourceOptions): BatchSource<PairedBatch> {
  const rest = settled(options, 'pairedSource');
  const pairs = pairedFiles(inputs, targets, rest.onSkip);
  return source(
    (start) => itemsFromFiles(pairs, rest.seed, start, rest.signal),
    rest,
    (parts, batch) => ({ ...batch, targets: parts[1] }),
  );
}
