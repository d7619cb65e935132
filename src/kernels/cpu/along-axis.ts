import { registerFloatKernel } from './float-kernel';

/** What the kernel `AlongAxis` is told: a sparse matrix, row by row, for axis 1 of [outer, n, inner]. */
export interface AlongAxisAttrs {
  indices: number[][];
  weights: number[][];
}

// out[o, i, :] = sum over k of weights[i][k] * x[o, indices[i][k], :].
registerFloatKernel(
  'AlongAxis',
  ['cpu', 'wasm'],
  ({ x }, attrs) => [x.shape[0], (attrs as unknown as AlongAxisAttrs).indices.length, x.shape[2]],
  ({ x }, attrs, out) => {
    const { indices, weights } = attrs as unknown as AlongAxisAttrs;
    const [outer, length, inner] = x.shape;
    for (let o = 0, to = 0; o < outer; o++) {
      for (let i = 0; i < indices.length; i++, to += inner) {
        for (let k = 0; k < indices[i].length; k++) {
          const from = (o * length + indices[i][k]) * inner;
          const weight = weights[i][k];
          for (let c = 0; c < inner; c++) out[to + c] += weight * x.values[from + c];
        }
      }
    }
  },
);
