import { clone, Tensor, type Tensor3D, tensor3d } from '@tensorflow/tfjs-core';
import { throwIfAborted } from '../abort';
import { onBackend, type Watched } from '../backend';
import { checkArgument, checkSameShape, checkWhole } from '../check';
import type { Fill, FillRequest, Generator } from './generator';

/** A filled picture as plain numbers, row by row, channels interleaved. */
export interface FilledPixels {
  /** Pixels in a row: the width of the picture that was given. */
  readonly width: number;
  /** Rows: the height of the picture that was given. */
  readonly height: number;
  /** Bytes, of which 0..255 are colours, or float32 in [-1, 1]; 3 channels, or 4, of which the last is not looked at. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/**
 * A function that fills holes.
 *
 * @param image [height, width, 3], float32 in [-1, 1]; 0 in the hole.
 * @param hole [height, width, 1], float32; 1 in the hole, 0 elsewhere. Both stay the caller's: not to be disposed.
 * @param request the same two, with the seed, the signal to stop at, and whom to tell about progress.
 * @returns the filled picture, of the same size: a tensor [height, width, 3] of float32 in [-1, 1], which is taken over, or pixels.
 * What lies outside the hole is not looked at.
 */
export type FillFunction = (image: Tensor3D, hole: Tensor3D, request: FillRequest) => Tensor3D | FilledPixels | Promise<Tensor3D | FilledPixels>;

/** Options of {@link fromFunction}. */
export interface FromFunctionOptions {
  /** The name in messages. Default `'function'`. */
  name?: string;
  /** The function is given widths and heights that are multiples of this. Default 1. */
  multiple?: number;
  /** The long side that the function works best at, in pixels. Default: any; `inpaint` gives 512. */
  workingSize?: number;
  /** Whether the function looks at `request.sketch`, the lines that `inpaint` was given. Default false. */
  takesSketch?: boolean;
}

/**
 * Makes a generator of any function that fills a small picture, on TensorFlow.js or not; `inpaint()` then sees to windows,
 * full resolution, detail and the seam.
 *
 * A tensor that the function returns is the generator's from then on; those that it makes on the way are its own to dispose,
 * as by `tf.tidy`. An abort is noticed before and after the function, and within it only if it looks at `request.signal`.
 *
 * @param fill the function; it may be asynchronous.
 * @param options name, working size, the multiple that width and height are padded to, and whether it takes a sketch.
 * @returns the generator, which fails with ShapeError or ArgumentError where the function returns something else than asked for
 * @throws ArgumentError if `fill` is no function, or `multiple` or `workingSize` no whole number >= 1
 * @example
 * ```ts
 * const grey = fromFunction((image) => tf.zerosLike(image), { name: 'grey' });
 * const result = await inpaint(photo, mask, { generator: grey });
 * ```
 */
export function fromFunction(fill: FillFunction, { name = 'function', multiple = 1, workingSize, takesSketch = false }: FromFunctionOptions = {}): Generator {
  checkArgument(typeof fill === 'function', 'fromFunction', 'fill', 'a function', fill);
  checkWhole(multiple, 1, 'fromFunction', 'multiple');
  if (workingSize !== undefined) checkWhole(workingSize, 1, 'fromFunction', 'workingSize');
  return {
    name,
    multiple,
    workingSize,
    takesSketch,
    fill: (request) => onBackend((watched) => fillByFunction(fill, name, request, watched), request.signal),
  };
}

async function fillByFunction(fill: FillFunction, name: string, request: FillRequest, { finished }: Watched): Promise<Fill> {
  const { image, hole, signal, onProgress } = request;
  throwIfAborted(signal);
  const returned: unknown = await fill(image, hole, request);
  let filled: Tensor3D | undefined;
  try {
    throwIfAborted(signal);
    filled = returned instanceof Tensor ? checkedTensor(returned, image, name) : tensorOf(returned, image, name);
    await finished();
    onProgress?.(1);
    return { image: filled };
  } catch (error) {
    if (filled !== returned) filled?.dispose();
    if (returned instanceof Tensor && !Object.values(request).includes(returned)) returned.dispose();
    throw error;
  }
}

/** The function's tensor, if it is what was asked for; another one where it is the caller's own. */
function checkedTensor(returned: Tensor, image: Tensor3D, name: string): Tensor3D {
  checkArgument(!returned.isDisposed, name, 'the result', 'a tensor that is not disposed', 'one that is');
  checkArgument(returned.dtype === 'float32', name, 'the result', 'of float32 in [-1, 1]', returned.dtype);
  checkSameShape(returned.shape, image.shape, name, 'the result');
  return returned === image ? clone(image) : (returned as Tensor3D);
}

/** Pixels as a tensor in [-1, 1]. */
function tensorOf(returned: unknown, image: Tensor3D, name: string): Tensor3D {
  const { width, height, data } = (returned ?? {}) as Partial<FilledPixels>;
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const kind = Object.prototype.toString.call(data ?? returned);
  checkArgument(isBytes || data instanceof Float32Array, name, 'the result', 'a tensor, or { width, height, data } of bytes or a Float32Array', kind);
  checkSameShape([height as number, width as number], image.shape.slice(0, 2), name, "the result's height and width");
  const pixels = image.shape[0] * image.shape[1];
  const { length } = data as FilledPixels['data'];
  checkArgument(length === 3 * pixels || length === 4 * pixels, name, "the result's data", `of ${3 * pixels} or ${4 * pixels} values`, length);
  const channels = length / pixels;
  const colours = new Float32Array(3 * pixels);
  for (let i = 0; i < colours.length; i++) {
    const value = (data as FilledPixels['data'])[channels === 3 ? i : Math.floor(i / 3) * 4 + (i % 3)];
    colours[i] = isBytes ? value / 127.5 - 1 : value;
  }
  return tensor3d(colours, image.shape);
}
