// What the tests find on a page as `kit`: the package in one file, and pictures to fill.
import type { Picture } from '../../src/picture';

export * from '../../src/browser/standalone';

declare global {
  /** Set by the page that test/pages/site.ts serves. */
  var kit: typeof import('./page');
}

/** A picture of waves of another phase in each colour, with some grain. */
export function scene(width: number, height: number, channels: 3 | 4 = 3, bits: 8 | 16 = 8): Picture {
  const data = bits === 16 ? new Uint16Array(width * height * channels) : new Uint8ClampedArray(width * height * channels);
  let grain = 1;
  for (let i = 0; i < data.length; i++) {
    const p = Math.floor(i / channels);
    const [y, x, c] = [Math.floor(p / width), p % width, i % channels];
    grain = (grain * 1103515245 + 12345) % 2147483648;
    const value = c === 3 ? 255 : 120 + 40 * Math.sin(x * 0.35 + c) + 30 * Math.cos(y * 0.27 + 0.1 * x) + ((grain >> 16) % 14);
    data[i] = Math.round(value * (bits === 16 ? 257 : 1));
  }
  return { width, height, channels, data };
}

/** A mask of a disc in the middle. */
export function disc(width: number, height: number, radius: number): Picture {
  const data = new Uint8ClampedArray(width * height);
  for (let p = 0; p < data.length; p++) data[p] = (Math.floor(p / width) - height / 2) ** 2 + ((p % width) - width / 2) ** 2 <= radius * radius ? 255 : 0;
  return { width, height, channels: 1, data };
}

/** What a call ended by, in plain words: `'nothing'` where it did not fail. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ type: string; name: string; code: string; message: string; expected: unknown; actual: unknown; cause: string }> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (caught) => caught,
  );
  const { name, code, message, expected, actual, cause } = error;
  const type = Object.entries(await import('../../src/errors')).find(([, candidate]) => error.constructor === candidate)?.[0] ?? 'no class of ours';
  return { type, name, code, message, expected, actual, cause: String(cause?.message ?? cause) };
}

/** Whether two pictures are the same, value by value. */
export const same = (a: Picture, b: Picture): boolean =>
  a.width === b.width &&
  a.height === b.height &&
  a.channels === b.channels &&
  a.data.length === b.data.length &&
  a.data.every((value, i) => value === b.data[i]);
