import type { Origin } from '../network/origin';

const PARTS: Record<string, string> = {
  weights: 'conv.input_conv.weight',
  bias: 'conv.input_conv.bias',
  'norm.scale': 'bn.weight',
  'norm.offset': 'bn.bias',
  'norm.mean': 'bn.running_mean',
  'norm.variance': 'bn.running_var',
};

// Of ImageNet's pictures in [0, 1], as torchvision's networks are given them.
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * Files of naoto0804's PyTorch program. It divides by the number of valid values in a window where the paper divides by
 * their share, so that its kernels are larger than ours by the window's size.
 */
export const pytorchOrigin: Origin = {
  name: "naoto0804's PyTorch program",
  nameOf: (weight) => {
    const match = /^(encode|decode)(\d+)\.(.+)$/.exec(weight);
    return match ? `${match[1].slice(0, 3)}_${match[2]}.${PARTS[match[3]]}` : undefined;
  },
  ignored: /\.mask_conv\.weight$|\.num_batches_tracked$/,
  constantOf: (weight) => {
    if (weight === 'picture.mean') return MEAN.map((v) => 2 * v - 1);
    return weight === 'picture.deviation' ? DEVIATION.map((v) => 2 * v) : undefined;
  },
  factorOf: (weight, [height, width, input]) => (weight.endsWith('.weights') ? 1 / (height * width * input) : 1),
};
