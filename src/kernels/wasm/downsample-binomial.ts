import type { TensorInfo } from '@tensorflow/tfjs-core';
import { BINOMIAL, DOWNSAMPLE_BINOMIAL } from '../downsample-binomial';
import { registerBackendKernel } from '../register';
import { constant, free, run } from './backend';

// One axis after the other: of four taps the backend has a fast convolution, of sixteen not.
registerBackendKernel<object>(DOWNSAMPLE_BINOMIAL, 'wasm', ({ x }, _attributes, backend) => {
  const channels = x.shape[3];
  const taps = Float32Array.from({ length: 4 * channels }, (_, i) => BINOMIAL[Math.floor(i / channels)]);
  const halved = (picture: TensorInfo, [rows, columns]: [number, number]) => {
    const filter = constant(backend, taps, [rows, columns, channels, 1]);
    const y = run(
      backend,
      'DepthwiseConv2dNative',
      { x: picture, filter },
      {
        strides: [Math.ceil(rows / 2), Math.ceil(columns / 2)],
        dilations: [1, 1],
        pad: 'same',
      },
    );
    free(backend, filter);
    return y;
  };
  const narrow = halved(x, [1, 4]);
  const small = halved(narrow, [4, 1]);
  free(backend, narrow);
  return small;
});
