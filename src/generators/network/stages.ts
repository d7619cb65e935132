import { type Tensor, type Tensor4D, type TensorContainer, tidy } from '@tensorflow/tfjs-core';
import type { Mode, Weights } from '../../layers/layer';

/** Tensors by name, or lists of them: what one stage of a network hands to the next. */
export type NetworkState = Readonly<Record<string, Tensor | readonly Tensor[] | undefined>>;

/** Feature maps [B, rows, columns, channels] of these names: `FeatureMaps<'image' | 'hole'>`. */
export type FeatureMaps<Names extends string> = Readonly<Record<Names, Tensor4D>>;

/**
 * What the first stage of a network is given: `image` [B, H, W, 3] in [-1, 1], in the weights' channel order, 0 in the hole,
 * `hole` [B, H, W, 1] of 0 and 1, and `sketch` [B, H, W, 1], 1 on lines, where the network takes one and there is one.
 */
export type NetworkInput = FeatureMaps<'image' | 'hole'> & Partial<FeatureMaps<'sketch'>>;

/**
 * What the last stage of a network returns: `image` [B, H, W, 3], the fill; if it attends, `scores` [B, rows, columns,
 * rows * columns], as in {@link SoftAttention}; and, if it fills twice, `coarse`, the first fill.
 */
export type NetworkOutput = FeatureMaps<'image'> & Partial<FeatureMaps<'scores' | 'coarse'>>;

/**
 * One stage of a network: takes what the one before it returned, and returns all that the one after it is to have. What it does
 * not return is freed. Synchronous. `NetworkStage` alone is a stage that may take anything.
 */
export type NetworkStage<In extends NetworkState = never, Out extends NetworkState = NetworkState> = (state: In, weights: Weights, mode?: Mode) => Out;

/** Stages in order, each typed by what the one before it returns. Made by {@link networkStages}. */
export interface NetworkStages<State extends NetworkState> {
  /** The stages so far. */
  readonly list: readonly [...NetworkStage[], NetworkStage<never, State>];
  /** These stages and one more, which takes what the last of them returns. */
  next<Out extends NetworkState>(stage: NetworkStage<State, Out>): NetworkStages<Out>;
}

/**
 * Puts a network's stages in order, so that each takes just the tensors that the one before it returns, by name and rank:
 * TypeScript tells where they don't fit.
 *
 * @param first the first stage, which takes a {@link NetworkInput}.
 * @returns the stages of a {@link FillNetwork}; `next(stage)` adds one.
 * @example
 * ```ts
 * const stages = networkStages(({ image, hole }, weights) => ({ features: encode.apply(tf.concat([image, hole], 3), weights) }))
 *   .next(({ features }, weights) => ({ image: decode.apply(features, weights) }));
 * console.log(stages.list.length); // 2
 * ```
 */
export function networkStages<State extends NetworkState>(first: NetworkStage<NetworkInput, State>): NetworkStages<State> {
  return stagesOf([first]);
}

function stagesOf<State extends NetworkState>(list: NetworkStages<State>['list']): NetworkStages<State> {
  return { list, next: (stage) => stagesOf([...list, stage]) };
}

/** Runs one stage on what came before it, which is what it takes: {@link networkStages} sees to that. */
export const runStage = (stage: NetworkStage, state: NetworkState, weights: Weights, mode?: Mode): NetworkState => stage(state as never, weights, mode);

/** `tf.tidy` for states, whose type has lists that are not to be changed. */
export const tidyState = <State extends NetworkState>(make: () => State): State => tidy(make as () => TensorContainer) as State;

/** All tensors of a state. */
export const tensorsOf = (state: NetworkState): Tensor[] => Object.values(state).flatMap((held) => held ?? []);
