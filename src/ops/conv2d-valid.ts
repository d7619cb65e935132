import {
  conv2d,
  customGrad,
  getBackend,
  getKernel,
  matMul,
  pad,
  reshape,
  reverse,
  slice,
  stack,
  type Tensor,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { extractPatches, foldPatches, type PatchOptions } from './patches';

/**
 * `tf.conv2d` without padding, for square kernels, with a gradient on every backend and for every dilation: tfjs has none
 * for dilations above 1, and its wasm backend none at all.
 */
export function conv2dValid(x: Tensor4D, weights: Tensor4D, stride: number, dilation: number): Tensor4D {
  // A strided kernel of one pixel looks at every so many pixels. Those are picked first: oneDNN, which tfjs runs on in Node,
  // writes beyond its memory in the gradient of such a kernel, and crashes sooner or later.
  if (weights.shape[0] === 1 && stride > 1) return conv2dValid(extractPatches(x, { size: 1, stride }), weights, 1, 1);
  if (dilation === 1 && getKernel('Conv2DBackpropFilter', getBackend())) return conv2d(x, weights, stride, 'valid');
  const options: PatchOptions = { size: weights.shape[0], stride, rate: dilation, padding: 'valid' };
  return customGrad((...args) => {
    const [picture, kernel, save] = args as unknown as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void];
    save([picture, kernel]);
    // tfjs has no kernel for a stride and a dilation at once.
    const forward = () => (stride > 1 && dilation > 1 ? byPatches(picture, kernel, options) : conv2d(picture, kernel, stride, 'valid', 'NHWC', dilation));
    const gradFunc = (dy: Tensor, [p, w]: Tensor[]) => (stride === 1 ? slopes : slopesByPatches)(dy as Tensor4D, p as Tensor4D, w as Tensor4D, options);
    return { value: forward() as Tensor, gradFunc };
  })(x, weights) as Tensor4D;
}

/** Gradients for stride 1: the picture's is a convolution itself, the kernel's a product of matrices for each of its pixels. */
function slopes(dy: Tensor4D, x: Tensor4D, weights: Tensor4D, { size, rate = 1 }: PatchOptions): Tensor[] {
  const [batch, rows, columns, output] = dy.shape;
  const input = x.shape[3];
  const reach = (size - 1) * rate;
  const around = pad(dy, [
    [0, 0],
    [reach, reach],
    [reach, reach],
    [0, 0],
  ]);
  const upstream = reshape(dy, [batch * rows * columns, output]);
  const products = Array.from({ length: size * size }, (_, n) => {
    const seen = slice(x, [0, Math.floor(n / size) * rate, (n % size) * rate, 0], [batch, rows, columns, input]);
    return matMul(reshape(seen, [batch * rows * columns, input]), upstream, true);
  });
  return [
    conv2dValid(around, transpose(reverse(weights, [0, 1]), [0, 1, 3, 2]) as Tensor4D, 1, rate) as Tensor,
    reshape(stack(products), [size, size, input, output]),
  ];
}

function slopesByPatches(dy: Tensor4D, x: Tensor4D, weights: Tensor4D, options: PatchOptions): Tensor[] {
  const [batch, rows, columns, output] = dy.shape;
  const length = options.size * options.size * x.shape[3];
  const upstream = reshape(dy, [batch * rows * columns, output]);
  const patches = reshape(extractPatches(x, options), [batch * rows * columns, length]);
  const spread = reshape(matMul(upstream, reshape(weights, [length, output]), false, true), [batch, rows, columns, length]) as Tensor4D;
  return [foldPatches(spread, { ...options, shape: [x.shape[1], x.shape[2]] }) as Tensor, reshape(matMul(patches, upstream, true), weights.shape)];
}

function byPatches(x: Tensor4D, weights: Tensor4D, options: PatchOptions): Tensor4D {
  return tidy(() => {
    const patches = extractPatches(x, options);
    const [batch, rows, columns, length] = patches.shape;
    return reshape(matMul(reshape(patches, [batch * rows * columns, length]), reshape(weights, [length, weights.shape[3]])), [
      batch,
      rows,
      columns,
      weights.shape[3],
    ]);
  });
}
