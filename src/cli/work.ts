import type { DefectKind } from '../cra/find-defects';
import type { KeptThreads } from '../cra/threads';
import { AbortError, MaskError } from '../errors';
import type { Generator } from '../generators/generator';
import { readMask, writePicture } from '../io/node';
import type { StoredPicture } from '../io/stored';
import type { DrawMask } from '../node/drawn-mask';
import type { FillStored } from '../node/fill-stored';
import { type FileOptions, type FileStage, inpaintFileBy } from '../node/inpaint-file';
import type { Picture } from '../picture';
import { maskOfRuns, type RunMask } from '../shapes/run-mask';
import type { Warning } from '../warning';
import type { Command } from './arguments';
import { writeSeveral } from './candidates';
import { beside, halfOf } from './compare';
import { copyMaskOf } from './drawn';
import { defectsOf, type Found, foundIn } from './found';
import type { Job } from './jobs';

/** What takes time. */
export type Step = FileStage | 'backend' | 'defects';

/** How a photo went. Times are in milliseconds. */
export interface Outcome {
  photo: string;
  mask?: string;
  output: string;
  /** What was written, where it is several results. */
  outputs?: string[];
  /** What was found and went as well, and where a mask of it was written. */
  defects?: Found & { kinds: DefectKind[]; mask?: string };
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

/** Where nothing is marked, so that all of the hole is found. */
const nothing: DrawMask = ({ width, height }) => maskOfRuns(width, height, new Uint32Array());

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
  const [maskPath] = job.masks;
  const { defects } = job;
  const isGiven = job.draw !== undefined || maskPath !== undefined;
  const onWarning = ({ code, message }: Warning) => {
    const isNothingFound = code === 'mask-without-hole' && defects && !isGiven;
    const text = isNothingFound ? `found no ${defects.kinds.join(' and no ')}, the photo comes back unchanged` : inCommandWords(message);
    outcome.warnings.push(`${code}: ${text}`);
  };
  const { hole, seed, grow, feather, workingSize, thin, detail, memory, threads, pixelLimit, failOn, quality } = command;
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
  await inpaintFileBy(job.photo, job.draw ?? maskPath ?? nothing, job.output, options, {
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
    ...(defects && {
      async alsoMarks(photo: StoredPicture): Promise<RunMask> {
        const mask = await defectsOf(await photo.read({ top: 0, left: 0, bottom: photo.height, right: photo.width }), defects.kinds, signal);
        if (defects.mask !== undefined) await writePicture(mask, defects.mask, { signal });
        outcome.defects = { ...defects, ...foundIn(mask) };
        book('defects');
        return mask;
      },
    }),
    async onFilled(photo) {
      if (before) compared = beside(before, await halfOf(photo), photo);
      last = performance.now();
    },
  });
  if (compared) await writePicture(compared, job.compare!, { format: 'png', signal });
  book('encode');
}
