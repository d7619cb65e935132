import { registerArrayKernel } from '../register';
import { SQUARED_DISTANCE, type SquaredDistanceAttributes } from '../squared-distance';

// Squared distance to the nearest pixel > 0 of hole [B, H, W], (floor(reach) + 1)^2 where there is none within reach:
// along each row forwards and backwards, then the least over the rows within reach.
registerArrayKernel<SquaredDistanceAttributes>(SQUARED_DISTANCE, ['cpu', 'wasm'], ({ hole }, { reach }) => {
  const [batch, height, width] = hole.shape;
  const far = Math.floor(reach) + 1;
  const out = new Float32Array(hole.values.length);
  const along = new Float32Array(out.length);
  for (let start = 0; start < out.length; start += width) {
    for (let x = 0, d = far; x < width; x++) {
      d = hole.values[start + x] > 0 ? 0 : Math.min(far, d + 1);
      along[start + x] = d * d;
    }
    for (let x = width - 1, d = far; x >= 0; x--) {
      d = hole.values[start + x] > 0 ? 0 : Math.min(far, d + 1);
      along[start + x] = Math.min(along[start + x], d * d);
    }
  }
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const to = (b * height + y) * width;
      out.fill(far * far, to, to + width);
      for (let row = Math.max(0, y - far + 1); row <= Math.min(height - 1, y + far - 1); row++) {
        const from = (b * height + row) * width;
        const apart = (row - y) ** 2;
        for (let x = 0; x < width; x++) {
          const squared = along[from + x] + apart;
          if (squared < out[to + x]) out[to + x] = squared;
        }
      }
    }
  }
  return [{ values: out, shape: hole.shape }];
});
