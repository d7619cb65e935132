import type { Estimate } from '../cra/estimate';
import type { Photo } from '../cra/kinds';
import type { InpaintOptions } from '../cra/options';
import type { Session, SessionStep } from '../cra/session';
import type { PictureSource } from '../io/read';
import type { EncodeOptions, WriteOptions } from '../io/write';
import type { PictureFormat } from '../picture';
import type { MaskShapes } from '../shapes/shapes';

/** Options of {@link FileSession.fill}: those of `inpaint()`. */
export interface FileFillOptions extends InpaintOptions {
  /** Scales a mask file of another size to the photo's, as `fitMask()` does. Default false: it is refused. */
  fitMask?: boolean;
}

/** A {@link Session} of a photo from a file. */
export interface FileSession extends Session {
  /** The format of its file. */
  readonly format?: PictureFormat;
  /**
   * Fills a hole of the photo as it is now. It is a step: what was undone before can't be done again.
   * @param mask as for `inpaint()`; or a file, as for `readMask()`, the path of an SVG, or `{ shapes }`, as for `inpaintFile()`
   * @param options as of `inpaint()`, and `fitMask`
   * @returns what changed; nothing, and no step, where the mask marks nothing
   * @throws as `inpaint()`, `readMask()` and `maskFrom()`; ArgumentError once the session is disposed of
   */
  fill(mask: PictureSource | Photo | MaskShapes, options?: FileFillOptions): Promise<SessionStep>;
  /** What a fill would take: as {@link Session.estimate}, with masks and options of `fill()`. */
  estimate(mask: PictureSource | Photo | MaskShapes, options?: FileFillOptions): Promise<Estimate>;
  /** A file of the photo as it is now, with what it carries: `encodePicture()`. */
  encode(options?: EncodeOptions): Promise<Buffer>;
  /** Writes the photo as it is now, whole or not at all: `writePicture()`. */
  write(output: string | URL, options?: WriteOptions): Promise<void>;
}
