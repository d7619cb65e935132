import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../abort';
import { checkArgument, checkWhole } from '../check';
import { BackendError, PictureError, TrainingError } from '../errors';
import type { ColourOrder } from '../generators/network/origin';
import { readSafetensors } from '../io/weights/safetensors';
import { throwIfOutOfMemory, withinMemory } from '../memory';
import { BatchReader, type DataPosition, type TrainingData } from './batches';
import { checkpointFacts, restoreCheckpoint, writeCheckpoint } from './checkpoint';
import { type DecaySchedule, decayAt } from './schedule';
import { StepLog } from './step-log';
import type { Trainer } from './trainer';

/** What is told after each step. */
export interface StepReport {
  /** How many steps have been made, of how many. */
  readonly step: number;
  /** The last step of the run. */
  readonly steps: number;
  /** The losses' parts and totals, by name. */
  readonly losses: Readonly<Record<string, number>>;
  /** Of the last step. */
  readonly seconds: number;
}

/** Options of {@link trainInFolder}. */
export interface TrainOptions {
  /** The folder of the run: checkpoints, log, pictures. Made where it is missing. */
  out: string;
  /** Up to which step to train, counted from the very first. */
  steps: number;
  /** Pictures and holes. */
  data: TrainingData;
  /** How the learning rate goes down. Default: it does not. */
  decay?: DecaySchedule;
  /** In which order the data's channels are. Default `'rgb'`. */
  colourOrder?: ColourOrder;
  /** Settings that later steps depend on, beside those that are known here: resuming with others is refused. */
  settings?: Readonly<Record<string, unknown>>;
  /** Goes on from the folder's last checkpoint; where there is none, begins. Default false: a folder with a checkpoint is refused. */
  resume?: boolean;
  /** Steps between checkpoints. Default 1000. The last step and an abort save too. */
  saveEvery?: number;
  /** Steps between lines of the log. Default 10. */
  logEvery?: number;
  /** Steps between calls of `onInterval`, such as for validation and pictures. Default 1000; also after the last step. */
  intervalEvery?: number;
  /** Called at intervals; what it returns goes into the log. */
  onInterval?: (trainer: Trainer) => Promise<Readonly<Record<string, number>>>;
  /** Called after each step. */
  onStep?: (report: StepReport) => void;
  /** Ends the run after the step at hand, with a checkpoint and an AbortError. */
  signal?: AbortSignal;
}

/** The file name of a run's last checkpoint; `--weights RUN/last.safetensors` loads it. */
export const LAST = 'last.safetensors';

/**
 * Trains up to a number of steps, with checkpoints that are written to a temporary name and renamed: whatever ends the
 * process, the folder holds a whole one. A run that is resumed goes on as if it had never stopped: pictures, holes and all
 * random numbers are functions of the seed and the step.
 *
 * Writes `last.safetensors` and `log.jsonl` (one line of losses each `logEvery` steps).
 *
 * @param trainer a new one; it stays the caller's.
 * @param options folder, data, steps and intervals.
 * @returns how many steps have been made in all.
 * @throws TrainingError `not-learning` (the last good checkpoint is saved first), `checkpoint`; AbortError; ArgumentError;
 * PictureError `file-exists` for a folder that holds a run already, `file-write`; BackendError, MemoryError
 * @example
 * ```ts
 * const trainer = new Trainer(hifillRecipe({ size: 256 }), { seed: 1 });
 * await trainInFolder(trainer, { out: 'runs/first', steps: 10_000, data, resume: true });
 * ```
 */
export function trainInFolder(trainer: Trainer, options: TrainOptions): Promise<number> {
  return withinMemory('trainInFolder', () => train(trainer, options));
}

