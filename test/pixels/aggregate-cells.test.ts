import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { Progress } from '../../src/cra/options';
import { AbortError } from '../../src/errors';
import type { Generator } from '../../src/generators/generator';
import { aggregateResidual } from '../../src/ops/residual-aggregation';
import type { Picture } from '../../src/picture';
import { aggregateCells } from '../../src/pixels/aggregate-cells';
import { planWindows } from '../../src/pixels/plan';
import { HOLE, seamWeights, unknownTest } from '../../src/pixels/seam';
import { copyOf, sourceOf } from '../../src/pixels/view';
import { type CellScores, openWindow, pastePatch, type Retouch } from '../../src/pixels/window';
import { expectNoLeak, seeded } from '../support/values';

type Rule = (row: number, column: number) => boolean;

/** A photo of waves and grain in 16 bits. */
function photoOf(width: number, height: number, channels: Picture['channels'], seed: number): Picture {
  const data = Uint16Array.from(seeded(seed, width * height * channels), (grain, i) => {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return 32768 + 14000 * Math.sin(x * 0.4 + (i % channels)) + 9000 * Math.cos(y * 0.3) + 6000 * grain;
  });
  if (channels % 2 === 0) for (let p = 0; p < width * height; p++) data[p * channels + channels - 1] = p % 7 === 0 ? 0 : 40000;
  return { width, height, channels, data };
}

const maskOf = (width: number, height: number, rule: Rule): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, p) => (rule(Math.floor(p / width), p % width) ? 255 : 0)),
});

/** What the fake generator paints: some smooth colour of each place. */
const painted = (i: number, j: number, c: number) => 0.5 * Math.sin(0.3 * i + 0.5 * j + c);

/** Fills with `painted` and attends as told. */
function attending(multiple: number, shape: number[], scores: Float32Array): Generator {
  return {
    name: 'fake',
    multiple,
    async fill({ image }) {
      const [height, width] = image.shape;
      const colours = Float32Array.from({ length: height * width * 3 }, (_, k) => painted(Math.floor(k / 3 / width), Math.floor(k / 3) % width, k % 3));
      return {
        image: tf.tensor3d(colours, [height, width, 3]),
        correspondence: { kind: 'soft-attention', scores: tf.tensor(scores, shape as [number, number, number]) },
      };
    },
  };
}

/** Rows of random weights that sum to `sum`, or of a single 1 where that is asked for. */
function scoresOf(seed: number, cells: number, kind: 'soft' | 'one-hot', sum = 1): Float32Array {
  const random = seeded(seed, cells * cells);
  const out = new Float32Array(cells * cells);
  for (let q = 0; q < cells; q++) {
    const row = Array.from(random.subarray(q * cells, (q + 1) * cells), (u) => Math.exp(2 * u));
    const total = row.reduce((a, b) => a + b);
    if (kind === 'one-hot') out[q * cells + row.indexOf(Math.max(...row))] = 1;
    else for (const [r, w] of row.entries()) out[q * cells + r] = (sum * w) / total;
  }
  return out;
}

interface Layout {
  low: [number, number];
  padded: [number, number];
  grid: [number, number];
}

