import { pauseFor, throwIfAborted, unlessAborted } from '../abort';
import { onBackend, requireBackend } from '../backend';
import { checkSameShape } from '../check';
import { withinMemory } from '../memory';
import type { Picture } from '../picture';
import { averageDown } from '../pixels/average';
import { type Barred, barredWithin } from '../pixels/barred';
import { boxHeight, boxWidth, placed } from '../pixels/box';
import { planSteps } from '../pixels/plan';
import { withPauses } from '../pixels/steps';
import { healBy } from '../pixels/tasks';
import { checkSource, copyOf, type PhotoSource, sourceOf } from '../pixels/view';
import { openWindow, type Patch, readView, type Window } from '../pixels/window';
import { isRunMask } from '../shapes/run-mask';
import { type Pause, type Threads, thisThread } from '../threads/task';
import { addDetail } from './detail';
import { fillWindow } from './fill';
import { holeWeights, type Marks, marksOf, marksOfRuns } from './hole-weights';
import { openPhoto, type Photo } from './kinds';
import { LentPixels } from './lent-pixels';
import type { InpaintOptions, Stage } from './options';
import { previewOf } from './preview';
import { type Settings, settingsOf } from './settings';
import { lowResolutionLines, sketchLines } from './sketch';
import { barredOf, checkSources } from './sources';
import { type KeptThreads, openThreads, unlessEnded } from './threads';
import { type InTurn, inOrder, oneAtATime, WindowProgress } from './windows';

// A thread takes a tenth of a second to start, and some more until its code is fast: as long as a window takes to be filled, or many small ones
// to be healed.
const THICK_WORTH_THREADS = 2;
const WINDOWS_WORTH_THREADS = 24;
// Pixels as they are read and as they are aligned, and what is found out about them.
const BYTES_A_PIXEL = 8;
// A window that waits for those before it has let go of all but its patch: what it then counts for, as a share of what it was.
const HELD = 0.25;

/**
 * Fills the hole of a photo piece by piece: what {@link inpaint} does, for photos that should not or cannot be in memory, and for
 * whoever wants just the pixels that change. Nothing of the photo's size is made but a byte a pixel.
 *
 * The patches make up the hole and its seam; no pixel is changed by two of them, and none depends on another. Laid into the photo
 * in any order by {@link pastePatch} they give {@link inpaint}'s result, bit for bit.
 *
 * @param photo a {@link PhotoSource}, of which only the windows around the holes and, for automatic `grow`, their surroundings are read (a window of more than
 * `memory`, at 8 bytes a pixel, again, so that it need not be held throughout), or a photo of any kind that {@link inpaint} takes. It is not changed, and must not be by others until the last patch has come: what is laid in meanwhile belongs
 * into a copy.
 * @param mask of the photo's size; which of its colours is the hole says `options.hole`.
 * @param options as {@link inpaint}'s; the stage `composite` is the caller's, and not reported.
 * @returns an async generator of patches, one a window; none where the mask marks nothing. Breaking off leaves nothing behind.
 * @throws as {@link inpaint}, with the first patch or with a later one; and what the source's `read` throws, but for what it throws once
 * the signal has fired. An abort does not wait for `read`.
 * @example
 * ```ts
 * for await (const { top, left, picture } of fillPatches(photo, mask)) {
 *   console.log(`${picture.width} x ${picture.height} pixels at row ${top}, column ${left}`);
 * }
 * ```
 */
export async function* fillPatches(photo: Photo | PhotoSource, mask: Photo, options: InpaintOptions = {}): AsyncGenerator<Patch, void, undefined> {
  const op = 'fillPatches';
  const plan = await withinMemory(op, async () => {
    throwIfAborted(options.signal);
    const source = isSource(photo) ? photo : sourceOf((await onBackend(() => openPhoto(photo, 'photo', op))).picture);
    checkSource(source, op, 'photo');
    return planPatches(op, source, mask, options);
  });
  yield* patchesOf(plan);
}

const isSource = (photo: Photo | PhotoSource): photo is PhotoSource => typeof (photo as PhotoSource | undefined)?.read === 'function';