async function train(trainer: Trainer, options: TrainOptions): Promise<number> {
  const { out, steps, data, decay = {}, colourOrder = 'rgb', resume = false, saveEvery = 1000, logEvery = 10, intervalEvery = 1000, signal } = options;
  checkWhole(steps, 1, 'trainInFolder', 'steps');
  checkWhole(saveEvery, 1, 'trainInFolder', 'saveEvery');
  checkWhole(logEvery, 1, 'trainInFolder', 'logEvery');
  checkWhole(intervalEvery, 1, 'trainInFolder', 'intervalEvery');
  checkArgument(trainer.step === 0, 'trainInFolder', 'trainer', 'a new one', `one after ${trainer.step} steps`);
  decayAt(decay, 0);
  throwIfAborted(signal);
  const settings = { ...options.settings, size: data.masks.size, decay, seed: trainer.seed, accumulate: trainer.accumulate, average: trainer.average };
  await openFolder(out);
  const last = join(out, LAST);
  const found = await bytesOf(last);
  if (found && !resume) throw new PictureError('file-exists', `${out} holds a run already: resume it, or name another folder`, { actual: last });
  let position: DataPosition = { pictures: 0, holes: 0 };
  if (found) {
    const file = readSafetensors(found);
    refuseOthers(checkpointFacts(file, last).settings, settings, last);
    ({ position } = await restoreCheckpoint(trainer, file, last));
  }

  const log = await StepLog.open(join(out, 'log.jsonl'), trainer.step);
  const source = new BatchReader(data, position);
  // Where the data stood after the last whole step: a step that fails has drawn more.
  const save = async () => writeWhole(last, await writeCheckpoint(trainer, { position, settings, colourOrder }));
  let saved = found ? trainer.step : -1;
  try {
    while (trainer.step < steps) {
      throwIfAborted(signal);
      const start = performance.now();
      const losses = await trainer.trainStep(() => source.next(), decayAt(decay, trainer.step));
      const seconds = (performance.now() - start) / 1000;
      const { step } = trainer;
      position = { ...source.position };
      options.onStep?.({ step, steps, losses, seconds });
      if (step % logEvery === 0 || step === steps) await log.write({ step, seconds, ...losses });
      if (step % saveEvery === 0 || step === steps) {
        await save();
        saved = step;
      }
      if (options.onInterval && (step % intervalEvery === 0 || step === steps)) await log.write({ step, ...(await options.onInterval(trainer)) });
    }
    return trainer.step;
  } catch (error) {
    // What a GPU holds after it told of a failure can't be trusted, if it can be read at all: the last checkpoint stays.
    if (error instanceof BackendError && error.cause === undefined) saved = trainer.step;
    throw error;
  } finally {
    try {
      // Also where a step failed or was stopped: what was learned until then is whole.
      if (trainer.step > 0 && saved !== trainer.step) await save();
    } finally {
      await source.close();
      await log.close();
    }
  }
}

async function openFolder(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
    // What a process that was killed while it saved has left.
    for (const name of await readdir(out)) if (name.startsWith(`${LAST}.`) && name.endsWith('.tmp')) await rm(join(out, name), { force: true });
  } catch (cause) {
    throw new PictureError('file-write', `${out} can't be written to: ${(cause as Error).message}`, { cause });
  }
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throwIfOutOfMemory(cause, `${path} can't be read`);
    throw new PictureError('file-read', `${path} can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** A file appears whole or not at all: written beside its place, brought to the disk, then renamed. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throwIfOutOfMemory(cause, `${path} can't be written`);
    throw new PictureError('file-write', `${path} can't be written: ${(cause as Error).message}`, { cause });
  }
}

function refuseOthers(theirs: Readonly<Record<string, unknown>>, ours: Readonly<Record<string, unknown>>, name: string): void {
  const plain = JSON.parse(JSON.stringify(ours)) as Record<string, unknown>;
  const differing = [...new Set([...Object.keys(theirs), ...Object.keys(plain)])].filter((key) => JSON.stringify(theirs[key]) !== JSON.stringify(plain[key]));
  if (differing.length === 0) return;
  const said = differing.map((key) => `${key} ${JSON.stringify(theirs[key])}, now ${JSON.stringify(plain[key])}`).join('; ');
  throw new TrainingError('checkpoint', `${name}: the run was begun with other settings: ${said}`, { expected: theirs, actual: plain });
}
