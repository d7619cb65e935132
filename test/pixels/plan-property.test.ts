import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { type Box, boxHeight, boxWidth, contains } from '../../src/pixels/box';
import { planWindows } from '../../src/pixels/plan';
import { HOLE, seamWeights } from '../../src/pixels/seam';
import type { Window } from '../../src/pixels/window';

/** A part of a hole: where it lies as shares of the photo's sides, and how large it is, in pixels. */
interface Part {
  kind: 'speck' | 'thread' | 'blob' | 'dust';
  from: [number, number];
  to: [number, number];
  size: number;
}

const share = fc.noBias(fc.integer({ min: 0, max: 1000 })).map((n) => n / 1000);
const place = fc.tuple(share, share);
const partOf = (kind: Part['kind'], least: number, most: number) =>
  fc.record({ kind: fc.constant(kind), from: place, to: place, size: fc.noBias(fc.integer({ min: least, max: most })) });
// Blobs are thicker than what is thin, or not by a hair.
const sorts = { specks: partOf('speck', 0, 4), threads: partOf('thread', 1, 6), blobs: partOf('blob', 8, 90), dust: partOf('dust', 1, 40) };
const some = (sort: fc.Arbitrary<Part>, maxLength: number) => fc.noBias(fc.array(sort, { minLength: 1, maxLength, size: 'max' }));
const parts = fc.oneof(some(sorts.specks, 60), some(sorts.threads, 6), some(sorts.blobs, 6), some(fc.oneof(...Object.values(sorts)), 12));
const side = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.noBias(fc.integer({ min: 1, max: 800 })));

/** A mask that is white where the parts are. */
function maskOf(width: number, height: number, all: Part[]): Picture {
  const data = new Uint8Array(width * height);
  const mark = (top: number, left: number, bottom: number, right: number) => {
    const [start, end] = [Math.max(0, Math.floor(left)), Math.min(width, Math.ceil(right))];
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, bottom); y++) data.fill(255, y * width + start, y * width + Math.max(start, end));
  };
  for (const { kind, from, to, size } of all) {
    const [y0, x0, y1, x1] = [from[0] * height, from[1] * width, to[0] * height, to[1] * width];
    if (kind === 'speck') mark(y0, x0, y0 + size, x0 + size + 1);
    else if (kind === 'thread') {
      const steps = Math.ceil(Math.max(Math.abs(y1 - y0), Math.abs(x1 - x0), 1));
      for (let n = 0; n <= steps; n++) {
        const [y, x] = [y0 + ((y1 - y0) * n) / steps, x0 + ((x1 - x0) * n) / steps];
        mark(y, x, y + size, x + size);
      }
    } else if (kind === 'blob') {
      for (let dy = -size; dy <= size; dy++) {
        const reach = Math.sqrt(size * size - dy * dy);
        mark(y0 + dy, x0 - reach, y0 + dy + 1, x0 + reach);
      }
    } else {
      // A pixel here and there in a box.
      const step = size + 1;
      for (let y = Math.min(y0, y1); y < Math.max(y0, y1); y += step) {
        for (let x = Math.min(x0, x1) + ((y * 7) % step); x < Math.max(x0, x1); x += step) mark(y, x, y + 1, x + 1);
      }
    }
  }
  return { width, height, channels: 1, data };
}

// Thin holes are healed in tiles of this side, a window a tile that has some, which looks this much further.
const TILE = 256;
const HEAL_MARGIN = 63;
// What a window of thick holes works on is a picture of the working size at the most, however many pixels they have. So what all of them
// cost goes by how many they are, and holes near each other share one: single pixels up to this far apart, for their window is at most 1.4
// times as long as one's alone, of 129 pixels; and those whose box, with its mean side for a margin, is as long as the working size.
const SHARED_WITHIN = 52;
// Such a window begins with this margin, or their mean side, and grows by a quarter until it holds three known pixels for each of a hole:
// a quarter more on each side, and four for three and one. A hundredth is for rounding.
const MARGIN = 64;
const VIEW_FOR_HOLES = 1.25 ** 2 * 4 * 1.01;

