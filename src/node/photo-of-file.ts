import type { Estimate } from '../cra/estimate';
import type { Photo } from '../cra/kinds';
import { type MaskMaker, PhotoSession, type SessionOptions, type SessionStep } from '../cra/session';
import { fitMask } from '../io/fit-mask';
import { type PictureSource, type ReadOptions, readMask } from '../io/read';
import { type EncodeOptions, encodePicture, type WriteOptions, writePicture } from '../io/write';
import type { Picture, PictureFormat } from '../picture';
import type { MaskShapes } from '../shapes/shapes';
import { drawingOf } from './drawn-mask';
import type { FileFillOptions, FileSession } from './file-session';
import { isFile } from './is-file';

/** A session of a photo that was read from a file, whose masks may be files as well. */
export class PhotoOfFile extends PhotoSession implements FileSession {
  readonly format?: PictureFormat;
  readonly #reading: ReadOptions;

  constructor(picture: Picture, options: SessionOptions, reading: ReadOptions) {
    super(picture, options);
    this.format = picture.metadata?.format;
    this.#reading = reading;
  }

  override fill(mask: PictureSource | Photo | MaskShapes, { fitMask: fit = false, ...options }: FileFillOptions = {}): Promise<SessionStep> {
    return this.fillBy(this.#masked(mask, fit, options.onWarning), options);
  }

  override estimate(mask: PictureSource | Photo | MaskShapes, { fitMask: fit = false, ...options }: FileFillOptions = {}): Promise<Estimate> {
    return this.estimateBy(this.#masked(mask, fit, options.onWarning), options);
  }

  #masked(mask: PictureSource | Photo | MaskShapes, fit: boolean, onWarning = this.#reading.onWarning): MaskMaker {
    return async (photo) => {
      const draw = await drawingOf(mask, fit);
      if (draw) return { mask: draw(photo), hole: 'white' };
      if (!isFile(mask)) return { mask: mask as Photo };
      const read = await readMask(mask, { ...this.#reading, onWarning });
      return { mask: fit ? fitMask(read, photo.width, photo.height) : read };
    };
  }

  encode(options: EncodeOptions = {}): Promise<Buffer> {
    return this.use('encode', (picture) => encodePicture(picture, options));
  }

  write(output: string | URL, options: WriteOptions = {}): Promise<void> {
    return this.use('write', (picture) => writePicture(picture, output, options));
  }
}
