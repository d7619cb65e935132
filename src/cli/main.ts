import { run, type Surroundings } from './run';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Runs the command as a process: signals abort it, and it ends with the exit code. */
export async function main(args: string[], surroundings: Surroundings = {}): Promise<void> {
  const controller = new AbortController();
  // The first signal stops the work between two steps, with nothing half-written; the second stops it at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_CODES[signal]);
      controller.abort(signal);
    });
  }
  // A reader that goes away, as in `cra-inpaint --help | head -1`, is no reason to crash.
  // What can't be written for another reason, such as a full disk, is.
  let unwritten: string | undefined;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || unwritten !== undefined) return;
    unwritten = message;
    process.stderr.write(`cra-inpaint: file-write: the report can't be written: ${message}\n`);
  });

  const done = await run(args, { signal: controller.signal, ...surroundings });
  await new Promise((resolve) => setImmediate(resolve));
  const code = done === 0 && unwritten !== undefined ? 1 : done;
  // Ends for certain: a backend may keep threads or a device alive.
  process.stdout.write('', () => process.exit(code === EXIT_CODES.SIGINT && controller.signal.reason === 'SIGTERM' ? EXIT_CODES.SIGTERM : code));
}
