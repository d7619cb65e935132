import { eitherSignal, throwIfAborted } from '../abort';
import { onBackend } from '../backend';
import { checkOptions, checkWhole } from '../check';
import { AbortError, ArgumentError, ShapeError } from '../errors';
import { withinMemory } from '../memory';
import { checkPicture, type Picture } from '../picture';
import type { Box } from '../pixels/box';
import { runsOf } from '../pixels/runs';
import type { HoleColour } from '../pixels/seam';
import { checkBox, copyOf, sourceOf, viewOf } from '../pixels/view';
import type { Patch } from '../pixels/window';
import { maskOfShapes } from '../shapes/mask-from';
import { isMaskShapes, type MaskShapes } from '../shapes/shapes';
import { type Estimate, Pace } from './estimate';
import { patchesOf, planPatches } from './fill-patches';
import { openPhoto, type Photo } from './kinds';
import type { InpaintOptions } from './options';
import { lay, Original } from './original';
import type { KeptThreads } from './threads';
import { oneAtATime } from './windows';

/** How many bytes of steps a session keeps unless told otherwise. */
export const DEFAULT_HISTORY = 256 * 2 ** 20;

/** Options of {@link openSession}. */
export interface SessionOptions {
  /**
   * How many bytes the steps may take that can be undone or done again, a whole number >= 0. Default 256 MiB. A step takes the bytes of the pixels
   * that it changed. Where all together take more, the oldest can no longer be undone; one that takes more alone can't be at all.
   */
  history?: number;
}

/** All of them, for what is misspelt. */
export const SESSION_OPTIONS = { history: true } as const satisfies Record<keyof SessionOptions, true>;

/** Pixels of a session's photo as they are now, where they have changed. */
export interface SessionPatch {
  /** The row of the photo that the first row is laid on. */
  top: number;
  /** The column of the photo that the first column is laid on. */
  left: number;
  /** What is there now, the unchanged pixels between the changed ones too: of the photo's channels and bits. */
  picture: Picture;
}

/** What a step of a session changed. */
export interface SessionStep {
  /** All that changed. Laid over what was shown before, whole and in any order, they show the photo as it is now. None where nothing changed. */
  patches: SessionPatch[];
  /** Whether there is a step to undo now. */
  canUndo: boolean;
  /** Whether there is a step to do again now. */
  canRedo: boolean;
}

/**
 * A photo that is filled again and again, made by {@link openSession}. Calls are worked through one after another, in the order in which they
 * were made; one that fails or is aborted leaves the photo as it was, and the next goes on from there.
 */
export interface Session {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Values in a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: Picture['channels'];
  /** Bits of a value: 8 or 16. */
  readonly bits: 8 | 16;
  /** Whether there is a step to undo. */
  readonly canUndo: boolean;
  /** Whether there is a step to do again. */
  readonly canRedo: boolean;
  /**
   * Fills a hole of the photo as it is now. It is a step: what was undone before can't be done again.
   * @param mask as for `inpaint()`; or `{ shapes }`, which are drawn as by `maskFrom()`: what they cover is the hole, whatever `hole` says.
   * @param options as of `inpaint()`
   * @returns what changed; nothing, and no step, where the mask marks nothing
   * @throws as `inpaint()` and `maskFrom()`; ArgumentError once the session is disposed of
   */
  fill(mask: Photo | MaskShapes, options?: InpaintOptions): Promise<SessionStep>;
  /**
   * What a fill would take: planned, not begun. Nothing changes.
   * @param mask as for `fill()`
   * @param options as of `fill()`
   * @returns time and memory, as far as the plan says
   * @throws as `fill()`
   */
  estimate(mask: Photo | MaskShapes, options?: InpaintOptions): Promise<Estimate>;
  /** Takes the last step back. @returns what changed; nothing where there is none */
  undo(): Promise<SessionStep>;
  /** Does the step again that was taken back last. @returns what changed; nothing where there is none */
  redo(): Promise<SessionStep>;
  /**
   * Lays pixels over the photo, as a step: such as one of several fills that were looked at, kept by `toPicture(box)`. Where they overlap, the last
   * counts.
   * @param patches of the photo's channels and bits, each within it. They are copied, and stay yours.
   * @returns what changed; nothing, and no step, where there are none
   * @throws ShapeError for one that is of another kind, or does not lie in the photo
   */
  lay(patches: readonly SessionPatch[]): Promise<SessionStep>;
  /**
   * The photo as it is now, or a part of it, and what it carries beside its pixels.
   * @param box in pixels of the photo. Default: all of it
   * @returns a copy
   * @throws ShapeError for a box that does not lie in the photo; MemoryError
   */
  toPicture(box?: Box): Promise<Picture>;
  /** As `toPicture()`, of the photo as it was opened. */
  original(box?: Box): Promise<Picture>;
  /** Lets go of the photo and its steps. What is under way ends by an AbortError; later calls are refused by an ArgumentError. */
  dispose(): void;
}

