import type { InpaintOptions, Stage } from '../cra/options';
import { AbortError, MaskError } from '../errors';
import type { Generator } from '../generators/generator';
import { fitMask, readMask, readPicture, writePicture } from '../io/node';
import type { Picture } from '../picture';
import type { Warning } from '../warning';
import type { Command } from './arguments';
import { beforeAndAfter } from './compare';
import type { Job } from './jobs';

/** The library's main call. */
export type Inpaint = (photo: Picture, mask: Picture, options: InpaintOptions) => Promise<Picture>;

/** What takes time: the stages of {@link Inpaint}, and what is around them. */
export type Step = Stage | 'decode' | 'backend' | 'encode';

/** How a photo went. Times are in milliseconds. */
export interface Outcome {
  photo: string;
  mask?: string;
  output: string;
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
  inpaint: Promise<Inpaint>;
  signal?: AbortSignal;
  onStep: (step: Step, fraction: number) => void;
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError('aborted', 'interrupted', { cause: signal.reason });
}

/** What the library says of its options, said of the command's. */
export const inCommandWords = (message: string): string => message.replace(/\bhole: '(\w+)'/g, '--hole $1').replace('a smaller grow ', 'a smaller --grow ');

/** Peak resident memory of this process so far, in bytes. */
export const peakRss = (): number => process.resourceUsage().maxRSS * 1024;

/** Reads a photo and its mask, fills the hole, writes the result; notes in `outcome` what it learns on the way, errors aside. */
export async function work(job: Job, outcome: Outcome, { command, generator, backend, inpaint, signal, onStep }: WorkOptions): Promise<void> {
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
  const { pixelLimit, failOn } = command;
  const [maskPath] = job.masks;
  const [photo, drawn, sketch] = await Promise.all([
    readPicture(job.photo, { pixelLimit, failOn, onWarning }),
    readMask(maskPath, { pixelLimit, failOn, onWarning }),
    job.sketch === undefined ? undefined : readMask(job.sketch, { pixelLimit, failOn, onWarning }),
  ]);
  Object.assign(outcome, { width: photo.width, height: photo.height, format: photo.metadata?.format });
  if (!command.fitMask && (drawn.width !== photo.width || drawn.height !== photo.height)) {
    throw new MaskError('mask-size', `${maskPath} is ${drawn.width} x ${drawn.height}, the photo ${photo.width} x ${photo.height}: --fit-mask would scale it`, {
      expected: { width: photo.width, height: photo.height },
      actual: { width: drawn.width, height: drawn.height },
    });
  }
  const mask = fitMask(drawn, photo.width, photo.height);
  book('decode');
  await backend;
  const fill = await inpaint;
  book('backend');
  checkAborted(signal);

  const { hole, seed, grow, feather, workingSize, thin, detail, memory } = command;
  const result = await fill(photo, mask, {
    hole,
    seed,
    grow,
    feather,
    detail,
    ...(generator === undefined ? {} : { generator }),
    ...(sketch === undefined ? {} : { sketch }),
    ...(workingSize === undefined ? {} : { workingSize }),
    ...(thin === undefined ? {} : { thin }),
    ...(memory === undefined ? {} : { memory }),
    signal,
    onProgress: ({ stage, done, total }) => book(stage, total > 0 ? done / total : 1),
    onWarning,
  });
  checkAborted(signal);
  last = Math.max(last, performance.now());
  await writePicture(result, job.output, { quality: command.quality, signal, onWarning });
  if (job.compare !== undefined) await writePicture(await beforeAndAfter(photo, result), job.compare, { format: 'png', signal });
  book('encode');
}
