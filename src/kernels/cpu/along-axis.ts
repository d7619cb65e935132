import { ALONG_AXIS, type AlongAxisAttributes } from '../along-axis';
import { registerArrayKernel } from '../register';

// out[o, i, :] = sum over k of weights[i][k] * x[o, indices[i][k], :].
registerArrayKernel<AlongAxisAttributes>(ALONG_AXIS, ['cpu', 'wasm'], ({ x }, { indices, weights }) => {
  const [outer, length, inner] = x.shape;
  const out = new Float32Array(outer * indices.length * inner);
  for (let o = 0, to = 0; o < outer; o++) {
    for (let i = 0; i < indices.length; i++, to += inner) {
      for (let k = 0; k < indices[i].length; k++) {
        const from = (o * length + indices[i][k]) * inner;
        const weight = weights[i][k];
        for (let c = 0; c < inner; c++) out[to + c] += weight * x.values[from + c];
      }
    }
  }
  return [{ values: out, shape: [outer, indices.length, inner] }];
});
