import { VectorMemory } from '../../arrays/vector-memory';

/** Features of two kinds, pixel by pixel. */
export const beside = (...features: Features): Float32Array => vectorBeside(...features) ?? plainBeside(...features);

type Features = [first: Float32Array, second: Float32Array, pixels: number];

/** In WebAssembly; none where that can't be had. */
export const vectorBeside = (...[first, second, pixels]: Features): Float32Array | undefined =>
  VectorMemory.over([first, second], [first.byteLength + second.byteLength], (memory, [one, other], [out]) => {
    memory.functions.beside(one, first.length / pixels, other, second.length / pixels, pixels, out);
    return memory.floats(out, first.length + second.length).slice();
  });

/** In plain JavaScript, and to be read first. */
export function plainBeside(...[first, second, pixels]: Features): Float32Array {
  const [a, b] = [first.length / pixels, second.length / pixels];
  const out = new Float32Array(first.length + second.length);
  for (let p = 0, to = 0; p < pixels; p++) {
    for (let c = 0; c < a; c++) out[to++] = first[p * a + c];
    for (let c = 0; c < b; c++) out[to++] = second[p * b + c];
  }
  return out;
}
