import type { BrowserPictureSource } from '../io/browser';
import type { MaskShapes } from '../shapes';
import type { BackendChoice } from './backends';
import type { InpainterCallOptions, ResultKind, Results, WorkerMemory } from './options';
import type { BrowserSession, OpenOptions, ReadyOptions } from './session-options';

/** Fills pictures in a worker. Made by {@link createInpainter}. */
export interface Inpainter {
  /**
   * Fills the hole that a mask marks in a photo. Calls are worked through one after another, in the order in which they were made.
   *
   * @param photo any picture of a browser's: a file, its address, an element, a canvas, pixels. It is not changed, and stays yours.
   * @param mask of the photo's size, of any of these kinds; or `{ shapes }`, which the worker draws for it as `maskFrom()` does: what they cover
   * is the hole, whatever `hole` says
   * @param options those of `inpaint()`, and `output`, `format`, `quality`
   * @returns the filled photo, as `output` says
   * @throws as `inpaint()` and `readPicture()` do, by the same classes; AbortError at once where `signal` fires, or where the
   * inpainter is disposed; BackendError where the worker can't be started or crashes
   */
  inpaint<K extends ResultKind = 'picture'>(
    photo: BrowserPictureSource,
    mask: BrowserPictureSource | MaskShapes,
    options?: InpainterCallOptions<K>,
  ): Promise<Results[K]>;
  /**
   * Opens a photo that is to be filled again and again: it is decoded once, and stays in the worker.
   *
   * @param photo any picture of a browser's. It is not changed, and stays yours.
   * @param options `pixelLimit`, `history`, `signal`, `onProgress`, `onWarning`
   * @returns the session, to be disposed of when it is no longer needed
   * @throws as `readPicture()`; AbortError; BackendError
   * @example
   * ```js
   * const session = await inpainter.open(input.files[0]);
   * const { patches } = await session.fill({ shapes: { stroke: [[10, 10], [40, 60]], width: 12 } });
   * for (const { image, left, top } of patches) context.putImageData(image, left, top);
   * const { canUndo } = await session.undo();
   * const file = await session.toBlob({ format: 'png' });
   * await session.dispose();
   * ```
   */
  open(photo: BrowserPictureSource, options?: OpenOptions): Promise<BrowserSession>;
  /**
   * Gets ready what the first fill would wait for: the worker, its backend, the generator and its weights.
   *
   * @param options `generator`, `signal`, `onProgress`
   * @returns what is computed on, and why
   * @throws WeightsError, AbortError, BackendError
   */
  ready(options?: ReadyOptions): Promise<BackendChoice>;
  /** How many tensors the worker holds, how many bytes they take, and on which backend. */
  memory(): Promise<WorkerMemory>;
  /**
   * Ends the worker and all that is under way, by AbortErrors. Later calls are refused. On a cross-origin isolated page the worker has
   * a second in which to end its wasm's threads: Chromium would keep one of them now and then.
   */
  dispose(): Promise<void>;
}