/** The same in float64, pixel by pixel; one window, the whole picture. */
function naive(photo: Picture, { data: weights }: Picture, scores: Float32Array, { low, padded, grid }: Layout): number[] {
  const { width, height, channels, data } = photo;
  const colours = channels < 3 ? 1 : 3;
  const half = data instanceof Uint16Array ? 65535 / 2 : 255 / 2;
  const alpha = (p: number) => (channels % 2 === 0 ? data[p * channels + channels - 1]! : 1);
  const unknown = (y: number, x: number) => weights[y * width + x] === HOLE || alpha(y * width + x) === 0;
  const colourAt = (y: number, x: number, c: number) => data[(y * width + x) * channels + Math.min(c, colours - 1)]! / half - 1;

  const small: number[] = [];
  const overlap = (i: number, k: number, side: number) => Math.max(0, Math.min((i + 1) * side, k + 1) - Math.max(i * side, k));
  for (let i = 0; i < low[0]; i++) {
    for (let j = 0; j < low[1]; j++) {
      const sums = [0, 0, 0];
      let hole = false;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const area = overlap(i, y, height / low[0]) * overlap(j, x, width / low[1]);
          if (area < 1e-9) continue;
          if (unknown(y, x)) hole = true;
          else for (let c = 0; c < 3; c++) sums[c] = sums[c]! + (area * colourAt(y, x, c) * low[0] * low[1]) / (height * width);
        }
      }
      for (let c = 0; c < 3; c++) small.push(hole ? painted(i, j, c) : sums[c]!);
    }
  }
  const up = (y: number, x: number, c: number) => {
    const place = (k: number, full: number, count: number) => Math.min(Math.max(((k + 0.5) * count) / full - 0.5, 0), count - 1);
    const i = place(y, height, low[0]);
    const j = place(x, width, low[1]);
    let sum = 0;
    for (const a of [Math.floor(i), Math.floor(i) + 1]) {
      for (const b of [Math.floor(j), Math.floor(j) + 1]) {
        const share = (1 - Math.abs(i - a)) * (1 - Math.abs(j - b));
        if (share > 0) sum += share * small[(a * low[1] + b) * 3 + c]!;
      }
    }
    return sum;
  };
  const mirrored = (k: number, length: number) => (k < length ? k : 2 * length - 1 - k);
  const residual = (row: number, column: number, c: number) => {
    const y = mirrored(row, height);
    const x = mirrored(column, width);
    return unknown(y, x) ? 0 : colourAt(y, x, c) - up(y, x, c);
  };
  const start = (k: number, axis: 0 | 1) => Math.round((k * (padded[axis] / low[axis]) * (axis ? width : height)) / grid[axis]);
  const cellOf = (place: number, axis: 0 | 1) => {
    let k = 0;
    while (start(k + 1, axis) <= place) k++;
    return k;
  };

  const out = Array.from(data);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = weights[y * width + x]! / HOLE;
      if (share === 0) continue;
      const [qi, qj] = [cellOf(y, 0), cellOf(x, 1)];
      for (let c = 0; c < colours; c++) {
        let value = up(y, x, c);
        for (let ri = 0; ri < grid[0]; ri++) {
          for (let rj = 0; rj < grid[1]; rj++) {
            const score = scores[(qi * grid[1] + qj) * grid[0] * grid[1] + ri * grid[1] + rj]!;
            value += score * residual(y - start(qi, 0) + start(ri, 0), x - start(qj, 1) + start(rj, 1), c);
          }
        }
        const at = (y * width + x) * channels + c;
        out[at] = Math.min(Math.max((value + 1) * half * share + data[at]! * (1 - share), 0), 2 * half);
      }
    }
  }
  return out;
}

/** Whole levels within one of the exact values; where nothing is written, the same. */
function expectLevels(actual: ArrayLike<number>, exact: number[]): void {
  expect(actual.length).toBe(exact.length);
  let worst = 0;
  for (let i = 0; i < exact.length; i++) worst = Math.max(worst, Number.isInteger(exact[i]) && actual[i] === exact[i] ? 0 : Math.abs(actual[i]! - exact[i]!));
  expect(worst).toBeLessThanOrEqual(1);
}

/** Cells of a photo of 41 x 29: their sides are no whole numbers of pixels, and the last row reaches beyond it. */
const odd: Layout = { low: [11, 16], padded: [12, 16], grid: [3, 4] };
const inHole: Rule = (row, column) => row > 8 && row < 25 && column > 7 && column < 33 && row + column < 48;

