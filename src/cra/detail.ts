import { aggregateCells } from '../pixels/aggregate-cells';
import { aggregateField } from '../pixels/aggregate-field';
import { alignField } from '../pixels/align-field';
import type { FilledWindow, Retouch } from '../pixels/window';
import type { LentPixels } from './lent-pixels';

/** Gives a fill the photo's own detail and lays it into the window's patch, by whatever says where its look comes from. */
export async function addDetail(
  retouch: Retouch,
  { scores, ...filled }: FilledWindow,
  options: { memory: number; seed: number; pause: () => Promise<void>; again?: LentPixels },
): Promise<void> {
  if (scores) return aggregateCells(retouch, { ...filled, scores }, options);
  const field = filled.copies && (await alignField(retouch, filled.copies, options));
  await options.pause();
  await options.again?.bringBack();
  await aggregateField(retouch, filled, { field, pause: options.pause });
}
