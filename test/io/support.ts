import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import type { Picture } from '../../src/picture';

export { expectCode, expectSamePixels, noise } from '../support/pictures';

/** A folder that goes away with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cra-inpaint-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The picture in sharp's hands, not by way of the code under test. */
export function pipeline({ width, height, channels, data }: Picture) {
  const sixteen = data instanceof Uint16Array;
  return sharp(data as Uint8Array, { raw: { width, height, channels } }).toColourspace(
    channels < 3 ? (sixteen ? 'grey16' : 'b-w') : sixteen ? 'rgb16' : 'srgb',
  );
}
