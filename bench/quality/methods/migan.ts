import { fileURLToPath } from 'node:url';
import type { Method } from './method';
import { moduleMethod } from './module';
import { allowed, runner } from './ours';

const pipeline = fileURLToPath(new URL('./run-migan-pipeline.ts', import.meta.url));

/** MI-GAN under `inpaint()`, with each kind of detail, and the pipeline of its ONNX file in onnxruntime. */
export const miganMethods = (backend: string, miganWeights: string): Method[] => [
  moduleMethod('migan', runner, allowed, { backend, miganWeights }),
  moduleMethod('migan grow 0', runner, allowed, { backend, miganWeights, options: { grow: 0 } }),
  moduleMethod('migan residual', runner, allowed, { backend, miganWeights, options: { detail: 'residual' } }),
  moduleMethod('migan without detail', runner, allowed, { backend, miganWeights, options: { detail: false } }),
  // Its own blur of the mask reaches further on a small hole that is enlarged less: up to its square's 512th times a few pixels.
  { ...moduleMethod('migan pipeline', pipeline, (width, height) => Math.max(8, 0.02 * Math.max(width, height)), { miganWeights }), version: '1' },
];
