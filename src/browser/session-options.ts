import type { Estimate } from '../cra/estimate';
import type { InpaintOptions, Stage } from '../cra/options';
import type { SessionOptions, SessionPatch } from '../cra/session';
import type { BrowserPictureSource, EncodeOptions } from '../io/browser';
import type { Picture, PictureFormat } from '../picture';
import type { Box } from '../pixels/box';
import type { MaskShapes } from '../shapes';
import { type BrowserPreview, FILL_OPTIONS, type FillSettings, type GeneratorChoice } from './options';

/** The stages of a worker's work, in order: a photo is decoded, a network's weights are read, then those of `inpaint()`, and a file is encoded. */
export type PhotoStage = 'decode' | 'weights' | Stage | 'encode';

/** How far a worker has come. */
export interface PhotoProgress {
  /** The stage at work. */
  stage: PhotoStage;
  /** Steps of the stage that are done: bytes, where weights are downloaded. */
  done: number;
  /** Steps of the stage in all; 0 where that is not known. */
  total: number;
}

/** What is known of a photo that is open. */
export interface PhotoFacts {
  /** Pixels in a row, upright. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Values in a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: Picture['channels'];
  /** Bits of a value: 8 or 16. */
  readonly bits: 8 | 16;
  /** The format of its file, if it came from one. */
  readonly format?: PictureFormat;
  /** Whether it carries where it was taken, or may: `toBlob({ location: false })` leaves it out. */
  readonly hasLocation: boolean;
}

/** Options of `Inpainter.open()`. */
export interface OpenOptions extends SessionOptions, Pick<InpaintOptions, 'signal' | 'onWarning'> {
  /** The most pixels that the photo may have, as for `readPicture()`. Default 2^28. */
  pixelLimit?: number;
  /** Told when decoding begins and ends. */
  onProgress?: (progress: PhotoProgress) => void;
}

/** Options of `Inpainter.ready()`. */
export interface ReadyOptions extends Pick<InpaintOptions, 'signal'> {
  /** Who is to be made ready. Default: the inpainter's own generator. */
  generator?: GeneratorChoice;
  /** Told how far the weights have come. */
  onProgress?: (progress: PhotoProgress) => void;
}

/** Options of {@link BrowserSession.fill}: those of `inpaint()`. */
export interface SessionFillOptions extends FillSettings, Pick<InpaintOptions, 'signal' | 'onWarning'> {
  /** Who fills this one. Default: the inpainter's own generator. Of others, the one that was asked for last is kept ready. */
  generator?: GeneratorChoice;
  /** Lines that the fill is to follow, as for `inpaint()`. */
  sketch?: BrowserPictureSource;
  /** What the fill may be copied from, as for `inpaint()`: of any kind that the mask may be of. */
  sources?: BrowserPictureSource | MaskShapes;
  /** What it must not be copied from, likewise. */
  avoid?: BrowserPictureSource | MaskShapes;
  /** The most pixels that mask and sketch may have, as for `readPicture()`. Default 2^28. */
  pixelLimit?: number;
  /** Called after each step. */
  onProgress?: (progress: PhotoProgress) => void;
  /** Called with a low-resolution look at each window's fill, as soon as there is one. */
  onPreview?: (preview: BrowserPreview) => void;
}

/** Options of {@link BrowserSession.toBlob}. */
export interface SessionBlobOptions extends EncodeOptions {
  /** Told when encoding begins and ends. */
  onProgress?: (progress: PhotoProgress) => void;
}

/** All options of what a session is asked for, by call, for what is misspelt. */
export const KNOWN = {
  open: { history: true, pixelLimit: true, signal: true, onProgress: true, onWarning: true } as const satisfies Record<keyof OpenOptions, true>,
  ready: { generator: true, signal: true, onProgress: true } as const satisfies Record<keyof ReadyOptions, true>,
  fill: FILL_OPTIONS satisfies Record<keyof SessionFillOptions, true>,
  toBlob: { format: true, quality: true, location: true, signal: true, onProgress: true, onWarning: true } as const satisfies Record<
    keyof SessionBlobOptions,
    true
  >,
};

