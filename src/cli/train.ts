import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import cliProgress from 'cli-progress';
import type { TrainingData } from '../train/batches';
import type { Batch, Recipe } from '../train/recipe';
import type { StepReport } from '../train/run-in-folder';
import type { ValidationScores } from '../train/validate';
import { startBackend } from './backend';
import type { Output } from './report';
import { TRAIN_HELP, type TrainCommand, trainCommandOf } from './train-arguments';

/** What the command works with. */
export interface TrainSurroundings {
  stdout: Output;
  stderr: Output;
  signal?: AbortSignal;
  startBackend?: (name: TrainCommand['backend']) => Promise<void>;
}

// What a recipe can be told in code alone is a function of pictures.
const WITHOUT_FEATURES: ReadonlySet<TrainCommand['model']> = new Set(['lama', 'partial-unet']);

// The pictures of a grid, and where validation's chance is drawn from: another place than the training's.
const GRID_ROWS = 4;
const VALIDATION_SEED = 1_000_003;

/** Runs the command `train`; returns the exit code. Throws UsageError and what training throws. */
export async function runTrain(args: string[], { stdout, stderr, signal, startBackend: start = startBackend }: TrainSurroundings): Promise<number> {
  const command = trainCommandOf(args);
  if (command === 'help') {
    stdout.write(TRAIN_HELP);
    return 0;
  }
  const say = (text: string) => stdout.write(`${text}\n`);
  await start(command.backend);
  // tfjs-core has no gradients by itself.
  if (command.backend !== 'tensorflow') await import('@tensorflow/tfjs');
  const { Trainer, trainInFolder, validate, validateMembrane } = await import('../train');
  const recipe = await recipeOf(command);
  const { training, held } = await dataOf(command, (name, reason) => stderr.write(`${name} is left out: ${reason.message}\n`));
  if (command.preview !== undefined) {
    await writePreview(command.preview, command.order, training);
    say(command.json ? JSON.stringify({ preview: command.preview }) : `photos and their holes: ${command.preview}`);
    return 0;
  }
  const trainer = new Trainer(recipe, {
    seed: command.seed,
    accumulate: command.accumulate,
    average: command.average,
    weights: await firstWeights(command, recipe),
  });
  if (WITHOUT_FEATURES.has(command.model) && !command.json)
    say(`${command.model} is trained without its perceptual loss: that takes a function that extracts features, which is given in code`);
  const bar = stderr.isTTY && !command.json ? progressBar(stderr) : undefined;
  const summary = await summaryWriter(command);
  const yardstick = held && command.model !== 'pix2pix' ? await validateMembrane(held, command.valBatches) : undefined;
  if (yardstick && !command.json) say(`held-out photos filled by a membrane: ${scoresText(yardstick)}`);

  const onStep = ({ step, steps, losses, seconds }: StepReport) => {
    if (!bar && step % command.logEvery === 0)
      say(command.json ? JSON.stringify({ step, seconds, ...losses }) : `step ${step} of ${steps}  ${lossesText(losses)}  ${seconds.toFixed(2)} s`);
    bar?.setTotal(steps);
    bar?.update(step, { losses: lossesText(losses) });
    if (summary && step % command.logEvery === 0) for (const [name, value] of Object.entries(losses)) summary.scalar(`loss/${name}`, value, step);
  };
  try {
    await trainInFolder(trainer, {
      out: command.out,
      steps: command.steps,
      data: training,
      decay: { kind: command.decay, every: command.decayEvery, factor: command.decayFactor },
      colourOrder: command.order,
      settings: {
        model: command.model,
        batch: command.batch,
        learningRate: recipe.adam.learningRate,
        coverage: command.coverage,
        discriminatorSteps: recipe.discriminatorSteps,
        betas: [recipe.adam.beta1, recipe.adam.beta2],
        adversarialWeight: command.adversarialWeight,
        holeWeight: command.holeWeight,
        holeMean: command.holeMean,
        stage: command.stage,
        blocks: command.blocks,
      },
      resume: command.resume,
      saveEvery: command.saveEvery,
      logEvery: command.logEvery,
      intervalEvery: command.showEvery,
      signal,
      onStep,
      async onInterval({ step, weights }) {
        await writeGrid(command, recipe, weights, held ?? training, step);
        if (!held) return {};
        const scores = await validate(recipe, weights, held, command.valBatches);
        if (summary) for (const [name, value] of Object.entries(scores)) summary.scalar(`validation/${name}`, value, step);
        if (!command.json) say(`step ${step}: held-out photos: ${scoresText(scores)}`);
        return Object.fromEntries(Object.entries(scores).map(([name, value]) => [`validation_${name}`, value]));
      },
    });
    say(command.json ? JSON.stringify({ done: trainer.step }) : `${trainer.step} steps done: ${join(command.out, 'last.safetensors')}`);
    return 0;
  } catch (error) {
    if (!signal?.aborted) throw error;
    stderr.write(`interrupted after step ${trainer.step}, which is saved: --resume goes on\n`);
    return 130;
  } finally {
    bar?.stop();
    trainer.dispose();
  }
}

