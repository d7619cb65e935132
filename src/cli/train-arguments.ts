import { parseArgs } from 'node:util';
import type { GeneratorName } from '../generators/names';
import { choice, number, UsageError, usageErrorOf } from './arguments';

/** The networks that the command trains. */
export const MODELS = ['hifill', 'deepfill-v2', 'lama', 'partial-unet', 'pix2pix'] as const satisfies readonly GeneratorName[];

/** What the command `train` is told. */
export interface TrainCommand {
  data: string;
  targets?: string;
  val?: string;
  masks?: string;
  model: (typeof MODELS)[number];
  out: string;
  weights?: string;
  preview?: string;
  size: number;
  batch: number;
  steps: number;
  accumulate: number;
  average?: number;
  discriminatorSteps?: number;
  adversarialWeight?: number;
  holeWeight?: number;
  holeMean?: 'picture' | 'hole';
  stage: 'both' | 'coarse';
  blocks?: number;
  learningRate?: number;
  betas?: [number, number];
  decay: 'constant' | 'steps' | 'exponential';
  decayEvery: number;
  decayFactor: number;
  coverage: [number, number];
  order: 'rgb' | 'bgr';
  seed: number;
  backend: 'tensorflow' | 'webgpu' | 'cpu';
  saveEvery: number;
  logEvery: number;
  showEvery: number;
  valBatches: number;
  resume: boolean;
  json: boolean;
}

export const TRAIN_HELP = `Usage: cra-inpaint train --data DIR --model NAME --steps N --out RUN [options]

Trains a network on photos. The result loads at once:
  cra-inpaint photo.jpg mask.png -o out.jpg --generator hifill --weights RUN/last.safetensors

      --data DIR             photos to train on, with the folders in it
      --val DIR              photos to measure on, never trained on
      --masks DIR            mask templates, white = hole; without them holes are drawn
      --targets DIR          what the photos are to be translated to, by the same names (pix2pix)
      --model NAME           ${MODELS.join(', ')}
      --steps N              up to which step, counted from the very first
      --out RUN              folder of the run: last.safetensors, log.jsonl, pictures/, tensorboard/
      --resume               go on from RUN/last.safetensors as if never stopped; begin where there is none
      --weights FILE         start from these weights instead of random ones
      --size PIXELS          side of the crops (default 256)
      --batch N              crops in a batch (default 4)
      --accumulate N         batches whose gradients make one step (default 1)
      --average D            decay of a moving average of the weights, such as 0.999, which is then measured and saved
      --discriminator-steps N  adversary's steps before each of the network (default: the paper's)
      --adversarial-weight W   of the adversary's loss; 0 trains without one (hifill; default: the paper's)
      --hole-weight W        of L1 in the hole (hifill; default: the paper's)
      --hole-mean NAME       what that L1 is a mean over: picture, or hole: small holes count as much as large (hifill; default picture)
      --stage NAME           both, or coarse: its first network alone (hifill; default both)
      --blocks N             residual blocks: 18 is big-lama, 9 lama-fourier (lama; default 18)
      --learning-rate RATE   default: the paper's
      --betas BETA1,BETA2    Adam's (default: the paper's)
      --decay KIND           constant, steps or exponential (default constant)
      --decay-every N        steps over which the rate falls by the factor (default 100000)
      --decay-factor F       in (0, 1] (default 0.5)
      --coverage FROM,TO     share of a crop that is hole (default 0.05,0.4)
      --order rgb|bgr        order of the channels that the network is given (default rgb)
      --seed N               seeds everything random (default 0)
      --backend NAME         tensorflow, webgpu or cpu (default tensorflow)
      --save-every N         steps between checkpoints (default 1000)
      --log-every N          steps between lines of the log (default 10)
      --show-every N         steps between picture grids and validations (default 1000)
      --val-batches N        batches that are measured (default 16)
      --preview FILE         write the first photos and holes to FILE, a PNG, and stop; needs no --steps and --out
      --json                 one JSON line for each logged step
  -h, --help                 this text

Ctrl-C finishes the step, saves and exits with 130; a second Ctrl-C stops at once.
Exit code: 0 done, 1 failed (the last good step is saved), 2 wrong usage, 130 interrupted.
`;

