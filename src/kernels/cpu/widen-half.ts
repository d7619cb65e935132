import { fromFloat16 } from '../../arrays/half';
import { WIDEN_HALF, type WidenHalfAttributes } from '../widen-half';
import { registerArrayKernel } from './register';

registerArrayKernel(WIDEN_HALF, ['cpu', 'wasm', 'tensorflow'], ({ packed }, attributes) => {
  const { shape } = attributes as WidenHalfAttributes;
  const { buffer, byteOffset } = packed.values;
  const count = shape.reduce((a, b) => a * b, 1);
  return [{ values: fromFloat16(new Uint16Array(buffer, byteOffset, count)), shape }];
});
