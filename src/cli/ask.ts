import { createInterface } from 'node:readline/promises';

/** Asks a person and waits for a y; undefined where nobody would answer. */
export type Ask = (question: string, signal?: AbortSignal) => Promise<boolean>;

/** The way to ask whoever sits before this process. */
export function asker({ stdin, stderr }: Pick<NodeJS.Process, 'stdin' | 'stderr'> = process): Ask | undefined {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question, signal) => {
    // Not as a terminal of its own, which would take Ctrl-C for a key.
    const lines = createInterface({ input: stdin, output: stderr, terminal: false });
    // Whoever ends the input without an answer means no.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    try {
      const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  };
}