/**
 * Opens a photo that is to be filled again and again: fills are steps that are undone and done again, each made of the one before, and no call
 * copies the photo. What is beyond the seams of all steps stays as it was, bit for bit, with its 16 bits, alpha and metadata.
 *
 * The photo is held once, and beside it what the steps changed: the pixels that can be undone or done again (see `history`), and the original of
 * all places that were ever changed, which is at most the photo once more.
 *
 * @param photo a Picture, an ImageData, or a tensor [H, W, 1 to 4], as for `inpaint()`. It is copied, and stays yours.
 * @param options history
 * @returns the session; to be disposed of when it is no longer needed
 * @throws ShapeError, ArgumentError, MemoryError
 * @example
 * ```ts
 * const session = await openSession(photo);
 * await session.fill({ shapes: { box: [10, 20, 30, 40] } });
 * await session.undo();
 * await session.fill(mask, { seed: 1 });
 * const result = await session.toPicture();
 * ```
 */
export function openSession(photo: Photo, options: SessionOptions = {}): Promise<Session> {
  return withinMemory('openSession', async () => {
    checkOptions(options, SESSION_OPTIONS, 'openSession');
    const { picture } = await onBackend(() => openPhoto(photo, 'photo', 'openSession'));
    return new PhotoSession({ ...copyOf(picture), metadata: picture.metadata }, options);
  });
}

/** Pixels of some stretches of rows, those that the photo does not have at the time: taken out of it, or to be laid in. */
interface Change {
  /** Around all of it. */
  box: Box;
  /** Row, first column and the one behind the last, for each stretch. */
  runs: Uint32Array;
  data: Picture['data'];
}

type Step = Change[];

const bytesOf = (step: Step): number => step.reduce((sum, { runs, data }) => sum + runs.byteLength + data.byteLength, 0);

/** What can be undone and done again, the last at the end. */
interface History {
  done: readonly Step[];
  undone: readonly Step[];
}

/** Gives the mask of a photo, and which of its colours is the hole where that is not for the options to say. */
export type MaskMaker = (photo: Picture) => Promise<{ mask: Photo; hole?: HoleColour }>;

const masked =
  (mask: Photo | MaskShapes): MaskMaker =>
  async (photo) =>
    isMaskShapes(mask) ? { mask: maskOfShapes(mask, photo), hole: 'white' } : { mask };

/** {@link openSession} of a picture that is the session's own from now on. */
export class PhotoSession implements Session {
  readonly width: number;
  readonly height: number;
  readonly channels: Picture['channels'];
  readonly bits: 8 | 16;
  readonly #most: number;
  readonly #inTurn = oneAtATime();
  readonly #end = new AbortController();
  readonly #pace = new Pace();
  #photo: { picture: Picture; original: Original } | undefined;
  #history: History = { done: [], undone: [] };
  /** The last step, and what there was before, if nothing has followed it and it is a fill. */
  #latest: { step: Step; before: History } | undefined;

  constructor(picture: Picture, { history = DEFAULT_HISTORY }: SessionOptions = {}) {
    checkWhole(history, 0, 'openSession', 'history');
    const { width, height, channels, data } = picture;
    [this.width, this.height, this.channels, this.bits] = [width, height, channels, data instanceof Uint16Array ? 16 : 8];
    this.#photo = { picture, original: new Original(picture) };
    this.#most = history;
  }

  get canUndo(): boolean {
    return this.#history.done.length > 0;
  }

  get canRedo(): boolean {
    return this.#history.undone.length > 0;
  }

