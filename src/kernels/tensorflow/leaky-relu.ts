import { type KernelBackend, scalar, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { LEAKY_RELU, type LeakyReluAttributes, leakySlope } from '../leaky-relu';
import { registerBackendKernel } from '../register';

interface NodeBackend extends KernelBackend {
  readonly binding: { readonly TF_ATTR_FLOAT: number; readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number };
  executeSingleOutput(op: string, attributes: { name: string; type: number; value: number }[], inputs: TensorInfo[]): Tensor;
}

// The backend's clipByValue is two operations; TensorFlow has it as one.
registerBackendKernel<NodeBackend, LeakyReluAttributes>(LEAKY_RELU, 'tensorflow', ({ x }, { limit }, backend) => {
  const { TF_ATTR_FLOAT, TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  const float = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT };
  return tidy(() => {
    const y = backend.executeSingleOutput('LeakyRelu', [{ name: 'alpha', type: TF_ATTR_FLOAT, value: leakySlope }, float], [x]);
    return limit < Number.POSITIVE_INFINITY ? backend.executeSingleOutput('ClipByValue', [float], [y, scalar(-limit), scalar(limit)]) : y;
  });
});