const OPTIONS = {
  data: { type: 'string' },
  targets: { type: 'string' },
  val: { type: 'string' },
  masks: { type: 'string' },
  model: { type: 'string' },
  out: { type: 'string' },
  weights: { type: 'string' },
  preview: { type: 'string' },
  size: { type: 'string', default: '256' },
  batch: { type: 'string', default: '4' },
  steps: { type: 'string' },
  accumulate: { type: 'string', default: '1' },
  average: { type: 'string' },
  'discriminator-steps': { type: 'string' },
  'adversarial-weight': { type: 'string' },
  'hole-weight': { type: 'string' },
  'hole-mean': { type: 'string' },
  stage: { type: 'string', default: 'both' },
  blocks: { type: 'string' },
  'learning-rate': { type: 'string' },
  betas: { type: 'string' },
  decay: { type: 'string', default: 'constant' },
  'decay-every': { type: 'string', default: '100000' },
  'decay-factor': { type: 'string', default: '0.5' },
  coverage: { type: 'string', default: '0.05,0.4' },
  order: { type: 'string', default: 'rgb' },
  seed: { type: 'string', default: '0' },
  backend: { type: 'string', default: 'tensorflow' },
  'save-every': { type: 'string', default: '1000' },
  'log-every': { type: 'string', default: '10' },
  'show-every': { type: 'string', default: '1000' },
  'val-batches': { type: 'string', default: '16' },
  resume: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What only HiFill's losses can be told. */
const HIFILL_LOSSES = ['adversarial-weight', 'hole-weight', 'hole-mean'] as const;

const most = Number.MAX_SAFE_INTEGER;

function stageOf(text: string, model: string): TrainCommand['stage'] {
  const stage = choice('stage', text, ['both', 'coarse'] as const);
  if (stage === 'coarse' && model !== 'hifill') throw new UsageError(`--stage coarse is for hifill; ${model} is trained as one`);
  return stage;
}

function averageOf(text: string): number {
  const decay = text.trim() === '' ? Number.NaN : Number(text);
  if (!(decay >= 0 && decay < 1)) throw new UsageError(`--average must be a number from 0 up to, but not, 1 such as 0.999; got ${text}`);
  return decay;
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: false });
  } catch (error) {
    throw usageErrorOf(error);
  }
}

/**
 * Reads the command line after the word `train`.
 * @throws UsageError for anything that makes no sense
 */
export function trainCommandOf(args: string[]): TrainCommand | 'help' {
  const { values } = parsed(args);
  if (values.help) return 'help';
  const needed = values.preview === undefined ? (['data', 'model', 'steps', 'out'] as const) : (['data', 'model'] as const);
  for (const option of needed) if (!values[option]) throw new UsageError(`--${option} is missing`);
  const whole = (option: keyof typeof values, minimum = 1) => number(option, String(values[option]), minimum, most);
  const share = (option: string, text: string) => number(option, text, Number.MIN_VALUE, 1, false);
  const weight = (option: 'adversarial-weight' | 'hole-weight') => (values[option] === undefined ? undefined : number(option, values[option], 0, most, false));
  const [from, to, ...rest] = values.coverage.split(',');
  if (to === undefined || rest.length > 0 || !(Number(from) > 0 && Number(from) <= Number(to) && Number(to) < 1)) {
    throw new UsageError(`--coverage must be two numbers such as 0.05,0.4; got ${values.coverage}`);
  }
  const betas = values.betas?.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (betas && !(betas.length === 2 && betas.every((beta) => beta >= 0 && beta < 1))) {
    throw new UsageError(`--betas must be two numbers below 1 such as 0.9,0.999; got ${values.betas}`);
  }
  const model = choice('model', values.model!, MODELS);
  for (const option of HIFILL_LOSSES) {
    if (values[option] !== undefined && model !== 'hifill') throw new UsageError(`--${option} is for hifill; ${model} has its paper's`);
  }
  if (values.blocks !== undefined && model !== 'lama') throw new UsageError(`--blocks is for lama; ${model} has its paper's`);
  if (values.targets !== undefined && model !== 'pix2pix') throw new UsageError(`--targets is for pix2pix; ${model} fills holes`);
  return {
    data: values.data!,
    targets: values.targets,
    val: values.val,
    masks: values.masks,
    model,
    out: values.out ?? '',
    weights: values.weights,
    preview: values.preview,
    size: whole('size', 16),
    batch: whole('batch'),
    steps: values.steps === undefined ? 0 : whole('steps'),
    accumulate: whole('accumulate'),
    average: values.average === undefined ? undefined : averageOf(values.average),
    discriminatorSteps: values['discriminator-steps'] === undefined ? undefined : whole('discriminator-steps'),
    adversarialWeight: weight('adversarial-weight'),
    holeWeight: weight('hole-weight'),
    holeMean: values['hole-mean'] === undefined ? undefined : choice('hole-mean', values['hole-mean'], ['picture', 'hole'] as const),
    stage: stageOf(values.stage, model),
    blocks: values.blocks === undefined ? undefined : whole('blocks'),
    learningRate: values['learning-rate'] === undefined ? undefined : share('learning-rate', values['learning-rate']),
    betas: betas as [number, number] | undefined,
    decay: choice('decay', values.decay, ['constant', 'steps', 'exponential']),
    decayEvery: whole('decay-every'),
    decayFactor: share('decay-factor', values['decay-factor']),
    coverage: [Number(from), Number(to)],
    order: choice('order', values.order, ['rgb', 'bgr']),
    seed: whole('seed', 0),
    backend: choice('backend', values.backend, ['tensorflow', 'webgpu', 'cpu']),
    saveEvery: whole('save-every'),
    logEvery: whole('log-every'),
    showEvery: whole('show-every'),
    valBatches: whole('val-batches'),
    resume: values.resume,
    json: values.json,
  };
}
