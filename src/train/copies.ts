import { clone, type Tensor } from '@tensorflow/tfjs-core';
import type { Weights } from '../layers/layer';

/** Tensors of one's own with the same values, by the same names. */
export const copies = (tensors: Weights): Record<string, Tensor> => Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, clone(t)]));