/** The recipe of the command's model, with the command's numbers. */
async function recipeOf(command: TrainCommand): Promise<Recipe> {
  const { model, size, adversarialWeight, holeWeight, holeMean, stage, blocks, learningRate, betas, discriminatorSteps } = command;
  const { hifillRecipe, deepfillV2Recipe, lamaRecipe, partialUnetRecipe, pix2pixRecipe } = await import('../train');
  const made = {
    hifill: () => hifillRecipe({ size, adversarialWeight, holeWeight, holeMean, stage }),
    'deepfill-v2': () => deepfillV2Recipe(),
    lama: () => lamaRecipe({ blocks }),
    // As many levels as the size has halvings, up to the paper's eight.
    'partial-unet': () => partialUnetRecipe({ levels: Math.min(8, Math.floor(Math.log2(size & -size))) }),
    pix2pix: () => pix2pixRecipe(),
  }[model]();
  const told = { ...(learningRate !== undefined && { learningRate }), ...(betas && { beta1: betas[0], beta2: betas[1] }) };
  const adam = { ...made.adam, ...told };
  const discriminatorAdam = made.discriminatorAdam && { ...made.discriminatorAdam, ...told };
  return { ...made, adam, discriminatorAdam, discriminatorSteps: discriminatorSteps ?? made.discriminatorSteps };
}

async function dataOf(command: TrainCommand, onSkip: (name: string, reason: Error) => void) {
  const { maskSource, pairedSource, pictureSource, readTemplates } = await import('../train');
  const { size, batch, order, seed, coverage } = command;
  const templates = command.masks === undefined ? undefined : await readTemplates(command.masks, { onSkip });
  const masks = (seed: number) => maskSource({ size, seed, coverage, templates });
  const pictures = (folder: string, options: { seed: number; scale?: [number, number]; flip?: boolean }) =>
    command.targets === undefined || folder !== command.data
      ? pictureSource(folder, { size, batch, order, onSkip, ...options })
      : pairedSource(folder, command.targets, { size, batch, order, onSkip, ...options });
  return {
    training: { pictures: pictures(command.data, { seed }), masks: masks(seed) },
    held:
      command.val === undefined
        ? undefined
        : { pictures: pictures(command.val, { seed: VALIDATION_SEED, scale: [1, 1], flip: false }), masks: masks(VALIDATION_SEED) },
  };
}

/** Weights to start from, as tensors, where the command names a file. */
async function firstWeights({ weights, resume, out }: TrainCommand, { network }: Recipe): Promise<Record<string, TensorFlow.Tensor> | undefined> {
  if (weights === undefined) return undefined;
  const { existsSync } = await import('node:fs');
  // A run that goes on has its own.
  if (resume && existsSync(join(out, 'last.safetensors'))) return undefined;
  const { readWeights } = await import('../io/weights/read-weights');
  const { loadWeights } = await import('../train');
  return loadWeights(network, await readWeights(weights)).weights;
}

/** The first photos and their holes; the caller disposes them. */
async function firstBatch(data: TrainingData): Promise<Batch> {
  const { BatchReader } = await import('../train');
  const reader = new BatchReader(data, { pictures: 0, holes: 0 });
  try {
    return (await reader.next()).batch;
  } finally {
    await reader.close();
  }
}

/** Writes the first photos of the training, each with its hole, as the network will be given them. */
async function writePreview(path: string, order: TrainCommand['order'], data: TrainingData): Promise<void> {
  const { dispose } = await import('@tensorflow/tfjs-core');
  const { pictureGrid } = await import('../train');
  const { cut } = await import('../train/recipes/cut');
  const { writePicture } = await import('../io/write');
  const batch = await firstBatch(data);
  const input = cut(batch);
  try {
    await writePicture(await pictureGrid({ photo: batch.image, hole: batch.hole, input }, { order }), path);
  } finally {
    dispose({ input, ...batch });
  }
}

/** Writes what the network makes of the first pictures: input, hole, its stages, composite, truth. */
async function writeGrid(
  { out, order }: TrainCommand,
  recipe: Recipe,
  weights: Readonly<Record<string, TensorFlow.Tensor>>,
  data: TrainingData,
  step: number,
): Promise<void> {
  const { dispose } = await import('@tensorflow/tfjs-core');
  const { pictureGrid } = await import('../train');
  const { writePicture } = await import('../io/write');
  const batch = await firstBatch(data);
  const made = recipe.pictures(weights, batch);
  try {
    const { input, ...rest } = made;
    const columns = { ...(input && { input }), hole: batch.hole, ...rest, truth: batch.target ?? batch.image };
    const folder = join(out, 'pictures');
    await mkdir(folder, { recursive: true });
    await writePicture(await pictureGrid(columns, { rows: GRID_ROWS, order }), join(folder, `${String(step).padStart(7, '0')}.png`));
  } finally {
    dispose({ ...made });
    dispose({ ...batch });
  }
}

interface SummaryWriter {
  scalar(name: string, value: number, step: number): void;
}

/** TensorBoard's events, by the writer that comes with tfjs-node; none on other backends. */
async function summaryWriter({ backend, out }: TrainCommand): Promise<SummaryWriter | undefined> {
  if (backend !== 'tensorflow') return undefined;
  const tf = (await import('@tensorflow/tfjs-node-gpu')) as unknown as { node: { summaryFileWriter(folder: string): SummaryWriter } };
  return tf.node.summaryFileWriter(join(out, 'tensorboard'));
}

function progressBar(stderr: Output) {
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {value} of {total} steps  {eta_formatted} left  {losses}',
      stream: stderr as NodeJS.WriteStream,
      hideCursor: true,
      stopOnComplete: false,
      gracefulExit: false,
      barsize: 20,
      etaBuffer: 50,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(0, 0, { losses: '' });
  return bar;
}

const lossesText = (losses: Readonly<Record<string, number>>) =>
  Object.entries(losses)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join('  ');
const scoresText = ({ l1, psnr, ssim, msSsim }: ValidationScores) =>
  `L1 in the hole ${l1.toFixed(4)}  PSNR ${psnr.toFixed(2)}  SSIM ${ssim.toFixed(4)}  MS-SSIM ${msSsim.toFixed(4)}`;