/** What is to be known of a mask of any kind. */
export async function openMarks(mask: Photo | Marks, name: string, op: string): Promise<Marks> {
  if (typeof (mask as Marks | undefined)?.runs === 'function') return mask as Marks;
  return isRunMask(mask) ? marksOfRuns(mask) : marksOf((await onBackend(() => openPhoto(mask as Photo, name, op))).picture);
}

/** What says where to copy from, of whatever kind. */
export type CopyMask = Photo | Marks;

/** The options of {@link planPatches}: masks may be no more than their marks. */
export interface PlanOptions extends Omit<InpaintOptions, 'sources' | 'avoid'> {
  sources?: CopyMask;
  avoid?: CopyMask;
}

/** What {@link fillPatch} goes by. */
export interface PatchPlan {
  photo: PhotoSource;
  /** The lines of a sketch, of the photo's size. */
  lines?: Picture;
  settings: Settings;
  /** One channel, of the photo's size. */
  weights: Picture;
  /** What must not be copied, if there is any such thing. */
  barred?: Barred;
  windows: Window[];
}

/** Opens mask and sketch, settles the options, and lays out the work. The mask may be no more than its marks. */
export async function planPatches(op: string, photo: PhotoSource, mask: Photo | Marks, options: PlanOptions): Promise<PatchPlan> {
  const marks = await openMarks(mask, 'mask', op);
  const sketch = options.sketch && (await onBackend(() => openPhoto(options.sketch as Photo, 'sketch', op))).picture;
  const sources = options.sources === undefined ? undefined : await openMarks(options.sources, 'sources', op);
  const avoid = options.avoid === undefined ? undefined : await openMarks(options.avoid, 'avoid', op);
  const settings = settingsOf(op, options, photo);
  if (sketch) checkSameShape([sketch.height, sketch.width], [photo.height, photo.width], op, 'sketch');
  const { weights, holePixels, box } = await holeWeights(marks, photo, settings);
  const barred = await barredOf({ sources, avoid }, photo, op);
  const plan = { photo, lines: sketch && sketchLines(sketch), settings, weights, barred };
  if (holePixels === 0) return { ...plan, windows: [] };
  if (barred) checkSources(barred, weights, op);
  await requireBackend();
  const windows = await withPauses(planSteps(weights, { ...settings, box }, barred), pauseFor(settings.signal));
  settings.report('plan', 1, 1);
  return { ...plan, windows };
}

/**
 * Fills the windows of a plan, as many at a time as there are threads and memory for, and hands the patches on in the windows' order. However
 * it ends, nothing is left running.
 * @param kept the caller's own threads, for several photos; else this one has its own
 */
export async function* patchesOf(plan: PatchPlan, kept?: KeptThreads): AsyncGenerator<Patch, void, undefined> {
  for await (const [patch] of candidatesOf(plan, 1, kept)) yield patch;
}

/** {@link patchesOf} in several ways: of each window as many patches as differ, the best first, and no more than `count`. */
export async function* candidatesOf(plan: PatchPlan, count: number, kept?: KeptThreads): AsyncGenerator<Patch[], void, undefined> {
  const { windows, settings } = plan;
  const { op, signal, memory, warn } = settings;
  const thick = windows.filter(({ thin }) => !thin).length;
  // One hole is filled before threads of its own have come to speed; those that are there already gain.
  const isWorthIt = thick >= (kept ? 1 : THICK_WORTH_THREADS) || windows.length >= WINDOWS_WORTH_THREADS;
  const own = kept ? undefined : openThreads(isWorthIt ? settings.threads : 1, warn);
  const open = own ?? (isWorthIt && kept ? kept : thisThread);
  // Photos beside this one come and end: how much is this one's is asked each time.
  const part = () => kept?.part ?? 1;
  const threads = () => Math.max(1, open.count * part());
  const inner = new AbortController();
  const stop = () => inner.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const work: WindowWork = {
    ...plan,
    threads: unlessEnded(open, inner.signal, () => (open.count > 1 && thick >= threads() ? 'whole' : 'part')),
    settings: { ...settings, signal: inner.signal },
    progress: new WindowProgress(windows.length, settings.report),
    giveWay: pauseFor(inner.signal),
    inTurn: settings.generator.concurrent ? (fill) => fill() : (kept?.inTurn ?? oneAtATime()),
  };
  try {
    // One more than threads: while this thread has to do with one of them, none waits for it.
    const atOnce = (window: Window) => (open.count === 1 ? 1 : shareOf(window) / (threads() > 1 ? threads() + 1 : 1));
    const share = (window: Window) => {
      const work = Math.max(atOnce(window), bytesOf(window) / (memory * part()));
      return { work, held: HELD * work };
    };
    const fill = (window: Window) => withinMemory(op, () => fillPatch(work, window, count));
    yield* inOrder(windows, share, fill, () => inner.abort());
  } finally {
    signal?.removeEventListener('abort', stop);
    own?.close();
    kept?.drop();
  }
}

