import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import { PictureError } from '../errors';
import type { MaskSource } from './data/masks';
import type { BatchSource, PairedBatch, PictureBatch } from './data/pictures';
import type { Batch } from './recipe';

/** A batch and the names of its pictures, for messages. */
export interface NamedBatch {
  /** Its tensors belong to whoever drew it. */
  readonly batch: Batch;
  /** One for each picture. */
  readonly names: readonly string[];
}

/** Where a run's pictures and holes come from. */
export interface TrainingData {
  /** Batches of pictures, or of pairs where the task is translation; of the masks' size. */
  readonly pictures: BatchSource<PictureBatch | PairedBatch>;
  /** Their holes. */
  readonly masks: MaskSource;
}

/** How far a run has drawn from its data. */
export interface DataPosition {
  /** Pictures, those that could not be read counted. */
  pictures: number;
  /** Holes. */
  holes: number;
}

/** Batches as tensors, one after another, and how far they have come. */
export class BatchReader {
  /** Where the next batch starts. */
  readonly position: DataPosition;
  private readonly pictures: AsyncGenerator<PictureBatch | PairedBatch, void, void>;

  constructor(
    private readonly data: TrainingData,
    start: Readonly<DataPosition>,
  ) {
    this.position = { ...start };
    this.pictures = data.pictures.startAt(start.pictures);
  }

  /** The next batch; its tensors are the caller's. */
  async next(): Promise<NamedBatch> {
    const { value } = await this.pictures.next();
    if (!value) throw new PictureError('file-read', 'the pictures came to an end: a source that is iterated again must give pictures again');
    const { size } = this.data.masks;
    const { values, names, position } = value;
    const holes = new Float32Array(names.length * size * size);
    for (let n = 0; n < names.length; n++) holes.set(this.data.masks.at(this.position.holes + n), n * size * size);
    this.position.pictures = position;
    this.position.holes += names.length;
    const picture = (pixels: Float32Array): Tensor4D => tensor4d(pixels, [names.length, size, size, 3]);
    return {
      names,
      batch: { image: picture(values), hole: tensor4d(holes, [names.length, size, size, 1]), ...('targets' in value && { target: picture(value.targets) }) },
    };
  }

  /** Stops decoding ahead. */
  async close(): Promise<void> {
    await this.pictures.return();
  }
}
