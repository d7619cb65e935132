import type { Tensor4D } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape, checkShape } from '../../check';
import type { Layer, Mode, Weights } from '../../layers/layer';
import type { Origin } from './origin';
import { type NetworkOutput, type NetworkStages, type NetworkState, runStage, tidyState } from './stages';

/** A network that fills holes, apart from any weights. Its last stage returns `Output`. */
export interface FillNetwork<Output extends NetworkState = NetworkOutput> {
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
  /** Its stages in order, from a {@link NetworkInput}, and what inputs of its own it has, to a {@link NetworkOutput}: see {@link networkStages}. */
  readonly stages: NetworkStages<Output>;
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
export function runNetwork<Output extends NetworkState>(
  network: FillNetwork<Output>,
  weights: Weights,
  image: Tensor4D,
  hole: Tensor4D,
  options: RunOptions = {},
): Output {
  checkInputs(network, image, hole);
  const { inputs, mode } = options;
  const given: NetworkState = { image, hole, ...inputs };
  return tidyState(() => network.stages.list.reduce((state, stage) => runStage(stage, state, weights, mode), given)) as Output;
}

/** Checks the shapes of a network's inputs. */
export function checkInputs({ name, multiple }: Pick<FillNetwork, 'name' | 'multiple'>, image: Tensor4D, hole: Tensor4D): void {
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
