import { fileURLToPath } from 'node:url';
import type { Method } from './method';
import { moduleMethod } from './module';

/** The module that runs `inpaint()`. */
export const runner = fileURLToPath(new URL('./run-ours.ts', import.meta.url));

/**
 * The furthest that inpaint() changes anything by its defaults. What a mask leaves of an object may reach 1.2 % of the short side, looked at
 * in steps, and grows by a step, two pixels at least; the seam is 0.1 % of the long side, between 2 and 8 px.
 */
export function allowed(width: number, height: number): number {
  const reach = Math.max(1, Math.round(0.012 * Math.min(width, height)));
  const step = Math.ceil(reach / 16);
  const seam = Math.min(Math.max(2, Math.round(0.001 * Math.max(width, height))), 8);
  return Math.ceil(reach / step) * step + Math.max(2, step) + seam;
}

/** `inpaint()` of this package with its defaults, on the given tfjs backend. */
export const ours = (backend: string): Method => moduleMethod('ours', runner, allowed, { backend });

/** The same with the detail stage left out: the low-resolution fill, enlarged. */
export const oursWithoutDetail = (backend: string): Method => moduleMethod('ours without detail', runner, allowed, { backend, options: { detail: false } });

/** The same without widening the hole: the masks of the cases are exact to the pixel, as no drawn mask is. */
export const oursExactMask = (backend: string): Method => moduleMethod('ours grow 0', runner, allowed, { backend, options: { grow: 0 } });
