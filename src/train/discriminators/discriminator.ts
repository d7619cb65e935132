import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Origin } from '../../generators/network/origin';
import type { Layer, Mode, Weights } from '../../layers/layer';

/** A network that tells pictures from what was made, apart from any weights. */
export interface Discriminator {
  /** The name in messages. */
  readonly name: string;
  /** All its layers. Their names begin with `discriminator.`, so that its weights go into one file with a generator's. */
  readonly layers: readonly Layer[];
  /** Whose weights it can load: see {@link loadWeights}. */
  readonly origins: readonly Origin[];
  /**
   * Scores pictures: the higher, the more real.
   *
   * @param weights tensors of the names that its layers tell.
   * @param x [B, H, W, C], float32 in [-1, 1].
   * @param mode how its layers behave. Default: as outside training.
   * @returns the scores, whose shape is the network's own. Differentiable, in most cases twice.
   */
  judge(weights: Weights, x: Tensor4D, mode?: Mode): Tensor;
}

/** What a {@link FeatureDiscriminator} sees: tensors, to be disposed by the caller. */
export interface Seen {
  /** The scores, as `judge` gives them. */
  scores: Tensor4D;
  /** [B, h, w, C], what each layer but the last made of the pictures. */
  features: Tensor4D[];
}

/** A discriminator that tells what it made of the pictures on its way to the scores, to match features by. */
export interface FeatureDiscriminator extends Discriminator {
  /** Scores pictures, of the same arguments as `judge`. */
  look(weights: Weights, x: Tensor4D, mode?: Mode): Seen;
}
