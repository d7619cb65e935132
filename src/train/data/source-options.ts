import { checkArgument, checkOneOf, checkWhole } from '../../check';
import type { InpaintError } from '../../errors';

/** Options of `pictureSource()` and `pairedSource()`. */
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

/** The options with their defaults. */
export type SettledOptions = Required<Omit<PictureSourceOptions, 'signal'>> & { signal?: AbortSignal };

/** Checks the options and fills in the defaults. */
export function settled(options: PictureSourceOptions, op: string): SettledOptions {
  const { size, batch = 1, seed = 0, scale = [1, 2], flip = true, order = 'rgb', prefetch = 2 * batch, signal } = options;
  checkWhole(size, 1, op, 'size');
  checkWhole(batch, 1, op, 'batch');
  checkWhole(seed, 0, op, 'seed');
  checkWhole(prefetch, 0, op, 'prefetch');
  checkArgument(scale.length === 2 && scale[0] >= 1 && scale[1] >= scale[0] && scale[1] < 1e6, op, 'scale', 'a range of numbers >= 1', scale);
  checkOneOf(order, ['rgb', 'bgr'], op, 'order');
  const onSkip = options.onSkip ?? ((name, reason) => console.warn(`${name} is left out: ${reason.message}`));
  return { size, batch, seed, scale, flip, order, prefetch, onSkip, signal };
}
