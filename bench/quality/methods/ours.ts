import { fileURLToPath } from 'node:url';
import type { Method } from './method';
import { moduleMethod } from './module';

const path = fileURLToPath(new URL('./run-ours.ts', import.meta.url));

/** Grow and feather at their defaults reach no farther than this fraction of the long side. */
const allowed = (width: number, height: number): number => Math.max(8, 0.012 * Math.max(width, height));

/** `inpaint()` of this package with its defaults, on the given tfjs backend. */
export const ours = (backend: string): Method => moduleMethod('ours', path, allowed, { backend });

/** The same with the detail stage left out: the low-resolution fill, enlarged. */
export const oursWithoutDetail = (backend: string): Method => moduleMethod('ours without detail', path, allowed, { backend, options: { detail: false } });
