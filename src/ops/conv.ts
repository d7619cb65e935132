import { customGrad, getBackend, getKernel, matMul, reshape, type Tensor, type Tensor4D, conv2d as tfConv2d, tidy } from '@tensorflow/tfjs-core';
import { extractPatches, foldPatches, type PatchOptions } from './patches';

/**
 * `tf.conv2d` without padding, for square kernels, with a gradient on every backend and for every dilation: tfjs has none
 * for dilations above 1, and its wasm backend none at all.
 */
export function conv2d(x: Tensor4D, weights: Tensor4D, stride: number, dilation: number): Tensor4D {
  // A strided kernel of one pixel looks at every so many pixels. Those are picked first: oneDNN, which tfjs runs on in Node,
  // writes beyond its memory in the gradient of such a kernel, and crashes sooner or later.
  if (weights.shape[0] === 1 && stride > 1) return conv2d(extractPatches(x, { size: 1, stride }), weights, 1, 1);
  if (dilation === 1 && getKernel('Conv2DBackpropFilter', getBackend())) return tfConv2d(x, weights, stride, 'valid');
  const [size, , input, output] = weights.shape;
  const options: PatchOptions = { size, stride, rate: dilation, padding: 'valid' };
  return customGrad((...args) => {
    const [picture, kernel, save] = args as unknown as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void];
    save([picture, kernel]);
    // tfjs has no kernel for a stride and a dilation at once.
    const forward = () => (stride > 1 && dilation > 1 ? byPatches(picture, kernel, options) : tfConv2d(picture, kernel, stride, 'valid', 'NHWC', dilation));
    const gradFunc = (dy: Tensor, [p, w]: Tensor[]) => {
      const [batch, rows, columns] = dy.shape;
      const upstream = reshape(dy, [batch * rows * columns, output]);
      const matrix = reshape(w, [size * size * input, output]);
      const shape: [number, number] = [p.shape[1]!, p.shape[2]!];
      const patches = reshape(extractPatches(p as Tensor4D, options), [batch * rows * columns, size * size * input]);
      const spread = reshape(matMul(upstream, matrix, false, true), [batch, rows, columns, size * size * input]) as Tensor4D;
      return [foldPatches(spread, { ...options, shape }) as Tensor, reshape(matMul(patches, upstream, true), [size, size, input, output])];
    };
    return { value: forward() as Tensor, gradFunc };
  })(x, weights) as Tensor4D;
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
