import {
  add,
  concat,
  customGrad,
  div,
  matMul,
  mul,
  reshape,
  type Scalar,
  slice,
  sqrt,
  step,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tidy,
  transpose,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape, checkWhole } from '../check';

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** Steps of the power iteration, a whole number >= 1. Default 1. */
  iterations?: number;
}

/** What {@link spectralNorm} returns: tensors, to be disposed by the caller. */
export interface SpectralNorm<T extends Tensor = Tensor> {
  /** The weights divided by `sigma`. */
  weights: T;
  /** [1, outputs], of length 1: the vector to start the next call from. */
  u: Tensor2D;
  /** The largest singular value, as far as the iteration has found it. */
  sigma: Scalar;
}

/**
 * Divides weights by the largest singular value of their matrix, estimated by power iteration from call to call.
 *
 * With W the weights as a matrix [all but outputs, outputs] and |x| = sqrt(sum of x^2):
 * v = W u / (|W u| + 1e-12), u <- v W / (|v W| + 1e-12), once or `iterations` times; sigma = v W u; weights = W / sigma
 *
 * One step a call is enough where weights change little between calls, as in training, and the new u is handed to the
 * next. Weights of zeros stay zeros. Differentiable to any order in the weights, with u and v as constants.
 *
 * @param weights [.., outputs] of rank 2 or more, such as a kernel [k, k, inputs, outputs]; float32.
 * @param u [1, outputs], not all zeros; at first, random values.
 * @param options see {@link SpectralNormOptions}.
 * @returns the weights, the next u, and sigma.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { weights, u: next } = spectralNorm(kernel, u);
 * const y = conv2d(x, weights, { stride: 2 });
 * ```
 * Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks (arXiv 1802.05957), algorithm 1.
 */
export function spectralNorm<T extends Tensor>(weights: T, u: Tensor2D, options: SpectralNormOptions = {}): SpectralNorm<T> {
  const { iterations = 1 } = options;
  checkArgument(weights.rank >= 2, 'spectralNorm', 'weights', 'of rank 2 or more', `rank ${weights.rank}`);
  const outputs = weights.shape[weights.rank - 1];
  checkSameShape(u.shape, [1, outputs], 'spectralNorm', 'u');
  checkWhole(iterations, 1, 'spectralNorm', 'iterations');
  return tidy(() => {
    const matrix = reshape(weights, [-1, outputs]) as Tensor2D;
    const rows = matrix.shape[0];
    const vectors = powerIteration(iterations)(matrix, u);
    const v = slice(vectors, [0, 0], [1, rows]) as Tensor2D;
    const next = slice(vectors, [0, rows], [1, outputs]) as Tensor2D;
    const sigma = sum(mul(matMul(v, matrix), next)) as Scalar;
    // 1 instead of 0: where there is no singular value, there is nothing to divide.
    const divisor = add(sigma, sub(1, step(sigma)));
    return { weights: reshape(div(matrix, divisor), weights.shape) as unknown as T, u: next, sigma };
  });
}

const EPSILON = 1e-12;

/** A row divided by its length. */
const unit = (x: Tensor2D) => div(x, add(sqrt(sum(mul(x, x))), EPSILON)) as Tensor2D;

/** [1, rows + columns]: v and then u after so many steps; a constant to whoever differentiates. */
const powerIteration = (iterations: number) =>
  customGrad((...args) => {
    const [matrix, first, save] = args as unknown as [Tensor2D, Tensor2D, (tensors: Tensor[]) => void];
    save([matrix, first]);
    let u = first;
    let v = u;
    for (let n = 0; n < iterations; n++) {
      // The matrix comes first: with it transposed, matMul is many times slower on wasm.
      v = unit(transpose(matMul(matrix, transpose(u))) as Tensor2D);
      u = unit(matMul(v, matrix));
    }
    return { value: concat([v, u], 1), gradFunc: (_: Tensor, saved: Tensor[]) => saved.map((x) => zerosLike(x)) };
  });
