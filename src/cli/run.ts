import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defaultThreads, openThreads, shareThreads } from '../cra/threads';
import { InpaintError } from '../errors';
import { checkedHeader } from '../io/read';
import { loadSharp } from '../io/sharp';
import { removeLeftovers } from '../io/temporary';
import { DEFAULT_MEMORY, isOutOfMemory } from '../memory';
import type { FillStored } from '../node/fill-stored';
import { type Command, commandOf, HELP, UsageError } from './arguments';
import { type Ask, asker } from './ask';
import { PACKAGES, startBackend } from './backend';
import { type Opened, openGenerator } from './generator';
import { type Job, OutputGuard, outputsOf, type Plan, planOf } from './jobs';
import { jsonReport, type Output, type Report, textReport } from './report';
import { severalAtATime } from './several';
import { inCommandWords, type Outcome, peakRss, work } from './work';

/** What the command works with; tests bring their own. */
export interface Surroundings {
  stdout?: Output;
  stderr?: Output;
  signal?: AbortSignal;
  fill?: FillStored;
  startBackend?: (name: Command['backend']) => Promise<void>;
  /** Asks a person; undefined where nobody would answer. */
  ask?: Ask;
}

// The command is a CommonJS module in the package, and an ES module in its sources.
const here = typeof __filename === 'string' ? pathToFileURL(__filename).href : import.meta.url;

function version(): string {
  let folder = dirname(fileURLToPath(here));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/**
 * What to install, as it helps where npx brought the command: from npx's cache no package of the user's folder is seen, so all
 * that is needed has to be named to npx itself.
 */
export function npxAdvice(message: string, url = here): string {
  if (!url.includes('/_npx/')) return message;
  return message.replace(/'npm install ([^']+)'/, (_, needed: string) => {
    const names = needed.split(' ');
    const backend = Object.values(PACKAGES).some((name) => names.includes(name)) ? [] : [PACKAGES.wasm];
    const packages = new Set(['cra-inpaint', 'sharp', ...names, ...backend]);
    return `'npx ${Array.from(packages, (name) => `-p ${name}`).join(' ')} cra-inpaint ...'`;
  });
}

/** A code and a single line for any error; where it came from too, if asked for. */
function explained(error: unknown): { code: string; message: string } {
  const { message: text, stack } = error instanceof Error ? error : new Error(String(error));
  const message = npxAdvice(inCommandWords(text));
  const code = error instanceof InpaintError ? error.code : isOutOfMemory(error) ? 'out-of-memory' : 'unexpected';
  return { code, message: process.env.DEBUG ? (stack ?? message) : message.split('\n')[0] };
}

const loadFill = async (): Promise<FillStored> => (await import('../node/fill-stored')).fillStored;

// A photo that is filled in one window holds about so much of it, and so does at the most what decodes or encodes all at once.
const BYTES_A_PIXEL = 8;

/** How many bytes a photo may take while it is worked on; none where it can't be read, which is told when its turn comes. */
async function bytesOf({ photo }: Job, { pixelLimit, failOn }: Command): Promise<number> {
  const header = await checkedHeader(photo, { pixelLimit, failOn }).catch(() => undefined);
  return header ? BYTES_A_PIXEL * header.metadata.width * header.metadata.height : 0;
}