describe('soft attention', () => {
  for (const channels of [1, 2, 3, 4] as const) {
    it.each(['one-hot', 'soft'] as const)(`values: ${channels} channels, %s rows, sides that are no whole multiples, a widened picture`, async (kind) => {
      const photo = photoOf(41, 29, channels, 1);
      const mask = maskOf(41, 29, inHole);
      const scores = scoresOf(2, 12, kind, 0.9);
      const { weights } = seamWeights(mask, { feather: 2 });
      const result = await inpaint(photo, mask, { generator: attending(4, [3, 4, 12], scores), workingSize: 16, grow: 0, feather: 2, memory: 10_000 });
      expectLevels(result.data, naive(photo, weights, scores, odd));
      for (const [p, weight] of weights.data.entries()) if (weight === 0) expect(result.data[p * channels]).toBe(photo.data[p * channels]);
    });
  }

  it('values: the cells of the last column and row, which reach beyond the picture', async () => {
    const photo = photoOf(29, 41, 3, 3);
    const mask = maskOf(29, 41, (row, column) => row > 33 && column > 18);
    const scores = scoresOf(4, 12, 'soft');
    const result = await inpaint(photo, mask, { generator: attending(4, [4, 3, 12], scores), workingSize: 16, grow: 0, feather: 0 });
    const { weights } = seamWeights(mask);
    expectLevels(result.data, naive(photo, weights, scores, { low: [16, 11], padded: [16, 12], grid: [4, 3] }));
  });

  it('values: agrees with aggregateResidual at whole ratios', async () => {
    const { photo, weights, filled, open } = smallCase();
    const size = 24;
    const isUnknown = unknownTest(photo, weights);
    const retouch = await open();
    await aggregateCells(retouch, filled);
    const result = pasted(photo, retouch);
    const residual = Float32Array.from({ length: size * size * 3 }, (_, k) =>
      isUnknown(Math.floor(k / 3 / size), Math.floor(k / 3) % size) ? 0 : photo.data[k]! / 127.5 - 1 - 0.25,
    );
    const mixed = tf.tidy(() => {
      const soft = { kind: 'soft-attention' as const, scores: tf.tensor3d(filled.scores.weights, [3, 3, 9]) };
      return aggregateResidual(tf.tensor3d(residual, [size, size, 3]), soft);
    });
    const detail = await mixed.data();
    mixed.dispose();
    const exact = Array.from(photo.data, (v, k) => (weights.data[Math.floor(k / 3)] ? Math.min(Math.max((detail[k]! + 0.125 + 1) * 127.5, 0), 255) : v));
    expectLevels(result.data, exact);
  });

  it('values: any budget gives the same', async () => {
    const { photo, filled, open } = smallCase();
    const results: number[][] = [];
    const bands: number[] = [];
    // 9 cells of 3 colours in float32: 108 bytes a place, some of 64 places in a band.
    for (const memory of [1, 2000, 5000, 2 ** 20]) {
      const retouch = await open();
      let count = 0;
      await aggregateCells(retouch, filled, { memory, pause: async () => void count++ });
      results.push(Array.from(pasted(photo, retouch).data));
      bands.push(count);
    }
    expect(bands[0]).toBe(64);
    expect(bands[1]).toBeLessThan(64);
    expect(bands[2]).toBeLessThan(bands[1]!);
    expect(bands[3]).toBe(1);
    for (const result of results) expectLevels(result, results[0]!);
    expect(results[0]).not.toEqual(Array.from(photo.data));
  });

  it('extremes: rows of zeros leave the upsampled fill, and levels are clipped', async () => {
    const { photo, weights, filled, open } = smallCase();
    const run = async (factor: number) => {
      const retouch = await open();
      await aggregateCells(retouch, { ...filled, scores: { ...filled.scores, weights: filled.scores.weights.map((w) => factor * w) } });
      return Array.from(pasted(photo, retouch).data).filter((_, k) => weights.data[Math.floor(k / 3)] === HOLE);
    };
    expect(new Set(await run(0))).toEqual(new Set([Math.round(1.125 * 127.5)]));
    const loud = await run(1000);
    expect(loud).toContain(0);
    expect(loud).toContain(255);
  });

  it('errors: typed, and named', async () => {
    const photo = photoOf(20, 20, 3, 5);
    const mask = maskOf(20, 20, (row, column) => row > 5 && row < 9 && column > 5 && column < 9);
    const run = (shape: number[], scores: Float32Array) => inpaint(photo, mask, { generator: attending(1, shape, scores), workingSize: 16 });
    await expect(run([2, 2, 3], new Float32Array(12))).rejects.toThrow(
      /fake: correspondence.scores must be \[rows, columns, rows \* columns\], got \[2, 2, 3\]/,
    );
    await expect(run([1, 4, 4, 1], new Float32Array(16))).rejects.toThrow(/fake: correspondence.scores must be HWC/);
    await expect(run([2, 2, 4], new Float32Array(16).fill(Number.NaN))).rejects.toThrow(/fake: correspondence.scores holds NaN/);
  });

  it('memory: leaves nothing behind, on success, on a throw and on an abort between two bands', async () => {
    const { photo, filled, open } = smallCase();
    const { scores } = filled;
    const mask = maskOf(24, 24, inSquare);
    const options = { workingSize: 16, grow: 0, feather: 0 };
    await expectNoLeak(async () => void (await inpaint(photo, mask, { ...options, generator: attending(8, [3, 3, 9], scores.weights) })));
    await expectNoLeak(
      async () => void (await expect(inpaint(photo, mask, { ...options, generator: attending(8, [3, 3, 8], new Float32Array(72)) })).rejects.toThrow()),
    );
    const retouch = await open();
    let bands = 0;
    const pause = async () => {
      if (++bands === 3) throw new AbortError('aborted', 'the operation was aborted');
    };
    await expectNoLeak(async () => void (await expect(aggregateCells(retouch, filled, { memory: 1, pause })).rejects.toMatchObject({ name: 'AbortError' })));
    expect(bands).toBe(3);
  });

  it('an abort of inpaint() keeps bands from being computed', async () => {
    const photo = photoOf(24, 24, 3, 8);
    const generator = attending(8, [3, 3, 9], scoresOf(9, 9, 'soft'));
    const controller = new AbortController();
    const stages: string[] = [];
    const onProgress = ({ stage }: Progress) => {
      stages.push(stage);
      if (stage === 'fill') controller.abort('enough');
    };
    const options = { generator, workingSize: 16, grow: 0, feather: 0, memory: 1, signal: controller.signal, onProgress };
    const running = inpaint(photo, maskOf(24, 24, inSquare), options);
    await expect(running).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    expect(stages).toEqual(['plan', 'low-resolution', 'fill']);
  });
});

const inSquare: Rule = (row, column) => row >= 7 && row < 14 && column >= 9 && column < 17;

/** An 8-bit photo of 24 x 24, cells of 8 x 8, flat bases. */
function smallCase() {
  const size = 24;
  const photo: Picture = { width: size, height: size, channels: 3, data: Uint8Array.from(photoOf(size, size, 3, 6).data, (v) => v >> 8) };
  const { weights } = seamWeights(maskOf(size, size, inSquare));
  const [window] = planWindows(weights, { workingSize: 12 });
  const flat = (value: number) => new Float32Array(12 * 12 * 3).fill(value);
  const scores: CellScores = { rows: 3, columns: 3, height: 12, width: 12, weights: scoresOf(7, 9, 'soft') };
  const filled = { width: 12, height: 12, base: flat(0.125), knownBase: flat(0.25), scores };
  return { photo, weights, filled, open: () => openWindow(sourceOf(photo), weights, window!) };
}

/** The photo with the patch in it. */
function pasted(photo: Picture, { patch }: Retouch): Picture {
  const result = copyOf(photo);
  pastePatch(patch, result);
  return result;
}
