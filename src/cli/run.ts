import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { defaultThreads, type KeptThreads, openThreads } from '../cra/threads';
import { InpaintError } from '../errors';
import type { Generator } from '../generators/generator';
import { loadSharp } from '../io/sharp';
import { removeLeftovers } from '../io/temporary';
import { isOutOfMemory } from '../memory';
import type { FillStored } from '../node/fill-stored';
import { type Command, commandOf, HELP, UsageError } from './arguments';
import { PACKAGES, startBackend } from './backend';
import { openGenerator } from './generator';
import { OutputGuard, type Plan, planOf } from './jobs';
import { jsonReport, type Output, type Report, textReport } from './report';
import { inCommandWords, type Outcome, peakRss, work } from './work';

/** What the command works with; tests bring their own. */
export interface Surroundings {
  stdout?: Output;
  stderr?: Output;
  signal?: AbortSignal;
  fill?: FillStored;
  startBackend?: (name: Command['backend']) => Promise<void>;
}

function version(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/**
 * What to install, as it helps where npx brought the command: from npx's cache no package of the user's folder is seen, so all
 * that is needed has to be named to npx itself.
 */
export function npxAdvice(message: string, url = import.meta.url): string {
  if (!url.includes('/_npx/')) return message;
  return message.replace(/'npm install ([^']+)'/, (_, needed: string) => {
    const backend = needed === 'sharp' ? [PACKAGES.wasm] : [];
    const packages = new Set(['cra-inpaint', 'sharp', ...needed.split(' '), ...backend]);
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

async function loadFill(kept: KeptThreads | undefined): Promise<FillStored> {
  const { fillStored } = await import('../node/fill-stored');
  return (photo, mask, options) => fillStored(photo, mask, { ...options, kept });
}

async function workAll({ jobs, passedOver }: Plan, command: Command, report: Report, surroundings: Surroundings): Promise<number> {
  const { signal } = surroundings;
  const began = performance.now();
  // No picture is read twice: sharp's cache would only hold memory.
  (await loadSharp()).cache(false);
  const guard = await OutputGuard.of(jobs, command.overwrite);
  await removeLeftovers(jobs.flatMap(({ output, compare }) => (compare === undefined ? [output] : [output, compare])));
  // Loading tfjs keeps this thread busy, so it starts a moment after the decoders, which have threads of their own.
  // What goes wrong with it is told where it is awaited.
  const decodersBusy = setTimeout(20);
  const backend = decodersBusy.then(() => (surroundings.startBackend ?? startBackend)(command.backend));
  // Several photos share their threads, which are at full speed from the second on.
  const notes: string[] = [];
  const kept = jobs.length > 1 ? openThreads(command.threads ?? defaultThreads(), ({ code, message }) => notes.push(`${code}: ${message}`)) : undefined;
  const fill = surroundings.fill ? Promise.resolve(surroundings.fill) : decodersBusy.then(() => loadFill(kept));
  backend.catch(() => undefined);
  fill.catch(() => undefined);
  let generator: Generator | undefined;
  try {
    generator = await openGenerator(command, backend, { signal, onProgress: (loaded, total) => report.loading(command.weights!, loaded, total) });
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    report.loaded();
  }

  let done = 0;
  let failed = 0;
  let doneMs = 0;
  report.begin(jobs);
  for (const job of jobs) {
    if (signal?.aborted) break;
    const { photo, masks, output } = job;
    const mask = masks.length === 1 ? masks[0] : undefined;
    const outcome: Outcome = { photo, mask, output, ms: {}, warnings: [] };
    const start = performance.now();
    try {
      await guard.check(job);
      await work(job, outcome, { command, generator, backend, fill, signal, onStep: (step, fraction) => report.step(job, step, fraction) });
      outcome.ms.total = performance.now() - start;
      doneMs += outcome.ms.total;
      done++;
    } catch (error) {
      if (signal?.aborted) break;
      outcome.error = explained(error);
      failed++;
    }
    for (const note of notes.splice(0)) outcome.warnings.push(note);
    outcome.peakRss = peakRss();
    report.finish(outcome);
  }
  kept?.close();
  generator?.dispose?.();
  const aborted = signal?.aborted ?? false;
  const totalMs = performance.now() - began;
  const { backend: backendName, generator: generatorName } = command;
  const averageMs = done > 0 ? doneMs / done : 0;
  const counts = { photos: jobs.length, done, failed, aborted };
  report.end({ ...counts, backend: backendName, generator: generatorName, averageMs, totalMs, peakRss: peakRss(), passedOver });
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
    return 1;
  }
}
