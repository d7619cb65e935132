import { execFile } from 'node:child_process';
import util, { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';

/** Makes wasm or tensorflow the backend of this process. */
export async function startBackend(backend: string): Promise<void> {
  tf.enableProdMode();
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  else {
    (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null; // gone in Node 23
    await import('@tensorflow/tfjs-node-gpu');
  }
  if (!(await tf.setBackend(backend))) throw new Error(`no backend ${backend}`);
}

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