async function workAll({ jobs, passedOver }: Plan, command: Command, report: Report, surroundings: Surroundings): Promise<number> {
  const { signal } = surroundings;
  const began = performance.now();
  // No picture is read twice: sharp's cache would only hold memory.
  (await loadSharp()).cache(false);
  const guard = await OutputGuard.of(jobs, command.overwrite);
  await removeLeftovers(jobs.flatMap(outputsOf));
  // Loading tfjs keeps this thread busy, so it starts a moment after the decoders, which have threads of their own.
  // What goes wrong with it is told where it is awaited.
  const decodersBusy = setTimeout(20);
  const backend = decodersBusy.then(() => (surroundings.startBackend ?? startBackend)(command.backend));
  // Several photos share their threads, which are at full speed from the second on.
  const notes: string[] = [];
  const threads = jobs.length > 1 ? openThreads(command.threads ?? defaultThreads(), ({ code, message }) => notes.push(`${code}: ${message}`)) : undefined;
  const partOfThreads = threads && shareThreads(threads);
  const fill = surroundings.fill ? Promise.resolve(surroundings.fill) : decodersBusy.then(loadFill);
  backend.catch(() => undefined);
  fill.catch(() => undefined);
  let opened: Opened | undefined;
  try {
    const { ask = asker() } = surroundings;
    opened = await openGenerator(command, backend, { signal, ask, onProgress: report.loading, onNote: report.note });
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    report.loaded();
  }

  /** Undefined where it was interrupted. */
  const outcomeOf = async (job: Job): Promise<Outcome | undefined> => {
    const { photo, masks, output } = job;
    const outcome: Outcome = { photo, mask: masks.length === 1 ? masks[0] : undefined, output, ms: {}, warnings: [] };
    const start = performance.now();
    const kept = partOfThreads?.();
    try {
      await guard.check(job);
      await work(job, outcome, {
        command,
        generator: opened?.generator,
        backend,
        fill,
        kept,
        signal,
        onStep: (step, fraction) => report.step(job, step, fraction),
      });
      outcome.ms.total = performance.now() - start;
    } catch (error) {
      if (signal?.aborted) return undefined;
      outcome.error = explained(error);
    } finally {
      kept?.close();
    }
    outcome.peakRss = peakRss();
    return outcome;
  };

  let done = 0;
  let failed = 0;
  let doneMs = 0;
  report.begin(jobs);
  // Photos on one GPU would share its memory, and what goes wrong with one would be told to all.
  const isSeveral = threads !== undefined && threads.count > 1 && command.backend !== 'webgpu' && (await guard.isApart(jobs));
  const atOnce = await severalAtATime(jobs, {
    share: async (job) => (isSeveral ? Math.max(1 / threads.count, (await bytesOf(job, command)) / (command.memory ?? DEFAULT_MEMORY)) : 1),
    work: outcomeOf,
    isOver: () => signal?.aborted ?? false,
    tell(outcome) {
      if (!outcome) return;
      if (outcome.error) failed++;
      else done++;
      doneMs += outcome.ms.total ?? 0;
      for (const note of notes.splice(0)) outcome.warnings.push(note);
      report.finish(outcome);
    },
  });
  threads?.close();
  opened?.generator?.dispose?.();
  const aborted = signal?.aborted ?? false;
  const totalMs = performance.now() - began;
  const averageMs = done > 0 ? doneMs / done : 0;
  const counts = { photos: jobs.length, done, failed, aborted };
  report.end({ ...counts, backend: command.backend, generator: opened?.name ?? command.generator, atOnce, averageMs, totalMs, peakRss: peakRss(), passedOver });
  return aborted ? 130 : failed > 0 ? 1 : 0;
}

/** Runs the command line and returns its exit code; writes to nothing but the given outputs and the files it is asked to write. */
export async function run(args: string[], surroundings: Surroundings = {}): Promise<number> {
  const { stdout = process.stdout, stderr = process.stderr } = surroundings;
  let report = textReport(stdout, stderr);
  try {
    if (args[0] === 'train') {
      const { runTrain } = await import('./train');
      return await runTrain(args.slice(1), { stdout, stderr, signal: surroundings.signal });
    }
    if (args[0] === 'weights') {
      const { runWeights } = await import('./weights');
      return await runWeights(args.slice(1), { stdout, report, signal: surroundings.signal });
    }
    if (args[0] === 'defects') {
      const { runDefects } = await import('./defects');
      return await runDefects(args.slice(1), { stdout, signal: surroundings.signal });
    }
    const command = commandOf(args);
    if (command === 'help' || command === 'version') {
      stdout.write(command === 'help' ? HELP : `${version()}\n`);
      return 0;
    }
    if (command.json) report = jsonReport(stdout);
    return await workAll(await planOf(command), command, report, surroundings);
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`cra-inpaint: ${error.message}\nTry cra-inpaint --help.\n`);
      return 2;
    }
    report.fail(explained(error));
    return surroundings.signal?.aborted ? 130 : 1;
  }
}
