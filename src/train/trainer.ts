import {
  abs,
  add,
  clone,
  dispose,
  getGradient,
  keep,
  mean,
  mul,
  type NamedTensorMap,
  stack,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from '@tensorflow/tfjs-core';
import { randomIntegers } from '../arrays/random';
import { onBackend, throwIfLost, type Watched } from '../backend';
import { checkArgument, checkWhole } from '../check';
import { BackendError, TrainingError } from '../errors';
import { initialWeights } from '../layers/initial-weights';
import { type Layer, type Weights, weightsOf } from '../layers/layer';
import { Adam } from './adam';
import type { NamedBatch } from './batches';
import { copies } from './copies';
import { lossGradients } from './gradients';
import { MovingAverage } from './moving-average';
import type { AdamOptions, Batch, Loss, Recipe, StepContext } from './recipe';

/** Options of {@link Trainer}. */
export interface TrainerOptions {
  /** Seeds first weights and every random number of the steps. Default 0. */
  seed?: number;
  /** How many batches' gradients are averaged into one step. Default 1. */
  accumulate?: number;
  /** First weights in place of random ones; they stay the caller's. */
  weights?: Weights;
  /**
   * How much each step leaves of a moving average of the generator's weights, such as 0.999: at least 0 and less than 1. The
   * average is then what {@link Trainer.weights} gives, and what is saved under the network's own names. Default: none is kept.
   */
  average?: number;
}

/** What one of the two networks is made of in training. */
interface Side {
  readonly trained: readonly string[];
  readonly adam: Adam;
  weights: Record<string, Tensor>;
}

// How much of a running mean each batch's statistics make up, as in PyTorch.
const MOMENTUM = 0.1;

/**
 * Trains a network by a recipe, one step at a time. It holds weights and the optimisers' state as tensors, and knows
 * nothing of files: see {@link trainInFolder} for that.
 *
 * A step that comes out NaN or infinite throws a TrainingError that names its pictures, and leaves the network's weights as they were.
 */
export class Trainer {
  /** How many steps have been made. */
  step = 0;
  private readonly generator: Side;
  private readonly discriminator?: Side;
  /** What every random number is drawn from. */
  readonly seed: number;
  /** How many batches' gradients are averaged into one step. */
  readonly accumulate: number;
  /** How much each step leaves of the weights' moving average; undefined where none is kept. */
  readonly average?: number;
  private readonly averaged?: MovingAverage;

  /**
   * @param recipe what is trained, and how.
   * @param options seed, accumulation, first weights, averaging.
   * @throws ArgumentError; BackendError where tfjs has no gradients, or the device is known to be lost
   */
  constructor(
    readonly recipe: Recipe,
    { seed = 0, accumulate = 1, weights, average }: TrainerOptions = {},
  ) {
    if (!getGradient('Add')) {
      throw new BackendError('backend', "Trainer: tfjs-core has no gradients by itself; import '@tensorflow/tfjs' or '@tensorflow/tfjs-node-gpu' first");
    }
    throwIfLost();
    checkWhole(seed, 0, 'Trainer', 'seed');
    checkWhole(accumulate, 1, 'Trainer', 'accumulate');
    checkArgument(average === undefined || (average >= 0 && average < 1), 'Trainer', 'average', 'at least 0 and less than 1', average);
    this.seed = seed;
    this.accumulate = accumulate;
    this.average = average;
    this.generator = side(recipe.network.layers, recipe.adam, seed, weights);
    if (average !== undefined) this.averaged = new MovingAverage(average, this.generator.trained, this.generator.weights);
    if (recipe.discriminator) this.discriminator = side(recipe.discriminator, recipe.discriminatorAdam ?? recipe.adam, seed + 1);
  }

  /** The generator's weights, by name, or their moving average; they stay the trainer's, and are replaced by each step. */
  get weights(): Weights {
    return this.averaged?.weights ?? this.generator.weights;
  }

  /** How many batches a step draws. */
  get batchesPerStep(): number {
    return this.accumulate * ((this.discriminator ? this.recipe.discriminatorSteps : 0) + 1);
  }

  /**
   * Makes one step: the discriminator's, then the generator's.
   *
   * @param next gives the batches, `batchesPerStep` of them; the trainer disposes them.
   * @param rate what the recipe's learning rates are multiplied by. Default 1.
   * @returns the losses' parts by name, and their totals.
   * @throws TrainingError `not-learning`; BackendError, after one of which told by a GPU (`device-lost`, or a step that it refused) the
   * weights are not to be trusted
   */
  trainStep(next: () => Promise<NamedBatch>, rate = 1): Promise<Record<string, number>> {
    return onBackend((watched) => this.watchedStep(next, rate, watched));
  }

  private async watchedStep(next: () => Promise<NamedBatch>, rate: number, watched: Watched): Promise<Record<string, number>> {
    const losses: Record<string, number> = {};
    const random = randomIntegers(Math.imul(this.seed + 1, 0x9e3779b1) ^ (this.step + 1));
    const { recipe, generator, discriminator } = this;
    if (discriminator && recipe.discriminatorLoss) {
      const lossOf = recipe.discriminatorLoss.bind(recipe);
      for (let n = 0; n < recipe.discriminatorSteps; n++) {
        Object.assign(
          losses,
          await this.stepOf(discriminator, next, rate, random, 'discriminator', watched, (weights, batch, context) =>
            lossOf(generator.weights, weights, batch, context),
          ),
        );
      }
    }
    const adversary = discriminator?.weights ?? {};
    Object.assign(
      losses,
      await this.stepOf(generator, next, rate, random, 'generator', watched, (weights, batch, context) =>
        recipe.generatorLoss(weights, adversary, batch, context),
      ),
    );
    this.averaged?.add(generator.weights, this.step + 1);
    await watched.finished();
    this.step++;
    return losses;
  }

  private async stepOf(
    side: Side,
    next: () => Promise<NamedBatch>,
    rate: number,
    random: () => number,
    who: 'generator' | 'discriminator',
    { throwIfFailed }: Watched,
    lossOf: (weights: Weights, batch: Batch, context: StepContext) => Loss,
  ): Promise<Record<string, number>> {
    const sums: Record<string, number> = {};
    const carried = new Map<string, Tensor>();
    let gradients: Record<string, Tensor> | undefined;
    try {
      for (let n = 0; n < this.accumulate; n++) {
        const { batch, names } = await next();
        try {
          throwIfFailed();
          const found = gradientsOf(side, batch, { mode: modeOf(side, carried, random() % 2 ** 31), random: () => random() / 2 ** 32 }, lossOf);
          gradients = accumulated(gradients, found.gradients, 1 / this.accumulate);
          for (const [name, value] of Object.entries(await found.losses())) sums[name] = (sums[name] ?? 0) + value / this.accumulate;
          // A finite loss may have slopes that are not, as a root has at 0: one step by them would spoil all weights.
          const learns = Object.values(sums).every(Number.isFinite) && Number.isFinite(await magnitudeOf(gradients));
          throwIfFailed();
          if (!learns) throw notLearning(who, this.step, sums, names, await brokenPictures(batch, names));
        } finally {
          dispose({ ...batch } as NamedTensorMap);
        }
      }
      const stepped = side.adam.step(side.weights, gradients as Record<string, Tensor>, side.adam.options.learningRate * rate);
      replace(side.weights, stepped);
      replace(side.weights, Object.fromEntries(carried));
      carried.clear();
      return sums;
    } finally {
      dispose([...carried.values()]);
      if (gradients) dispose(gradients);
    }
  }

  /**
   * Every tensor that the next step depends on: the generator's weights, or their average, by their own names, all else below `train/`.
   * {@link writeCheckpoint} reads them as a file.
   * @returns tensors, the caller's to dispose.
   * @throws BackendError `device-lost` where that is known
   */
  state(): Record<string, Tensor> {
    throwIfLost();
    const { generator, discriminator, averaged } = this;
    return {
      ...copies(this.weights),
      ...(averaged && prefixed('train/unaveraged/', copies(generator.weights))),
      ...prefixed('train/generator/', generator.adam.state()),
      ...(discriminator && { ...prefixed('train/weights/', copies(discriminator.weights)), ...prefixed('train/discriminator/', discriminator.adam.state()) }),
    };
  }

  /**
   * Goes on from a state.
   * @param state what `state()` gave; stays the caller's.
   * @param step how many steps had been made.
   * @throws TrainingError `checkpoint` where names or shapes are others; nothing is changed then. BackendError
   */
  restore(state: Weights, step: number): Promise<void> {
    return onBackend(({ finished }) => this.watchedRestore(state, step, finished));
  }

  private async watchedRestore(state: Weights, step: number, finished: Watched['finished']): Promise<void> {
    const { generator, discriminator, averaged, recipe } = this;
    const unaveraged = averaged ? 'train/unaveraged/' : '';
    const wanted = new Map([
      ...Object.entries(this.weights),
      ...Object.entries(prefixed(unaveraged, generator.weights)),
      ...Object.entries(prefixed('train/weights/', discriminator?.weights ?? {})),
    ]);
    const missing = [...wanted].filter(([name, { shape }]) => state[name]?.shape.join() !== shape.join()).map(([name]) => name);
    const surplus = Object.keys(state).filter((name) => !wanted.has(name) && !/^train\/(generator|discriminator)\//.test(name));
    if (missing.length + surplus.length > 0) {
      const names = [...missing, ...surplus];
      throw new TrainingError('checkpoint', `${recipe.name}: the state is of another network or recipe; it differs in ${names.slice(0, 8).join(', ')}`, {
        actual: { missing, surplus },
      });
    }
    for (const [side, weights, optimiser] of [
      [generator, unaveraged, 'train/generator/'],
      [discriminator, 'train/weights/', 'train/discriminator/'],
    ] as const) {
      if (!side) continue;
      await side.adam.restore(below(optimiser, state));
      replace(side.weights, Object.fromEntries(Object.keys(side.weights).map((name) => [name, clone(state[weights + name])])));
    }
    averaged?.restore(Object.fromEntries(Object.keys(generator.weights).map((name) => [name, state[name]])));
    await finished();
    this.step = step;
  }

  /** Frees all tensors. */
  dispose(): void {
    for (const side of [this.generator, this.discriminator]) {
      if (!side) continue;
      dispose(side.weights);
      side.adam.dispose();
    }
    this.averaged?.dispose();
  }
}

function side(layers: readonly Layer[], adam: AdamOptions, seed: number, given?: Weights): Side {
  const specifications = weightsOf(layers);
  const weights = given
    ? Object.fromEntries(Object.keys(specifications).map((name) => [name, clone(given[name])]))
    : { ...initialWeights(specifications, seed) };
  const trained = Object.keys(specifications).filter((name) => specifications[name].trainable !== false);
  return { trained, weights, adam: new Adam(adam) };
}

/** Losses and gradients of one batch. The caller disposes the gradients; `losses` reads and frees the losses. */
function gradientsOf(
  { trained, weights }: Side,
  batch: Batch,
  context: StepContext,
  lossOf: (weights: Weights, batch: Batch, context: StepContext) => Loss,
): { gradients: Record<string, Tensor>; losses: () => Promise<Record<string, number>> } {
  const { loss, gradients } = lossGradients(() => lossOf(weights, batch, context), Object.fromEntries(trained.map((name) => [name, weights[name]])));
  const tensors: Record<string, Tensor> = { ...loss.parts, total: loss.total };
  return {
    gradients,
    async losses() {
      try {
        const values = await Promise.all(Object.values(tensors).map(async (tensor) => (await tensor.data())[0]));
        return Object.fromEntries(Object.keys(tensors).map((name, i) => [name, values[i]]));
      } finally {
        dispose(tensors);
      }
    },
  };
}

/** Training mode; what layers tell of running means and power iterations is put into `carried`, by the weight's name. */
function modeOf({ weights }: Side, carried: Map<string, Tensor>, seed: number): StepContext['mode'] {
  const carry = (name: string, next: (old: Tensor) => Tensor) => {
    // The other network's: its running means go by its own steps.
    if (!(name in weights)) return;
    const old = carried.get(name) ?? weights[name];
    carried.set(name, keep(tidy(() => next(old))));
    if (old !== weights[name]) old.dispose();
  };
  const running = (old: Tensor, found: Tensor) => add(mul(old, 1 - MOMENTUM), mul(found, MOMENTUM));
  return {
    training: true,
    seed,
    onStatistics(layer: string, mean: Tensor1D, variance: Tensor1D) {
      carry(`${layer}.mean`, (old) => running(old, mean));
      carry(`${layer}.variance`, (old) => running(old, variance));
    },
    onVector: (layer: string, u: Tensor2D) => carry(`${layer}.u`, () => clone(u)),
  };
}

/** Gradients so far and those of one more batch, weighted. Both are freed. */
function accumulated(sum: Record<string, Tensor> | undefined, more: Record<string, Tensor>, weight: number): Record<string, Tensor> {
  if (weight === 1) return more;
  const result = tidy(() =>
    Object.fromEntries(Object.entries(more).map(([name, gradient]) => [name, sum ? add(sum[name], mul(gradient, weight)) : mul(gradient, weight)])),
  );
  dispose(more);
  if (sum) dispose(sum);
  return result;
}

/** Puts tensors in the place of others, which are freed. */
function replace(weights: Record<string, Tensor>, next: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries(next)) {
    weights[name].dispose();
    weights[name] = tensor;
  }
}

const below = (prefix: string, tensors: Weights) =>
  Object.fromEntries(Object.entries(tensors).flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [])));

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [prefix + name, t]));