  /** @param threads the caller's own, for several photos */
  fill(mask: Photo | MaskShapes, options: InpaintOptions = {}, threads?: KeptThreads): Promise<SessionStep> {
    return this.fillBy(masked(mask), options, threads);
  }

  /** {@link fill} by a mask that is made, or read, when its turn has come. */
  fillBy(maskFor: MaskMaker, options: InpaintOptions, threads?: KeptThreads): Promise<SessionStep> {
    return this.#do('fill', async ({ picture, original }) => {
      const { signal, release } = eitherSignal(options.signal, this.#end.signal);
      try {
        throwIfAborted(signal);
        const { mask: marks, hole = options.hole } = await maskFor(picture);
        const begun = performance.now();
        const plan = await planPatches('fill', sourceOf(picture), marks, { ...options, hole, signal });
        // Laid in together at the end: windows look at the photo as it was, and what fails on the way leaves it so.
        const patches: Patch[] = [];
        for await (const patch of patchesOf(plan, threads)) patches.push(patch);
        if (patches.length > 0) plan.settings.report('composite', patches.length, patches.length);
        throwIfAborted(signal);
        const answer = this.#add(patches.map(changeOf), picture, original);
        this.#pace.learn(plan, (performance.now() - begun) / 1000);
        return answer;
      } finally {
        release();
      }
    });
  }

  estimate(mask: Photo | MaskShapes, options: InpaintOptions = {}): Promise<Estimate> {
    return this.estimateBy(masked(mask), options);
  }

  /** {@link estimate} by a mask that is made, or read, when its turn has come. */
  estimateBy(maskFor: MaskMaker, options: InpaintOptions): Promise<Estimate> {
    return this.#do('estimate', async ({ picture }) => {
      const { mask, hole = options.hole } = await maskFor(picture);
      return this.#pace.estimate(await planPatches('estimate', sourceOf(picture), mask, { ...options, hole }), picture);
    });
  }

  undo(): Promise<SessionStep> {
    return this.#do('undo', async ({ picture }) => {
      const { done, undone } = this.#history;
      const step = done.at(-1);
      return step ? this.#exchange(step, picture, { done: done.slice(0, -1), undone: [...undone, step] }) : this.#nothing();
    });
  }

  redo(): Promise<SessionStep> {
    return this.#do('redo', async ({ picture }) => {
      const { done, undone } = this.#history;
      const step = undone.at(-1);
      return step ? this.#exchange(step, picture, { done: [...done, step], undone: undone.slice(0, -1) }) : this.#nothing();
    });
  }

  lay(patches: readonly SessionPatch[]): Promise<SessionStep> {
    return this.#do('lay', async ({ picture, original }) => {
      const step = patches.map((patch) => wholeOf(patch, picture));
      return this.#add(step, picture, original);
    });
  }

  /** Makes the last fill one that was never asked for, with what could be undone and done again before; nothing where another step has followed. */
  takeBack(): Promise<SessionStep> {
    return this.#do('takeBack', async ({ picture }) => {
      const latest = this.#latest;
      return latest ? this.#exchange(latest.step, picture, latest.before) : this.#nothing();
    });
  }

  toPicture(box?: Box): Promise<Picture> {
    return this.use('toPicture', async (picture) => copyOfBox(picture, box, 'toPicture'));
  }

  original(box?: Box): Promise<Picture> {
    return this.#do('original', async ({ picture, original }) => {
      const copy = copyOfBox(picture, box, 'original');
      original.restore(copy, box ?? { top: 0, left: 0, bottom: this.height, right: this.width });
      return copy;
    });
  }

  /** Does something with the photo itself, which is not to be changed, when all that was asked for before is done. */
  use<T>(op: string, work: (picture: Picture) => Promise<T>): Promise<T> {
    return this.#do(op, ({ picture }) => work(picture));
  }

  dispose(): void {
    this.#end.abort(new AbortError('aborted', 'the session was disposed of'));
    this.#photo = undefined;
    this.#history = { done: [], undone: [] };
    this.#latest = undefined;
  }

  async #do<T>(op: string, work: (photo: { picture: Picture; original: Original }) => Promise<T>): Promise<T> {
    if (!this.#photo) throw new ArgumentError('argument', `${op}: the session is disposed of`, { expected: 'a session in use' });
    return this.#inTurn(() =>
      withinMemory(op, async () => {
        throwIfAborted(this.#end.signal);
        return work(this.#photo as { picture: Picture; original: Original });
      }),
    );
  }

  /** Lays a step in that is new. */
  #add(step: Step, picture: Picture, original: Original): SessionStep {
    if (step.length === 0) return this.#nothing();
    const before = this.#history;
    for (const { runs } of step) for (let n = 0; n < runs.length; n += 3) original.keep(runs[n], runs[n + 1], runs[n + 2]);
    const done = [...before.done, step];
    for (let bytes = done.reduce((sum, one) => sum + bytesOf(one), 0); bytes > this.#most; ) bytes -= bytesOf(done.shift() as Step);
    const answer = this.#exchange(step, picture, { done, undone: [] });
    this.#latest = { step, before };
    return answer;
  }

  /** Exchanges a step's pixels for the photo's. Nothing has changed where there is no memory for the answer. */
  #exchange(step: Step, picture: Picture, after: History): SessionStep {
    const patches = step.map(({ box }) => ({ top: box.top, left: box.left, picture: copyOfBox(picture, box, 'fill') }));
    for (const change of step) exchange(change, picture);
    for (const [n, { box }] of step.entries()) lay(viewOf(picture, box), patches[n].picture);
    // The other way round the next time: where they overlap, what was laid in last goes first.
    step.reverse();
    this.#history = after;
    this.#latest = undefined;
    return { ...this.#nothing(), patches };
  }

  #nothing(): SessionStep {
    return { patches: [], canUndo: this.canUndo, canRedo: this.canRedo };
  }
}

