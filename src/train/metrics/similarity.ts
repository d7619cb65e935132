import { add, concat, depthwiseConv2d, div, mean, mul, split, square, sub, type Tensor2D, type Tensor4D, tensor4d, tidy, tile } from '@tensorflow/tfjs-core';

/** The side of the window in which pictures are compared. */
export const WINDOW = 11;

const DEVIATION = 1.5;
const [K1, K2] = [0.01, 0.03];

/** How alike two pictures are, one number a picture and channel. */
export interface Similarity {
  /** The whole index, luminance and all: [B, C]. */
  whole: Tensor2D;
  /** Contrast and structure alone: [B, C]. */
  structure: Tensor2D;
}

/** The weights of a line of the window, which add up to 1. */
function gaussian(): number[] {
  const weights = Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * DEVIATION ** 2)));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** Weighted means over windows that lie wholly inside, along rows, then along columns. */
function blurred(x: Tensor4D): Tensor4D {
  const channels = x.shape[3];
  const filter = (shape: [number, number]) => tile(tensor4d(gaussian(), [...shape, 1, 1]), [1, 1, channels, 1]);
  return depthwiseConv2d(depthwiseConv2d(x, filter([WINDOW, 1]), 1, 'valid'), filter([1, WINDOW]), 1, 'valid');
}

/**
 * Structural similarity of two pictures whose values lie in [0, range], of at least 11 x 11 pixels.
 *
 * whole = mean of l cs, structure = mean of cs, over windows;
 * l = (2 mx my + c1) / (mx^2 + my^2 + c1), cs = (2 sxy + c2) / (sxx + syy + c2), c = (K range)^2
 */
export function similarity(x: Tensor4D, y: Tensor4D, range: number): Similarity {
  return tidy(() => {
    const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2];
    const means = split(blurred(concat([x, y, mul<Tensor4D>(x, y), add<Tensor4D>(square(x), square(y))], 0)), 4, 0);
    const [meanX, meanY, product, squares] = means;
    const both = mul(mul(meanX, meanY), 2);
    const each = add(square(meanX), square(meanY));
    const structure = div(add(sub(mul(product, 2), both), c2), add(sub(squares, each), c2));
    const luminance = div(add(both, c1), add(each, c1));
    return { whole: mean<Tensor2D>(mul(luminance, structure), [1, 2]), structure: mean<Tensor2D>(structure, [1, 2]) };
  });
}
