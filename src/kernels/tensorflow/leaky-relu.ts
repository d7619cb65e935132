import { getKernel, type KernelBackend, registerKernel, scalar, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { LEAKY_RELU, type LeakyReluAttributes, leakySlope } from '../leaky-relu';

interface NodeBackend extends KernelBackend {
  readonly binding: { readonly TF_ATTR_FLOAT: number; readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number };
  executeSingleOutput(op: string, attributes: { name: string; type: number; value: number }[], inputs: TensorInfo[]): Tensor;
}

// The backend's clipByValue is two operations; TensorFlow has it as one.
if (!getKernel(LEAKY_RELU, 'tensorflow')) {
  registerKernel({
    kernelName: LEAKY_RELU,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const node = backend as NodeBackend;
      const { TF_ATTR_FLOAT, TF_ATTR_TYPE, TF_FLOAT } = node.binding;
      const { limit } = attrs as LeakyReluAttributes;
      const float = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT };
      return tidy(() => {
        const y = node.executeSingleOutput('LeakyRelu', [{ name: 'alpha', type: TF_ATTR_FLOAT, value: leakySlope }, float], [inputs.x as TensorInfo]);
        return limit < Number.POSITIVE_INFINITY ? node.executeSingleOutput('ClipByValue', [float], [y, scalar(-limit), scalar(limit)]) : y;
      });
    },
  });
}
