import type { KeptThreads } from '../cra/threads';
import { AbortError, MaskError } from '../errors';
import type { Generator } from '../generators/generator';
import { readMask, writePicture } from '../io/node';
import type { StoredPicture } from '../io/stored';
import type { FillStored } from '../node/fill-stored';
import { type FileOptions, type FileStage, inpaintFileBy } from '../node/inpaint-file';
import type { Picture } from '../picture';
import type { Warning } from '../warning';
import type { Command } from './arguments';
import { writeSeveral } from './candidates';
import { beside, halfOf } from './compare';
import { copyMaskOf } from './drawn';
import type { Job } from './jobs';

/** What takes time. */
export type Step = FileStage | 'backend';

/** How a photo went. Times are in milliseconds. */
export interface Outcome {
  photo: string;
  mask?: string;
  output: string;
  /** What was written, where it is several results. */
  outputs?: string[];
  width?: number;
  height?: number;
  format?: string;
  ms: Partial<Record<Step | 'total', number>>;
  peakRss?: number;
  warnings: string[];
  error?: { code: string; message: string };
}

export interface WorkOptions {
  command: Command;
  /** Who fills, where it is not the library's own choice. */
  generator?: Generator;
  backend: Promise<void>;
  fill: Promise<FillStored>;
  /** Threads of several photos, and its part of them. */
  kept?: KeptThreads;
  signal?: AbortSignal;
  onStep: (step: Step, fraction: number) => void;
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError('aborted', 'interrupted', { cause: signal.reason });
}

/** What the library says of its options, said of the command's. */
export const inCommandWords = (message: string): string =>
  message
    .replace(/\bhole: '(\w+)'/g, '--hole $1')
    .replace('a smaller grow ', 'a smaller --grow ')
    .replace('by download: true:', 'by --yes:')
    .replace(': fit stretches it', ': --fit-mask stretches it');

/** Peak resident memory of this process so far, in bytes. */
export const peakRss = (): number => process.resourceUsage().maxRSS * 1024;

/** Reads a photo and its mask, fills the hole, writes the result; notes in `outcome` what it learns on the way, errors aside. */
export async function work(job: Job, outcome: Outcome, { command, generator, backend, fill, kept, signal, onStep }: WorkOptions): Promise<void> {
  let last = performance.now();
  /** Books the time since the last booking on a step. */
  const book = (step: Step, fraction = 1) => {
    const now = performance.now();
    outcome.ms[step] = (outcome.ms[step] ?? 0) + now - last;
    last = now;
    onStep(step, fraction);
  };

  checkAborted(signal);
  const onWarning = ({ code, message }: Warning) => void outcome.warnings.push(`${code}: ${inCommandWords(message)}`);
  const { hole, seed, grow, feather, workingSize, thin, detail, memory, threads, pixelLimit, failOn, quality } = command;
  const [maskPath] = job.masks;
  const sketch = job.sketch === undefined ? undefined : await readMask(job.sketch, { pixelLimit, failOn, onWarning });
  const [sources, avoid] = await Promise.all([job.sources, job.avoid].map(async ([path]) => path && copyMaskOf(path, job.photo, command.fitMask)));
  let before: Picture | undefined;
  let compared: Picture | undefined;
  const options: FileOptions = {
    ...{ hole, seed, grow, feather, detail, pixelLimit, failOn, quality, fitMask: command.fitMask, signal, onWarning },
    ...(generator === undefined ? {} : { generator }),
    ...(workingSize === undefined ? {} : { workingSize }),
    ...(thin === undefined ? {} : { thin }),
    ...(memory === undefined ? {} : { memory }),
    ...(threads === undefined ? {} : { threads }),
    ...(sketch === undefined ? {} : { sketch }),
    ...(sources ? { sources } : {}),
    ...(avoid ? { avoid } : {}),
    onProgress: ({ stage, done, total }) => book(stage, total > 0 ? done / total : 1),
  };
  if (job.candidates !== undefined) {
    outcome.outputs = await writeSeveral(job, {
      ...options,
      candidates: job.candidates,
      onProgress: ({ stage, done, total }) => book(stage, total > 0 ? done / total : 1),
      async onDecoded({ width, height, metadata }) {
        Object.assign(outcome, { width, height, format: metadata?.format });
        book('decode');
        await backend;
        book('backend');
      },
    });
    book('encode');
    return;
  }
  await inpaintFileBy(job.photo, job.draw ?? maskPath, job.output, options, {
    op: 'inpaint',
    fill,
    kept,
    async onDecoded(photo, marks) {
      const { width, height, metadata } = photo;
      Object.assign(outcome, { width, height, format: metadata.format });
      const mask = marks as StoredPicture | Picture;
      if (!command.fitMask && (mask.width !== width || mask.height !== height)) {
        throw new MaskError('mask-size', `${maskPath} is ${mask.width} x ${mask.height}, the photo ${width} x ${height}: --fit-mask would scale it`, {
          expected: { width, height },
          actual: { width: mask.width, height: mask.height },
        });
      }
      if (job.compare !== undefined) before = await halfOf(photo);
      book('decode');
      await backend;
      await fill;
      book('backend');
    },
    async onFilled(photo) {
      if (before) compared = beside(before, await halfOf(photo), photo);
      last = performance.now();
    },
  });
  if (compared) await writePicture(compared, job.compare!, { format: 'png', signal });
  book('encode');
}
