import { checkArgument } from '../../check';
import type { Picture } from '../../picture';
import { batchSource } from './batch-source';
import { pictureFiles } from './files';
import { itemsFromFiles, itemsInOrder } from './items';
import { pairedFiles } from './pairs';
import { type BatchSource, type PairedBatch, type PictureBatch, type PictureSourceOptions, settled } from './source-options';

export type { BatchSource, PairedBatch, PictureBatch, PictureSourceOptions } from './source-options';

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
  return batchSource(items, rest, (_, batch) => batch);
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
  return batchSource(
    (start) => itemsFromFiles(pairs, rest.seed, start, rest.signal),
    rest,
    (parts, batch) => ({ ...batch, targets: parts[1] }),
  );
}
