import { dispose, expandDims, reverse, squeeze, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { pauseFor } from '../../abort';
import { onBackend, type Watched } from '../../backend';
import { checkArgument, checkOneOf, checkSameShape } from '../../check';
import { WeightsError } from '../../errors';
import type { WeightFile } from '../../io/weights/weight-file';
import { countParameters, type Weights, weightsOf } from '../../layers/layer';
import { type Fill, type FillRequest, type Generator, THIN } from '../generator';
import { trustDevice } from './known-answer';
import { matchWeights } from './match-weights';
import { checkInputs, type FillNetwork } from './network';
import type { ColourOrder } from './origin';
import { type NetworkInput, type NetworkOutput, type NetworkState, runStage, tensorsOf, tidyState } from './stages';
import { type Precision, WeightStore } from './weight-store';

/** Options of every generator that has weights. */
export interface NetworkOptions {
  /**
   * `'float16'` keeps the weights in half the memory and widens each as it is used: for a network that hardly fits.
   * Values keep about three decimal digits; a weight with values beyond 65504 stays as it is. Default `'float32'`.
   */
  precision?: Precision;
}

/** A generator that is a network with weights. */
export interface NetworkGenerator extends Generator {
  /** How many trained numbers it has. */
  readonly parameterCount: number;
  /** The network itself, apart from its weights: to run on batches with {@link runNetwork}, or to train. */
  readonly network: FillNetwork;
  /** Its weights by name, as tensors that stay the generator's. With half precision each look makes a new tensor, the caller's. */
  readonly weights: Weights;
  /** The order in which the weights take and give channels. */
  readonly colourOrder: ColourOrder;
  /**
   * Takes weights over, in place of any it had.
   * @param weights a file that was read by `readWeights`, of any of the known origins.
   * @throws WeightsError `weights-mismatch`, which lists by name what is missing, wrongly shaped or unknown, `weights-damaged`
   * for NaN and infinity; ArgumentError for what is no file of weights. The weights it had stay
   */
  load(weights: WeightFile): void;
  /** Frees the weights. A fill that is under way fails. */
  dispose(): void;
}

/**
 * Makes a generator of a network: those of this package, and your own.
 *
 * A fill runs stage by stage, each in a `tidy` of its own. Between two it can be aborted, and frees what the next one does not
 * take. Channels are turned where the weights say so. On WebGPU a small product whose answer is known comes before the first fill: a
 * device that gets it wrong is refused by a BackendError (`backend`).
 *
 * @param network its name, layers, stages and sizes, and how files of others name its weights.
 * @param weights read by `readWeights`: a file of one of the network's origins, or with the names that its layers tell. Without any,
 * `load` them later.
 * @param options precision.
 * @returns the generator; its weights are to be disposed by its `dispose`.
 * @throws ArgumentError; WeightsError `weights-mismatch`, which lists by name what is missing, wrongly shaped or unknown,
 * `weights-damaged` for NaN and infinity
 * @example
 * ```ts
 * const encode = new GatedConv2d('encode', { input: 4, output: 16, size: 5, stride: 2, gate: 'single-channel' });
 * const decode = new GatedConv2d('decode', { input: 16, output: 3, size: 3, upsample: 'nearest', gate: 'single-channel', activation: 'tanh' });
 * const network: FillNetwork = {
 *   name: 'tiny',
 *   multiple: 2,
 *   workingSize: 256,
 *   layers: [encode, decode],
 *   origins: [],
 *   stages: networkStages(({ image, hole }, weights) => ({ features: encode.apply(tf.concat([image, hole], 3), weights) }))
 *     .next(({ features }, weights) => ({ image: decode.apply(features, weights) })),
 * };
 * const generator = networkGenerator(network, await readWeights('tiny.safetensors'));
 * ```
 */
export function networkGenerator(network: FillNetwork, weights?: WeightFile, { precision = 'float32' }: NetworkOptions = {}): NetworkGenerator {
  const { name, multiple, workingSize, layers } = network;
  checkOneOf(precision, ['float32', 'float16'], name, 'precision');
  const specifications = weightsOf(layers);
  let store: WeightStore | undefined;
  let colourOrder: ColourOrder = 'rgb';
  const loaded = (): WeightStore => {
    if (!store) throw new WeightsError('weights-missing', `${name}: has no weights yet, or they were disposed: load(weights) first`);
    return store;
  };
  const generator: NetworkGenerator = {
    name,
    multiple,
    workingSize,
    thin: THIN,
    takesSketch: network.takesSketch ?? false,
    network,
    parameterCount: countParameters(specifications),
    get weights() {
      return loaded().weights;
    },
    get colourOrder() {
      return colourOrder;
    },
    load(file) {
      const matched = matchWeights(file, network);
      const next = new WeightStore(matched.arrays, precision, name);
      store?.dispose();
      store = next;
      colourOrder = matched.colourOrder;
    },
    fill: (request) => onBackend(async (watched) => fillByNetwork(network, loaded(), colourOrder, request, watched), request.signal),
    dispose() {
      store?.dispose();
      store = undefined;
    },
  };
  if (weights) generator.load(weights);
  return generator;
}

async function fillByNetwork(network: FillNetwork, store: WeightStore, colourOrder: ColourOrder, request: FillRequest, watched: Watched): Promise<Fill> {
  const { image, hole, sketch, signal, onProgress } = request;
  checkArgument(!sketch || network.takesSketch === true, network.name, 'sketch', 'left out: this network takes none', 'a sketch');
  if (sketch) checkSameShape(sketch.shape, hole.shape, network.name, 'sketch');
  await trustDevice();
  const pause = pauseFor(signal);
  const turned = <T extends Tensor4D>(x: T): T => (colourOrder === 'bgr' ? reverse(x, 3) : x);
  const batched = (x: Tensor3D) => expandDims<Tensor4D>(x, 0);
  const given = tidyState((): NetworkInput => ({ image: turned(batched(image)), hole: batched(hole), ...(sketch ? { sketch: batched(sketch) } : {}) }));
  let state: NetworkState = given;
  try {
    checkInputs(network, given.image, given.hole);
    for (const [n, stage] of network.stages.list.entries()) {
      await pause();
      watched.throwIfFailed();
      if (store.isDisposed) throw new WeightsError('weights-missing', `${network.name}: its weights were replaced or disposed while it filled`);
      const next = tidyState(() => runStage(stage, state, store.weights));
      const kept = new Set(tensorsOf(next));
      dispose(tensorsOf(state).filter((tensor) => !kept.has(tensor)));
      state = next;
      onProgress?.((n + 1) / network.stages.list.length);
    }
    await watched.finished();
    const { image: filled, scores } = state as NetworkOutput;
    return tidy(() => {
      const made = squeeze<Tensor3D>(turned(filled), [0]);
      if (!scores) return { image: made };
      return { image: made, correspondence: { kind: 'soft-attention', scores: squeeze<Tensor3D>(scores, [0]) } };
    }) as unknown as Fill;
  } finally {
    dispose(tensorsOf(state));
  }
}
