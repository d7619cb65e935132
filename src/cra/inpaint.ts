import { throwIfAborted } from '../abort';
import { onBackend } from '../backend';
import { withinMemory } from '../memory';
import { sourceOf } from '../pixels/view';
import { patchesOf, planPatches } from './fill-patches';
import { openPhoto, type Photo } from './kinds';
import type { InpaintOptions } from './options';
import type { KeptThreads } from './threads';

/**
 * Fills the hole that a mask marks in a photo, at the photo's full resolution.
 *
 * 1. plan: holes are grouped, each group gets a context window;
 * 2. low resolution: the window is brought down to the generator's size by averaging known pixels only;
 * 3. fill: the generator fills the small picture and says where its look comes from;
 * 4. detail: the photo's own residual is carried over from there, at full resolution (contextual residual aggregation);
 * 5. composite: the fill fades into the photo across a seam just outside the hole.
 *
 * These are {@link fillPatches}, laid into a copy of the photo.
 *
 * Pixels beyond the seam, alpha, size and metadata come back as they were, bit for bit.
 *
 * @param photo a Picture, an ImageData, or a tensor [H, W, 1 to 4] (int32 0..255 or float32 [0, 1]); it is not changed.
 * @param mask of the photo's size and any of these kinds; which of its colours is the hole says `options.hole`.
 * @returns the filled photo, of the photo's kind.
 * @throws ShapeError, ArgumentError, MaskError (`mask-size`, `mask-full`, `no-sources`), AbortError, BackendError, MemoryError. A mask that marks
 * nothing is no error: the photo comes back unchanged, and `onWarning` is told.
 * @example
 * ```ts
 * const photo = await readPicture('beach.jpg');
 * const mask = await readMask('people.png');
 * await writePicture(await inpaint(photo, mask), 'empty-beach.jpg');
 * ```
 * Source: Yi et al., Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting, CVPR 2020.
 */
export function inpaint<T extends Photo>(photo: T, mask: Photo, options: InpaintOptions = {}): Promise<T> {
  return inpaintBy(photo, mask, options);
}

/** As {@link inpaint}, by threads that its caller keeps for several photos, one after another. */
export function inpaintBy<T extends Photo>(photo: T, mask: Photo, options: InpaintOptions, threads?: KeptThreads): Promise<T> {
  return withinMemory('inpaint', async () => {
    throwIfAborted(options.signal);
    const { picture, copy } = await onBackend(() => openPhoto(photo, 'photo', 'inpaint'));
    const plan = await planPatches('inpaint', sourceOf(picture), mask, options);
    const { paste, result } = copy();
    let done = 0;
    for await (const patch of patchesOf(plan, threads)) {
      paste(patch);
      plan.settings.report('composite', ++done, plan.windows.length);
      throwIfAborted(options.signal);
    }
    return result();
  });
}
