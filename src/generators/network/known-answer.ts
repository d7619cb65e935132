import { add, matMul, reshape, softmax, type Tensor, type Tensor2D, type Tensor4D, tensor, tidy } from '@tensorflow/tfjs-core';
import { randomIntegers } from '../../arrays/random';
import { deviceInUse } from '../../backend';
import { BackendError } from '../../errors';
import { conv2d } from '../../ops/conv2d';
import { depthwiseConv2d } from '../../ops/depthwise-conv2d';
import { gate } from '../../ops/gate';
import { instanceNorm } from '../../ops/instance-norm';
import { leakyRelu } from '../../ops/leaky-relu';
import { resizeBilinear } from '../../ops/resize';
import { transposedConv2d } from '../../ops/transposed-conv2d';

// A driver, or a browser's first WebGPU, may compute wrong numbers without a word, and a network makes a wrong picture of them. So the
// operations that networks stand on are run once on a device, on numbers whose answer is known, before any network is.

/** What {@link answer} comes to: the same on cpu, wasm, tensorflow and WebGPU as far as single precision goes. */
const KNOWN = -15.8915;
/** How far a right answer may lie from it: hundreds of times as far as the backends do. One wrong value of the product is further. */
const TOLERANCE = 0.02;

/** Numbers in [-amplitude, amplitude) that look like chance. */
function numbers(seed: number, length: number, amplitude: number): Float32Array {
  const next = randomIntegers(seed);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = (next() / 2 ** 31 - 1) * amplitude;
  return values;
}

/** Weights of a kernel, such that what it makes stays of the size of what it is given. */
function kernel(seed: number, shape: [number, number, number, number], inputs: number): Tensor4D {
  return tensor(numbers(seed, shape[0] * shape[1] * shape[2] * shape[3], Math.sqrt(6 / inputs)), shape);
}

/** A little of everything: plain, strided, pointwise, depth-wise and transposed convolutions, a gate, a change of size, attention, a mean. */
function product(): Tensor {
  const x: Tensor4D = tensor(numbers(1, 12 * 16 * 8, 1), [1, 12, 16, 8]);
  const gated = gate(conv2d(x, kernel(2, [3, 3, 8, 16], 72)), conv2d(x, kernel(3, [3, 3, 8, 16], 72), { dilation: 2 }));
  const mixed = leakyRelu(conv2d(depthwiseConv2d(gated, kernel(4, [3, 3, 16, 1], 9)), kernel(5, [1, 1, 16, 32], 16)));
  const halved = conv2d(resizeBilinear(mixed, [24, 32]), kernel(6, [5, 5, 32, 6], 800), { stride: 2, activation: 'elu' });
  const features: Tensor2D = reshape(halved, [12 * 16, 6]);
  const attended = matMul(softmax(matMul(features, features, false, true)), features);
  const joined: Tensor4D = add(halved, reshape(attended, [1, 12, 16, 6]));
  return instanceNorm(transposedConv2d(joined, kernel(7, [4, 4, 3, 6], 24)));
}

/** The product as one number, in which each of its values has a part of its own. */
export async function answer(): Promise<number> {
  const made = tidy(product);
  const values = await made.data<'float32'>().finally(() => made.dispose());
  const parts = numbers(8, values.length, 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * parts[i];
  return sum;
}

/** Whether an answer is the known one. NaN is not. */
export const isKnown = (found: number): boolean => Math.abs(found - KNOWN) <= TOLERANCE;

const trusted = new WeakMap<object, Promise<void>>();

/**
 * Looks, once for each device, whether the backend in use computes what is known. Backends without a device are not asked.
 * @throws BackendError (`backend`), each time, where it doesn't
 */
export async function trustDevice(): Promise<void> {
  const device = deviceInUse();
  if (!device) return;
  const asked = trusted.get(device) ?? examine();
  trusted.set(device, asked);
  try {
    await asked;
  } catch (error) {
    // A device that was lost meanwhile has not answered.
    if (!(error instanceof BackendError)) trusted.delete(device);
    throw error;
  }
}

async function examine(): Promise<void> {
  const found = await answer();
  if (isKnown(found)) return;
  throw new BackendError('backend', `it computes wrong numbers: a product whose answer is ${KNOWN} came out as ${found}`, { expected: KNOWN, actual: found });
}
