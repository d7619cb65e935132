import { fromFloat16 } from '../../arrays/half';
import { registerArrayKernel } from '../register';
import { WIDEN_HALF, type WidenHalfAttributes } from '../widen-half';

registerArrayKernel<WidenHalfAttributes>(WIDEN_HALF, ['cpu', 'wasm', 'tensorflow'], ({ packed }, { shape }) => {
  const { buffer, byteOffset } = packed.values;
  const count = shape.reduce((a, b) => a * b, 1);
  return [{ values: fromFloat16(new Uint16Array(buffer, byteOffset, count)), shape }];
});
