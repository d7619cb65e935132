import { fileURLToPath } from 'node:url';
import type { Method } from './method';
import { moduleMethod } from './module';

/** The module that runs `inpaint()`. */
export const runner = fileURLToPath(new URL('./run-ours.ts', import.meta.url));

/** Grow and feather as inpaint() chooses them: 0.4 % and 0.1 % of the long side, the feather between 2 and 8 px. */
export function allowed(width: number, height: number): number {
  const longSide = Math.max(width, height);
  return Math.round(0.004 * longSide) + Math.min(Math.max(2, Math.round(0.001 * longSide)), 8);
}

/** `inpaint()` of this package with its defaults, on the given tfjs backend. */
export const ours = (backend: string): Method => moduleMethod('ours', runner, allowed, { backend });

/** The same with the detail stage left out: the low-resolution fill, enlarged. */
export const oursWithoutDetail = (backend: string): Method => moduleMethod('ours without detail', runner, allowed, { backend, options: { detail: false } });

/** The same without widening the hole: the masks of the cases are exact to the pixel, as no drawn mask is. */
export const oursExactMask = (backend: string): Method => moduleMethod('ours grow 0', runner, allowed, { backend, options: { grow: 0 } });
