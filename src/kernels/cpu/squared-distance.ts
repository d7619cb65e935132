import { plainDistances } from '../../arrays/distance-transform';
import { registerArrayKernel } from '../register';
import { SQUARED_DISTANCE, type SquaredDistanceAttributes } from '../squared-distance';

// Squared distance to the nearest pixel > 0 of hole [B, H, W], (floor(reach) + 1)^2 where there is none within reach.
registerArrayKernel<SquaredDistanceAttributes>(SQUARED_DISTANCE, ['cpu', 'wasm'], ({ hole }, { reach }) => {
  const [batch, height, width] = hole.shape;
  const most = (Math.floor(reach) + 1) ** 2;
  const out = new Float32Array(hole.values.length);
  for (let b = 0, start = 0; b < batch; b++, start += height * width) {
    // Not by the compiled loop, which would come with all others into a page that asks for this op alone.
    const squared = plainDistances(hole.values.subarray(start, start + height * width), height, width);
    for (let p = 0; p < squared.length; p++) out[start + p] = Math.min(squared[p], most);
  }
  return [{ values: out, shape: hole.shape }];
});
