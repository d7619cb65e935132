import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The middle of some numbers. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const run = promisify(execFile);

/** The last line that a program prints, as a number. */
export async function numberFrom(program: string, args: string[]): Promise<number> {
  const { stdout } = await run(program, args);
  return Number(stdout.trim().split('\n').at(-1));
}