/** The mean absolute value of all gradients: not finite where any of them is not. */
async function magnitudeOf(gradients: Readonly<Record<string, Tensor>>): Promise<number> {
  const magnitude = tidy(() => mean(stack(Object.values(gradients).map((gradient) => mean(abs(gradient))))));
  try {
    return (await magnitude.data())[0];
  } finally {
    magnitude.dispose();
  }
}

/** The names of the pictures of a batch that hold NaN or infinity themselves. */
async function brokenPictures({ image }: Batch, names: readonly string[]): Promise<string[]> {
  const values = await image.data();
  const length = values.length / names.length;
  return names.filter((_, n) => !values.subarray(n * length, (n + 1) * length).every(Number.isFinite));
}

function notLearning(who: string, step: number, losses: Record<string, number>, names: readonly string[], broken: readonly string[]): TrainingError {
  const cause = broken.length > 0 ? `${broken.join(', ')} holds NaN or infinity` : `the pictures were ${names.join(', ')}`;
  return new TrainingError(
    'not-learning',
    `step ${step + 1}: the ${who}'s loss or its gradient is no longer finite; ${cause}. The network's weights are those of step ${step}`,
    {
      expected: 'finite losses and gradients',
      actual: { losses, pictures: broken.length > 0 ? broken : names },
    },
  );
}
