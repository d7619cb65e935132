import { engine, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import '../kernels/cpu/widen-half';
import '../kernels/webgpu/widen-half';
import { WIDEN_HALF, type WidenHalfAttributes } from '../kernels/widen-half';

/** Half-precision values, packed two to an int32, the lower bits first, as a float32 tensor of a shape. */
export const widenHalf = (packed: Tensor1D, shape: readonly number[]): Tensor =>
  engine().runKernel(WIDEN_HALF, { packed }, { shape: shape.slice() } satisfies WidenHalfAttributes) as Tensor;
