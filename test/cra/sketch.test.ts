import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { Photo } from '../../src/cra/kinds';
import type { InpaintOptions } from '../../src/cra/options';
import { ArgumentError, ShapeError } from '../../src/errors';
import type { Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import { disc, expectFailure, maskOf, meanColour, pictureOf, type Rule, scene } from './support';

const W = 52;
const H = 44;
const photo = scene(W, H);
const mask = maskOf(W, H, disc(21, 28, 9));
const options: InpaintOptions = { workingSize: W, grow: 0, feather: 0, detail: false };

interface Seen {
  height: number;
  width: number;
  lines: number[];
}

/** A generator that takes a sketch, and keeps what it was given. */
function sketched(multiple = 1): Generator & { seen: (Seen | undefined)[] } {
  const seen: (Seen | undefined)[] = [];
  const plain = meanColour({ multiple });
  return {
    ...plain,
    takesSketch: true,
    seen,
    async fill(request) {
      const { sketch, image } = request;
      if (sketch) expect([sketch.shape, sketch.dtype]).toEqual([[image.shape[0], image.shape[1], 1], 'float32']);
      seen.push(sketch && { height: sketch.shape[0], width: sketch.shape[1], lines: Array.from(await sketch.data()) });
      return plain.fill(request);
    },
  };
}

/** The lines that a generator is given. */
async function linesOf(sketch: Photo, more: InpaintOptions = {}, given: [Picture, Picture] = [photo, mask]): Promise<Seen> {
  const generator = sketched();
  await inpaint(...given, { ...options, ...more, sketch, generator });
  expect(generator.seen.length).toBe(1);
  return generator.seen[0] as Seen;
}

describe('a sketch at the size of its photo', () => {
  const line: Rule = (y, x) => y === 20 || x === Math.round(y / 2) + 10;
  const expected = Array.from({ length: W * H }, (_, p) => (line(Math.floor(p / W), p % W) ? 1 : 0));
  const ink = (on: number, off: number) => (y: number, x: number) => (line(y, x) ? on : off);

  const white = pictureOf(W, H, 3, ink(255, 0));
  const rgba = pictureOf(W, H, 4, (y, x, c) => (c === 3 ? 255 : ink(255, 0)(y, x)));
  it.each<[string, Photo]>([
    ['white on black', white],
    ['white on black, grey', pictureOf(W, H, 1, ink(255, 0))],
    ['white on black, 16 bit', pictureOf(W, H, 1, ink(255, 0), 16)],
    ['white on black, opaque', rgba],
    ['half clear, on what JPEG leaves of black', pictureOf(W, H, 3, ink(128, 20))],
    ['black on transparent', pictureOf(W, H, 4, (y, x, c) => (c === 3 ? ink(255, 0)(y, x) : 0))],
    ['white on transparent white', pictureOf(W, H, 2, (y, x, c) => (c === 1 ? ink(255, 0)(y, x) : 255))],
    ['an ImageData', { width: W, height: H, colorSpace: 'srgb', data: new Uint8ClampedArray(rgba.data) } as unknown as ImageData],
  ])('its lines are found: %s', async (_, sketch) => {
    expect((await linesOf(sketch)).lines).toEqual(expected);
  });

  it('may be a tensor, which stays the caller’s', async () => {
    const sketch = tf.tensor3d(
      Float32Array.from(white.data, (v) => v / 255),
      [H, W, 3],
    );
    expect((await linesOf(sketch)).lines).toEqual(expected);
    expect(sketch.isDisposed).toBe(false);
    sketch.dispose();
  });

  it('is widened with the picture to the multiple of the generator, mirrored', async () => {
    const generator = sketched(16);
    await inpaint(photo, mask, { ...options, sketch: white, generator });
    const { height, width, lines } = generator.seen[0] as Seen;
    expect([height, width]).toEqual([48, 64]);
    for (let y = 0; y < H; y++) expect(lines.slice(y * width, y * width + W)).toEqual(expected.slice(y * W, (y + 1) * W));
    for (let x = 0; x < 12; x++) expect(lines[20 * width + W + x]).toBe(expected[20 * W + W - 1 - x]);
  });

  it('is given to nobody where there is none, and leaves no tensors', async () => {
    const generator = sketched();
    await inpaint(photo, mask, { ...options, generator });
    expect(generator.seen).toEqual([undefined]);
    const before = tf.memory().numTensors;
    await inpaint(photo, mask, { ...options, sketch: white, generator: sketched(16) });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is refused where the generator takes none, or its size is not the photo’s', async () => {
    const error = await expectFailure(() => inpaint(photo, mask, { ...options, sketch: white, generator: meanColour() }), ArgumentError, 'argument');
    expect(error.message).toMatch(/inpaint: sketch must be left out: mean colour takes none/);
    await expectFailure(() => inpaint(photo, mask, { ...options, sketch: white }), ArgumentError, 'argument');
    const small = pictureOf(W, H - 1, 3, () => 0);
    await expectFailure(() => inpaint(photo, mask, { ...options, sketch: small, generator: sketched() }), ShapeError, 'shape');
    await expectFailure(() => inpaint(photo, mask, { ...options, sketch: 'lines.png' as unknown as Photo, generator: sketched() }), ArgumentError, 'argument');
  });
});

describe('a sketch brought to low resolution', () => {
  const [width, height] = [200, 160];
  const large = scene(width, height);
  // So large that its window is the whole picture.
  const hole = maskOf(width, height, disc(80, 100, 45));
  const lowLines = (rule: Rule, workingSize: number) => linesOf(maskOf(width, height, rule), { workingSize }, [large, hole]);

  /** Whether one can go from the first column to the last over pixels on lines, corners included. */
  function crosses({ width: columns, height: rows, lines }: Seen): boolean {
    let reached = new Set(Array.from({ length: rows }, (_, y) => y * columns).filter((p) => lines[p]));
    const all = new Set(reached);
    while (reached.size > 0) {
      const next = new Set<number>();
      for (const p of reached) {
        for (let y = Math.floor(p / columns) - 1; y <= Math.floor(p / columns) + 1; y++) {
          for (let x = (p % columns) - 1; x <= (p % columns) + 1; x++) {
            const q = y * columns + x;
            if (y >= 0 && x >= 0 && y < rows && x < columns && lines[q] && !all.has(q)) next.add(q);
          }
        }
      }
      for (const q of next) all.add(q);
      reached = next;
    }
    return Array.from(all).some((p) => p % columns === columns - 1);
  }

  // 50 and 40 take four and five pixels into one, 63 no whole number.
  it.each([50, 40, 63].flatMap((size) => [0, 0.2, 0.35, 0.5, 0.66].map((slope) => [size, slope] as const)))(
    'thin lines stay whole, and thin: at %d, slope %d',
    async (workingSize, slope) => {
      for (const from of [10, 11, 12, 13]) {
        const seen = await lowLines((y, x) => y === from + Math.round(slope * x), workingSize);
        expect(seen.width).toBe(workingSize);
        expect(crosses(seen)).toBe(true);
        const lit = seen.lines.filter((v) => v === 1).length;
        expect(lit).toBeGreaterThanOrEqual(workingSize);
        // Two wide only where it lies on two by halves.
        expect(lit).toBeLessThan(1.5 * workingSize);
        expect(new Set(seen.lines)).toEqual(new Set([0, 1]));
      }
    },
  );

  it('thick lines keep their width, and dots are kept', async () => {
    const band = await lowLines((y) => y >= 40 && y < 64, 50);
    expect(band.lines).toEqual(Array.from({ length: 50 * 40 }, (_, p) => (Math.floor(p / 50) >= 10 && Math.floor(p / 50) < 16 ? 1 : 0)));
    const dots = await lowLines((y, x) => (y === 33 && x === 70) || (y === 90 && x === 121), 50);
    expect(dots.lines.flatMap((v, p) => (v ? [p] : []))).toEqual([8 * 50 + 17, 22 * 50 + 30]);
  });

  it('each window gets its own part', async () => {
    const [w, h] = [400, 120];
    const holes = maskOf(w, h, (y, x) => disc(60, 40, 5)(y, x) || disc(60, 360, 5)(y, x));
    const generator = sketched();
    await inpaint(scene(w, h), holes, { ...options, workingSize: 64, sketch: maskOf(w, h, (_, x) => x === 40), generator });
    expect(generator.seen.length).toBe(2);
    const counts = generator.seen.map((seen) => (seen as Seen).lines.filter((v) => v === 1).length);
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBeGreaterThan(20);
  });
});
