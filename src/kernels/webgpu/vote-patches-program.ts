import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { flatProgram } from './flat-program';

/** The weighted mean of what the patches over a pixel bring along, a thread for each pixel and channel. */
export function votePatchesProgram(shape: number[]): WebGPUProgram {
  return flatProgram({
    key: 'votePatches',
    shape,
    inputs: { features: 1, offsets: 1, weights: 1, hole: 1 },
    uniforms: { margin: 'i32' },
    main: `
      let height = uniforms.featuresShape.x;
      let width = uniforms.featuresShape.y;
      let channels = uniforms.featuresShape.z;
      let p = index / channels;
      let channel = index - p * channels;
      let y = p / width;
      let x = p - y * width;
      var value = features[index];
      if (hole[p] > 0) {
        var sum = 0.0;
        var total = 0.0;
        for (var qy = max(y - uniforms.margin, 0); qy <= min(y + uniforms.margin, height - 1); qy++) {
          for (var qx = max(x - uniforms.margin, 0); qx <= min(x + uniforms.margin, width - 1); qx++) {
            let q = qy * width + qx;
            let sy = y + offsets[2 * q];
            let sx = x + offsets[2 * q + 1];
            // A query's patch may hang over the border where its source does not.
            if (weights[q] > 0.0 && sy >= 0 && sx >= 0 && sy < height && sx < width) {
              total += weights[q];
              sum += weights[q] * features[(sy * width + sx) * channels + channel];
            }
          }
        }
        if (total > 0.0) { value = sum / total; }
      }
      result[index] = value;`,
  });
}
