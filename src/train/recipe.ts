import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { FillNetwork } from '../generators/network/network';
import type { Layer, Mode, Weights } from '../layers/layer';

/** What one training step sees. The tensors are the trainer's. */
export interface Batch {
  /** [B, H, W, 3] in [-1, 1], in the colour order of the run: whole pictures, nothing cut out. */
  readonly image: Tensor4D;
  /** [B, H, W, 1], hole = 1. */
  readonly hole: Tensor4D;
  /** [B, H, W, 3] in [-1, 1]: what `image` is to be translated to, where the task is translation. */
  readonly target?: Tensor4D;
}

/** A loss to go down, and what it is made of. */
export interface Loss {
  /** What is differentiated. */
  readonly total: Scalar;
  /** Its parts by name, unweighted, for the log. */
  readonly parts: Readonly<Record<string, Scalar>>;
}

/** Adam's numbers, in TensorFlow 1's form: epsilon is added before bias correction. */
export interface AdamOptions {
  /** Step size. */
  readonly learningRate: number;
  /** How slowly the mean of gradients forgets. */
  readonly beta1: number;
  /** How slowly the mean of their squares forgets. */
  readonly beta2: number;
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon?: number;
}

/** What a step may need beside weights and pictures. */
export interface StepContext {
  /** In training, with a seed of the step for dropout, and told batch statistics and power iteration vectors. */
  readonly mode: Mode;
  /** Uniform random numbers in [0, 1), drawn from the run's seed: the same at the same step. */
  readonly random: () => number;
}

/** How a network is trained: its losses, its adversary, its optimiser. Losses are pure functions of weights, of any differentiable order. */
export interface Recipe {
  /** The name of the network, as on the command line. */
  readonly name: string;
  /** What is trained. */
  readonly network: FillNetwork;
  /** Its adversary's layers; none for a network that is trained without. */
  readonly discriminator?: readonly Layer[];
  /** How many steps the discriminator makes before each of the generator. */
  readonly discriminatorSteps: number;
  /** The generator's optimiser. */
  readonly adam: AdamOptions;
  /** The discriminator's. Default: the generator's. */
  readonly discriminatorAdam?: AdamOptions;
  /** The generator's loss; differentiable in `generator`. */
  generatorLoss(generator: Weights, discriminator: Weights, batch: Batch, context: StepContext): Loss;
  /** The discriminator's loss; differentiable in `discriminator`. */
  discriminatorLoss?(generator: Weights, discriminator: Weights, batch: Batch, context: StepContext): Loss;
  /**
   * What to show of a batch: `input` with its hole cut out, `coarse` where there is such a stage, `fine`, and `composite`,
   * all [B, H, W, 3] in [-1, 1]; `composite` is what validation measures.
   */
  pictures(generator: Weights, batch: Batch, mode?: Mode): Readonly<Record<string, Tensor4D>>;
}