/** How many windows of thick holes a tile makes at the most. */
const thickWindowsATile = (workingSize: number) => Math.ceil(TILE / Math.max(SHARED_WITHIN, workingSize / 3)) ** 2;

const areaOf = (box: Box) => boxWidth(box) * boxHeight(box);
const workedOn = ({ thin, view, low }: Window) => (thin ? areaOf(view) : low.width * low.height);

describe('a plan for holes of any sort', () => {
  const photos = fc.record({
    width: side,
    height: side,
    parts,
    workingSize: fc.constantFrom(16, 64, 256, 512),
    feather: fc.integer({ min: 0, max: 8 }),
    thin: fc.constantFrom(0, 20),
  });
  const seen = { healed: 0, filled: 0, mixed: 0 };

  it('covers each hole pixel once and each of a seam at most once, by windows no larger and no more than the holes warrant', () => {
    fc.assert(
      fc.property(photos, ({ width, height, parts, workingSize, feather, thin }) => {
        const { weights } = seamWeights(maskOf(width, height, parts), { feather });
        const isHole = Uint8Array.from(weights.data, (weight) => (weight === HOLE ? 1 : 0));
        const windows = planWindows(weights, { workingSize, feather, thin });

        const writers = new Uint8Array(width * height);
        for (const { target, view, owns } of windows) {
          expect(contains(view, target) && contains({ top: 0, left: 0, bottom: height, right: width }, view)).toBe(true);
          for (let y = target.top; y < target.bottom; y++) {
            for (let x = target.left; x < target.right; x++) if (owns(y, x)) writers[y * width + x]++;
          }
        }
        const wrong: string[] = [];
        for (let p = 0; p < writers.length; p++) {
          const times = weights.data[p] === 0 ? 0 : writers[p];
          if (isHole[p] ? times !== 1 : times > 1) wrong.push(`${times} windows write ${Math.floor(p / width)}, ${p % width}`);
        }
        expect(wrong.slice(0, 5)).toEqual([]);

        const tiles = new Set<number>();
        for (let p = isHole.indexOf(1); p >= 0; p = isHole.indexOf(1, p + 1)) tiles.add(tileOf(Math.floor(p / width), p % width));
        const [healed, filled] = [windows.filter((window) => window.thin), windows.filter((window) => !window.thin)];
        for (const { target, view } of healed) {
          expect(tileOf(target.bottom - 1, target.right - 1)).toBe(tileOf(target.top, target.left));
          expect(areaOf(view)).toBeLessThanOrEqual((boxWidth(target) + 2 * HEAL_MARGIN) * (boxHeight(target) + 2 * HEAL_MARGIN));
        }
        for (const { target, view } of filled) {
          const margin = Math.max(MARGIN, 2 * feather, Math.round(Math.sqrt(areaOf(target))));
          let holes = 0;
          for (let y = view.top; y < view.bottom; y++) for (let x = view.left; x < view.right; x++) holes += isHole[y * width + x];
          const warranted = Math.max((boxWidth(target) + 2 * margin) * (boxHeight(target) + 2 * margin), VIEW_FOR_HOLES * holes);
          expect(areaOf(view)).toBeLessThanOrEqual(warranted);
        }
        const cost = windows.reduce((sum, window) => sum + workedOn(window), 0);
        const windowsATile = thickWindowsATile(workingSize);
        expect(filled.length).toBeLessThanOrEqual(windowsATile * tiles.size);
        expect(cost).toBeLessThanOrEqual(tiles.size * ((TILE + 2 * HEAL_MARGIN) ** 2 + windowsATile * workingSize ** 2));

        if (healed.length > 0) seen.healed++;
        if (filled.length > 0) seen.filled++;
        if (healed.length > 0 && filled.length > 0) seen.mixed++;
      }),
      { numRuns: 120, seed: 13 },
    );
  });

  it('that test saw thin holes, thick ones, and both in one photo', () => {
    expect(Math.min(seen.healed, seen.filled)).toBeGreaterThan(25);
    expect(seen.mixed).toBeGreaterThan(5);
  });
});

const tileOf = (y: number, x: number) => Math.floor(y / TILE) * 1000 + Math.floor(x / TILE);
