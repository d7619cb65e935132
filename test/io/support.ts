import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect } from 'vitest';
import { InpaintError } from '../../src/errors';
import type { Picture } from '../../src/picture';

/** A folder that goes away with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cra-inpaint-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

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

/** The picture in sharp's hands, not by way of the code under test. */
export function pipeline({ width, height, channels, data }: Picture) {
  const sixteen = data instanceof Uint16Array;
  return sharp(data as Uint8Array, { raw: { width, height, channels } }).toColourspace(
    channels < 3 ? (sixteen ? 'grey16' : 'b-w') : sixteen ? 'rgb16' : 'srgb',
  );
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
