import type { WeightArray, WeightFile } from '../../src/io/weights/weight-file';
import type { WeightSpecifications } from '../../src/layers/layer';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { weight } from '../golden/procedural.js';

/** The values of a weight as test/golden/make_partial_unet.py makes them: `n` is the place of its name among all, sorted. */
function valuesOf(name: string, n: number, shape: readonly number[]): Float32Array {
  const length = shape.reduce((a, b) => a * b, 1);
  if (shape.length === 4) return weight(1000 + n, length, Math.sqrt(3 / (shape[0]! * shape[1]! * shape[2]!)));
  return weight(1000 + n, length, 0.2, /(scale|variance)$/.test(name) ? 1 : 0);
}

/** A file of seeded weights, as test/golden/make_partial_unet.py makes them; weights that `given` has are its. */
export function seededWeights(specifications: WeightSpecifications, given: Record<string, number[]> = {}): WeightFile {
  const tensors = new Map<string, WeightArray>();
  const add = (name: string, values: Float32Array, shape: readonly number[]) =>
    tensors.set(name, { shape, dtype: 'float32', data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
  const seededNames = Object.keys(specifications).filter((name) => !(name in given));
  for (const [n, name] of seededNames.sort().entries()) add(name, valuesOf(name, n, specifications[name]!.shape), specifications[name]!.shape);
  for (const [name, values] of Object.entries(given)) add(name, Float32Array.from(values), specifications[name]!.shape);
  return { format: 'safetensors', tensors, metadata: new Map() };
}
