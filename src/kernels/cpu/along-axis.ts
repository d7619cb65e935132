import { ALONG_AXIS, type AlongAxisAttributes } from '../along-axis';
import { registerArrayKernel } from '../register';

const { fround } = Math;

// out[o, i, :] = sum over k of weights[i][k] * x[o, indices[i][k], :], in single precision from term to term.
registerArrayKernel<AlongAxisAttributes>(ALONG_AXIS, ['cpu', 'wasm'], ({ x }, { indices, weights }) => {
  const { values } = x;
  const [outer, length, inner] = x.shape;
  const out = new Float32Array(outer * indices.length * inner);
  for (let o = 0, to = 0; o < outer; o++) {
    for (let i = 0; i < indices.length; i++, to += inner) {
      const places = indices[i];
      const factors = weights[i];
      // Three sums at a time, as many as a pixel has colours: they wait neither for each other nor for memory.
      let c = 0;
      for (; c + 3 <= inner; c += 3) {
        const first = o * length * inner + c;
        let a = 0;
        let b = 0;
        let d = 0;
        for (let k = 0; k < places.length; k++) {
          const from = first + places[k] * inner;
          const factor = factors[k];
          a = fround(a + factor * values[from]);
          b = fround(b + factor * values[from + 1]);
          d = fround(d + factor * values[from + 2]);
        }
        out[to + c] = a;
        out[to + c + 1] = b;
        out[to + c + 2] = d;
      }
      for (; c < inner; c++) {
        const first = o * length * inner + c;
        let sum = 0;
        for (let k = 0; k < places.length; k++) sum = fround(sum + factors[k] * values[first + places[k] * inner]);
        out[to + c] = sum;
      }
    }
  }
  return [{ values: out, shape: [outer, indices.length, inner] }];
});
