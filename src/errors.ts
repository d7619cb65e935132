/**
 * What went wrong, in one word that code can compare. Every error of this package carries one.
 *
 * | code | class | meaning |
 * |---|---|---|
 * | `shape` | {@link ShapeError} | a tensor, picture or mask has another rank or size than asked for |
 * | `argument` | {@link ArgumentError} | an option or argument is outside its range |
 * | `not-finite` | {@link ArgumentError} | a tensor holds NaN or infinity |
 * | `mask-size` | {@link MaskError} | the mask's size is not the photo's |
 * | `mask-full` | {@link MaskError} | the whole picture is hole: nothing is left to fill it from |
 * | `no-sources` | {@link MaskError} | `sources` and `avoid` leave nothing to copy from |
 * | `mask-missing` | {@link MaskError} | there is no mask for a photo, or no annotations of that name |
 * | `mask-ambiguous` | {@link MaskError} | several masks fit a photo equally well |
 * | `mask-shapes` | {@link MaskError} | shapes for a mask are none, or more than is taken; the message says where |
 * | `file-read` | {@link PictureError}, {@link WeightsError} | a file can't be opened or read |
 * | `file-write` | {@link PictureError}, {@link WeightsError} | a file can't be written |
 * | `file-exists` | {@link PictureError} | writing would overwrite an input |
 * | `format` | {@link PictureError} | the bytes are no picture of a known format, or the format can't be written |
 * | `damaged` | {@link PictureError} | the picture's bytes are cut short or damaged |
 * | `pixel-limit` | {@link PictureError} | the picture claims more pixels than the limit |
 * | `weights-format` | {@link WeightsError} | the bytes are weights of no format that is read, or hold what is not read |
 * | `weights-damaged` | {@link WeightsError} | the weights' bytes are cut short, damaged, or contradict themselves; or a network's hold NaN or infinity |
 * | `weights-mismatch` | {@link WeightsError} | tensors are missing, surplus or of another shape than the network's |
 * | `weights-fetch` | {@link WeightsError} | weights can't be downloaded, or what came is not what was asked for |
 * | `weights-missing` | {@link WeightsError} | a generator is used before weights were loaded, or after they were disposed; or weights are not found by their name |
 * | `not-learning` | {@link TrainingError} | a loss, gradient or weight became NaN or infinite in training |
 * | `checkpoint` | {@link TrainingError} | a checkpoint is not of this run's network or settings |
 * | `aborted` | {@link AbortError} | the caller's AbortSignal fired |
 * | `backend` | {@link BackendError} | no backend, or a kernel that the backend lacks |
 * | `out-of-memory` | {@link BackendError}, {@link MemoryError} | memory ran out: the backend's, or the process's own while it read, decoded, filled or wrote. The same call may go well another time, or on another machine |
 * | `device-lost` | {@link BackendError} | the GPU device went away |
 * | `session-lost` | {@link BackendError} | the worker that held an open photo has crashed, and the photo and its steps with it: open it again |
 */
export type ErrorCode =
  | 'shape'
  | 'argument'
  | 'not-finite'
  | 'mask-size'
  | 'mask-full'
  | 'no-sources'
  | 'mask-missing'
  | 'mask-ambiguous'
  | 'mask-shapes'
  | 'file-read'
  | 'file-write'
  | 'file-exists'
  | 'format'
  | 'damaged'
  | 'pixel-limit'
  | 'weights-format'
  | 'weights-damaged'
  | 'weights-mismatch'
  | 'weights-fetch'
  | 'weights-missing'
  | 'not-learning'
  | 'checkpoint'
  | 'aborted'
  | 'backend'
  | 'out-of-memory'
  | 'device-lost'
  | 'session-lost';

/** What an error knows beside its message. */
export interface ErrorFacts {
  /** What would have been right. */
  expected?: unknown;
  /** What came instead. */
  actual?: unknown;
  /** The error underneath, where there is one. */
  cause?: unknown;
}

/** The base of every error that this package throws: a `code` to compare, and what was expected and what came. */
export class InpaintError extends Error {
  /** What went wrong, in one word. */
  readonly code: ErrorCode;
  /** What would have been right, where the error knows. */
  readonly expected: unknown;
  /** What came instead, where the error knows. */
  readonly actual: unknown;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.expected = facts.expected;
    this.actual = facts.actual;
  }
}

/** A tensor, picture or mask has another rank or size than asked for. */
export class ShapeError extends InpaintError {}

/** An option or argument is outside its range. */
export class ArgumentError extends InpaintError {}

/** The mask does not fit its photo, or leaves nothing to fill from. */
export class MaskError extends InpaintError {}

/** A picture can't be read, decoded, encoded or written. */
export class PictureError extends InpaintError {}

/** Weights can't be read, parsed or downloaded, or are not those of the network. */
export class WeightsError extends InpaintError {}

/** Training can't go on: its numbers are no longer finite, or its checkpoint is another's. */
export class TrainingError extends InpaintError {}

/** The caller's AbortSignal fired. Its `name` is `AbortError`, as for `fetch`. */
export class AbortError extends InpaintError {}

/** The TensorFlow.js backend is missing, lacks a kernel, ran out of memory or lost its device. */
export class BackendError extends InpaintError {}

/** Memory ran out, not in the TensorFlow.js backend but beside it: while a file was read, decoded, encoded or written, or for a picture's values. */
export class MemoryError extends InpaintError {}

// Said as texts, so that an error keeps its name where a bundler shortens those of the classes.
for (const [name, type] of Object.entries({
  InpaintError,
  ShapeError,
  ArgumentError,
  MaskError,
  PictureError,
  WeightsError,
  TrainingError,
  AbortError,
  BackendError,
  MemoryError,
})) {
  Object.defineProperty(type, 'name', { value: name });
}