/** Pixels of an open photo as they are now, where they have changed. */
export interface BrowserPatch {
  /** The row of the photo that the first row is laid on. */
  top: number;
  /** The column of the photo that the first column is laid on. */
  left: number;
  /** What is there now, the unchanged pixels between the changed ones too, for `putImageData(image, left, top)`. */
  image: ImageData;
}

/** What a step changed. */
export interface BrowserStep {
  /** All that changed. Drawn over what was shown before, in any order, they show the photo as it is now. None where nothing changed. */
  patches: BrowserPatch[];
  /** Whether there is a step to undo now. */
  canUndo: boolean;
  /** Whether there is a step to do again now. */
  canRedo: boolean;
}

/**
 * A photo that is open in an inpainter's worker, and filled again and again: `Inpainter.open()`. It is decoded once, and stays there; what goes
 * to and fro are masks, and the pixels that changed.
 *
 * Calls are worked through one after another, in the order in which they were made, with those of the inpainter and its other sessions. One
 * that fails or is aborted leaves the photo as it was, and the next goes on from there; so does one during which a GPU is lost.
 *
 * Where the worker itself crashes, which it does for want of memory rather than anything else, its photos and their steps are gone: calls end
 * by a BackendError, the one at work by `backend`, all later ones by `session-lost`. The inpainter itself goes on: open the photo again.
 */
export interface BrowserSession extends PhotoFacts {
  /** Whether there is a step to undo. */
  readonly canUndo: boolean;
  /** Whether there is a step to do again. */
  readonly canRedo: boolean;
  /**
   * Fills a hole of the photo as it is now. It is a step: what was undone before can't be done again.
   * @param mask of the photo's size, any picture of a browser's; or `{ shapes }`, which the worker draws as `maskFrom()` does: what they cover is
   * the hole, whatever `hole` says. Shapes, and masks from `maskFrom()`, cost nothing of the photo's size.
   * @param options those of `inpaint()`, and `generator`
   * @returns what changed; nothing, and no step, where the mask marks nothing
   * @throws as `inpaint()` and `readPicture()`; AbortError at once where `signal` fires; BackendError; ArgumentError once it is disposed of
   */
  fill(mask: BrowserPictureSource | MaskShapes, options?: SessionFillOptions): Promise<BrowserStep>;
  /**
   * What a fill would take: planned, not begun. Nothing changes. Of a network, its weights are read for it.
   * @param mask as for `fill()`
   * @param options as of `fill()`
   * @returns time and memory, as far as the plan says
   * @throws as `fill()`
   */
  estimate(mask: BrowserPictureSource | MaskShapes, options?: SessionFillOptions): Promise<Estimate>;
  /** Takes the last step back. @returns what changed; nothing where there is none */
  undo(): Promise<BrowserStep>;
  /** Does the step again that was taken back last. @returns what changed; nothing where there is none */
  redo(): Promise<BrowserStep>;
  /**
   * Lays pixels over the photo, as a step: such as one of several fills that were looked at, kept by `toPicture(box)`. Where they overlap, the last
   * counts.
   * @param patches of the photo's channels and bits, each within it. They are copied, and stay yours.
   * @returns what changed; nothing, and no step, where there are none
   * @throws ShapeError for one that is of another kind, or does not lie in the photo
   */
  lay(patches: readonly SessionPatch[]): Promise<BrowserStep>;
  /**
   * The photo as it is now, or a part of it, for a canvas: 8 bits, in the photo's colour space.
   * @param box in pixels of the photo. Default: all of it
   * @throws ShapeError for a box that does not lie in the photo; PictureError (`format`) for more than a canvas holds; MemoryError
   */
  toImageData(box?: Box): Promise<ImageData>;
  /** As `toImageData()`, of the photo as it was opened. */
  original(box?: Box): Promise<ImageData>;
  /** The photo as it is now, or a part of it, in its own bits, with what it carries beside its pixels. */
  toPicture(box?: Box): Promise<Picture>;
  /**
   * A file of the photo as it is now, with what it carries: as `encodePicture()`.
   * @param options `format` (default: the photo's own), `quality`, `location`
   * @throws as `encodePicture()`
   */
  toBlob(options?: SessionBlobOptions): Promise<Blob>;
  /** Lets go of the photo and its steps. What is under way ends by an AbortError; later calls are refused by an ArgumentError. */
  dispose(): Promise<void>;
}
