import { type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape, checkShape } from '../../check';
import type { Layer, Mode, Weights } from '../../layers/layer';
import type { Origin } from './origin';

/** Tensors by name: what one stage of a network hands to the next. */
export type NetworkState = Readonly<Record<string, Tensor>>;

/** One stage of a network: takes the state that came before and returns the one that comes after, whole. Synchronous. */
export type NetworkStage = (state: NetworkState, weights: Weights, mode?: Mode) => NetworkState;

/** A network that fills holes, apart from any weights. */
export interface FillNetwork {
  /** The name in messages. */
  readonly name: string;
  /** Height and width must be multiples of this. */
  readonly multiple: number;
  /** The long side that it is given unless the caller says otherwise, in pixels. */
  readonly workingSize: number;
  /** Whether `sketch` [B, H, W, 1], 1 on lines, is an input of its own; where it is left out there are no lines. Default false. */
  readonly takesSketch?: boolean;
  /** All its layers. */
  readonly layers: readonly Layer[];
  /** How many trained numbers the published network has, where this is one; the tests hold its layers against it. */
  readonly publishedParameters?: number;
  /** Whose weights it can load. */
  readonly origins: readonly Origin[];
  /**
   * Its stages in order. The first is given `image` [B, H, W, 3] in [-1, 1], in the weights' channel order, 0 in the hole,
   * `hole` [B, H, W, 1] of 0 and 1, and what inputs of its own the network has; the last returns a state with `image`, the
   * fill, and, if it attends, `scores`.
   */
  readonly stages: readonly NetworkStage[];
}

/** Options of {@link runNetwork}. */
export interface RunOptions {
  /** What the network takes beside image and hole. */
  inputs?: NetworkState;
  /** How its layers behave. Default: as outside training. */
  mode?: Mode;
}

/**
 * Runs a network from end to end. Differentiable, and of any batch size.
 *
 * @param network which one.
 * @param weights tensors of the names that its layers tell.
 * @param image [B, H, W, 3], float32 in [-1, 1], in the weights' own channel order. What the hole holds is not seen, as long as it is finite.
 * @param hole [B, H, W, 1], float32, hole = 1.
 * @param options further inputs of the network, such as a sketch, and the mode of its layers.
 * @returns the last stage's state; to be disposed by the caller.
 * @throws ShapeError, ArgumentError
 */
export function runNetwork(network: FillNetwork, weights: Weights, image: Tensor4D, hole: Tensor4D, options: RunOptions = {}): NetworkState {
  checkInputs(network, image, hole);
  const { inputs, mode } = options;
  return tidy(() => network.stages.reduce<NetworkState>((state, stage) => stage(state, weights, mode), { image, hole, ...inputs }) as Record<string, Tensor>);
}

/** Checks the shapes of a network's inputs. */
export function checkInputs({ name, multiple }: FillNetwork, image: Tensor4D, hole: Tensor4D): void {
  checkShape(image, 'BHW3', name, 'image');
  checkSameShape(hole.shape, [...image.shape.slice(0, 3), 1], name, 'hole');
  const [, height, width] = image.shape;
  checkArgument(
    height % multiple === 0 && width % multiple === 0,
    name,
    'image',
    `of a height and width that are multiples of ${multiple}`,
    `${height} x ${width}`,
  );
}