/** How much of a thread's work a window is: healing one keeps none busy for long. */
const shareOf = ({ thin }: Window) => (thin ? 0.5 : 1);

/** About what a window holds while it is filled. */
const bytesOf = ({ view }: Window) => BYTES_A_PIXEL * boxWidth(view) * boxHeight(view);

/** What windows are filled by, and who is told. */
interface WindowWork extends PatchPlan {
  threads: Threads;
  progress: WindowProgress;
  /** One for all windows: to give way once for each of thousands would take longer than they do. */
  giveWay: Pause;
  /** Has the generator fill one window; those that can't do several at once, one after the other. */
  inTurn: InTurn;
}

/** Fills one window, in several ways if asked to: reads it, brings it down, has it filled, and gives it detail. */
async function fillPatch(
  { photo, lines, settings, weights, barred, threads, progress, inTurn, giveWay }: WindowWork,
  window: Window,
  count: number,
): Promise<Patch[]> {
  const { signal } = settings;
  const report = (stage: Stage, fraction = 1) => progress.report(window, stage, fraction);
  await giveWay();
  // Before the backend's work, which its words are about: what a source fails by may sound like a lost device.
  const retouch = await unlessAborted(() => openWindow(photo, weights, window), signal);
  if (barred) retouch.barred = barredWithin(barred, weights, window.view);
  // Not both at once, in memory that is not meant for one of them: the pixels, and what they are aligned by at the finest size.
  const again =
    bytesOf(window) > settings.memory
      ? new LentPixels(retouch.photo, (box) => unlessAborted(() => readView(photo, placed(box, window.view)), signal))
      : undefined;
  if (again) retouch.photo = again;
  const filling = onBackend(async ({ throwIfFailed }) => {
    const pause = async () => {
      await giveWay();
      throwIfFailed();
    };
    if (window.thin) {
      await healBy(threads, retouch, pause);
      for (const stage of ['low-resolution', 'fill', 'detail'] as const) report(stage);
      throwIfAborted(signal);
      return [retouch.patch];
    }
    const low = averageDown(retouch.photo, retouch.weights, window.low);
    if (retouch.barred) low.barred = averageDown(retouch.photo, retouch.barred, window.low).hole;
    report('low-resolution');
    await pause();
    const sketch = lines && lowResolutionLines(lines, window);
    const filled = await inTurn(() => fillWindow(low, sketch, { ...settings, count, threads, onProgress: (fraction) => report('fill', fraction) }));
    report('fill');
    settings.preview?.(previewOf(filled[0], low, window));
    await pause();
    const patches = filled.map((_, n) => (n === 0 ? retouch.patch : { ...retouch.patch, picture: copyOf(retouch.patch.picture) }));
    for (const [n, patch] of patches.entries()) {
      await addDetail({ ...retouch, patch }, filled[n], { ...settings, pause, again });
      report('detail', (n + 1) / patches.length);
    }
    throwIfAborted(signal);
    return patches;
  }, signal);
  return filling.catch((error) => {
    throw again?.failure ? again.failure.error : error;
  });
}