/** A part of a picture, or all of it, with what the picture carries. */
function copyOfBox(picture: Picture, box: Box | undefined, op: string): Picture {
  if (box) checkBox(box, picture, op, 'the box');
  return { ...copyOf(box ? viewOf(picture, box) : picture), metadata: picture.metadata };
}

/** Exchanges the pixels of a change for the photo's own. */
function exchange({ runs, data }: Change, { width, channels, data: photo }: Picture): void {
  for (let n = 0, at = 0; n < runs.length; n += 3) {
    const from = (runs[n] * width + runs[n + 1]) * channels;
    const length = (runs[n + 2] - runs[n + 1]) * channels;
    for (let i = 0; i < length; i++, at++) {
      const value = photo[from + i];
      photo[from + i] = data[at];
      data[at] = value;
    }
  }
}

/** What of a patch is to be laid in. */
function changeOf({ top, left, picture, weights }: Patch): Change {
  const { width, height, channels } = picture;
  const stretches = runsOf(picture, (pixel) => weights.data[pixel] > 0);
  const runs = new Uint32Array(3 * stretches.length);
  const pixels = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const data = picture.data.slice(0, pixels * channels);
  let at = 0;
  for (const [n, { row, start, end }] of stretches.entries()) {
    runs.set([top + row, left + start, left + end], 3 * n);
    data.set(picture.data.subarray((row * width + start) * channels, (row * width + end) * channels), at);
    at += (end - start) * channels;
  }
  return { box: { top, left, bottom: top + height, right: left + width }, runs, data };
}

/** A patch all of which is to be laid in. @throws ShapeError where it is none of the photo's */
function wholeOf({ top, left, picture }: SessionPatch, photo: Picture): Change {
  checkPicture(picture, 'lay: the patch');
  const { width, height, channels, data } = picture;
  const box = { top, left, bottom: top + height, right: left + width };
  checkBox(box, photo, 'lay', 'the patch');
  const kind = (of: Picture) => `${of.channels} channels of ${of.data instanceof Uint16Array ? 16 : 8} bits`;
  if (kind(picture) !== kind(photo))
    throw new ShapeError('shape', `lay: the patch has ${kind(picture)}, the photo ${kind(photo)}`, { expected: kind(photo), actual: kind(picture) });
  const runs = new Uint32Array(3 * height);
  for (let y = 0; y < height; y++) runs.set([top + y, left, left + width], 3 * y);
  return { box, runs, data: data.slice(0, width * height * channels) };
}
