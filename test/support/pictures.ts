import { expect } from 'vitest';
import { InpaintError } from '../../src/errors';
import type { Picture } from '../../src/picture';

/** Pixels that repeat nowhere and touch both ends of the range. */
export function noise(width: number, height: number, channels: 1 | 2 | 3 | 4, bits: 8 | 16 = 8): Picture {
  const data = bits === 8 ? new Uint8Array(width * height * channels) : new Uint16Array(width * height * channels);
  let state = 12345;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> (32 - bits);
  }
  data[0] = 0;
  data[1 % data.length] = bits === 8 ? 255 : 65535;
  return { width, height, channels, data };
}

/** Expects a typed error of this code, and nothing else. */
export async function expectCode(attempt: Promise<unknown>, code: string): Promise<InpaintError> {
  const error = await attempt.then(
    (value) => {
      throw new Error(`expected an error with code ${code}, got ${JSON.stringify(value)?.slice(0, 80)}`);
    },
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(InpaintError);
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${code}: `));
  return error;
}

/** Expects the same numbers, without vitest's slow printing of long arrays. */
export function expectSamePixels(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  let differing = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i] !== expected[i]) differing++;
  expect(differing, 'values that differ').toBe(0);
}

/** The largest difference between two rows of numbers of the same length. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  return largest;
}
