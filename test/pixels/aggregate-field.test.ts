import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { aggregateResidual } from '../../src/ops/residual-aggregation';
import type { Picture } from '../../src/picture';
import { aggregateField } from '../../src/pixels/aggregate-field';
import type { Box } from '../../src/pixels/box';
import type { CopyField } from '../../src/pixels/copy-field';
import { HOLE, seamWeights } from '../../src/pixels/seam';
import { copyOf, sourceOf } from '../../src/pixels/view';
import { type FilledWindow, openWindow, pastePatch } from '../../src/pixels/window';
import { disc, maskOf, type Rule, scene } from '../cra/support';
import { seeded } from '../support/values';

const W = 44;
const H = 36;
const view: Box = { top: 3, left: 5, bottom: 33, right: 41 };
const [height, width] = [view.bottom - view.top, view.right - view.left];

/** Bases of some smooth colour, [9, 11]: neither side of the view is a whole multiple of theirs. */
const low = { width: 11, height: 9 };
const smooth = (phase: number) =>
  Float32Array.from(
    { length: low.width * low.height * 3 },
    (_, i) => 0.4 * Math.sin(0.5 * Math.floor(i / 3 / low.width) + 0.3 * (Math.floor(i / 3) % low.width) + (i % 3) + phase),
  );
const filled: FilledWindow = { ...low, base: smooth(0), knownBase: smooth(1) };

/** Offsets of each pixel of a field over all of the view, and where there are none. */
function fieldOf(rows: number, columns: number, offset: (r: number, c: number) => [number, number] | undefined): CopyField {
  const offsets = new Int32Array(rows * columns * 2);
  const covered = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const way = offset(r, c);
      if (!way) continue;
      covered[r * columns + c] = 1;
      offsets.set(way, 2 * (r * columns + c));
    }
  }
  return { height: rows, width: columns, top: 0, left: 0, rows, columns, offsets, covered };
}

/** A part of a field. */
function cropped(field: CopyField, top: number, left: number, rows: number, columns: number): CopyField {
  const part = fieldOf(rows, columns, (r, c) => {
    const at = (top + r) * field.columns + left + c;
    return field.covered[at] ? [field.offsets[2 * at]!, field.offsets[2 * at + 1]!] : undefined;
  });
  return { ...part, height: field.height, width: field.width, top, left };
}

/** The same with pixels here and there that are not covered. */
const spotted = (field: CopyField): CopyField => ({ ...field, covered: field.covered.map((_, at) => ((at * 5) % 7 ? 1 : 0)) });

/** The formula in float64, pixel by pixel: a list of the copies around it, none joined, each with its own share. */
function naive(photo: Picture, weights: Picture, target: Box, field: CopyField | undefined): number[] {
  const { channels, data } = photo;
  const colours = channels < 3 ? 1 : 3;
  const half = data instanceof Uint16Array ? 65535 / 2 : 255 / 2;
  const at = (y: number, x: number) => (y + view.top) * W + x + view.left;
  const isUnknown = (y: number, x: number) => weights.data[at(y, x)] === HOLE || (channels % 2 === 0 && data[at(y, x) * channels + channels - 1] === 0);
  const up = (image: Float32Array, y: number, x: number, c: number) => {
    const place = (k: number, full: number, count: number) => Math.min(Math.max(((k + 0.5) * count) / full - 0.5, 0), count - 1);
    const [i, j] = [place(y, height, low.height), place(x, width, low.width)];
    let sum = 0;
    for (const a of [Math.floor(i), Math.floor(i) + 1]) {
      for (const b of [Math.floor(j), Math.floor(j) + 1]) {
        const share = (1 - Math.abs(i - a)) * (1 - Math.abs(j - b));
        if (share > 0) sum += share * image[(a * low.width + b) * 3 + c]!;
      }
    }
    return sum;
  };
  const residual = (y: number, x: number, c: number) => data[at(y, x) * channels + c]! - (up(filled.knownBase, y, x, c) + 1) * half;

  const out = Array.from(data);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inTarget = y + view.top >= target.top && y + view.top < target.bottom && x + view.left >= target.left && x + view.left < target.right;
      const weight = weights.data[at(y, x)]!;
      if (!inTarget || weight === 0) continue;
      const sources: { y: number; x: number; share: number }[] = [];
      if (field) {
        const fy = ((y + 0.5) * field.height) / height - 0.5;
        const fx = ((x + 0.5) * field.width) / width - 0.5;
        for (const i of [Math.floor(fy), Math.floor(fy) + 1]) {
          for (const j of [Math.floor(fx), Math.floor(fx) + 1]) {
            const share = (1 - Math.abs(fy - i)) * (1 - Math.abs(fx - j));
            const [r, c] = [i - field.top, j - field.left];
            const inside = r >= 0 && c >= 0 && r < field.rows && c < field.columns && field.covered[r * field.columns + c] === 1;
            const way = inside ? [0, 1].map((k) => field.offsets[2 * (r * field.columns + c) + k]!) : [0, 0];
            const [sy, sx] = [y + Math.round((way[0]! * height) / field.height), x + Math.round((way[1]! * width) / field.width)];
            if (share > 0 && sy >= 0 && sx >= 0 && sy < height && sx < width && !isUnknown(sy, sx)) sources.push({ y: sy, x: sx, share });
          }
        }
        if (sources.length === 0 && !isUnknown(y, x)) sources.push({ y, x, share: 1 });
      }
      const total = sources.reduce((sum, { share }) => sum + share, 0);
      for (let c = 0; c < colours; c++) {
        let value = (up(filled.base, y, x, c) + 1) * half;
        for (const source of sources) value += (source.share / total) * residual(source.y, source.x, c);
        const share = weight / HOLE;
        out[at(y, x) * channels + c] = Math.min(Math.max(value * share + data[at(y, x) * channels + c]! * (1 - share), 0), 2 * half);
      }
    }
  }
  return out;
}

async function run(photo: Picture, weights: Picture, target: Box, field?: CopyField): Promise<Picture['data']> {
  const retouch = await openWindow(sourceOf(photo), weights, { view, target, low, owns: () => true });
  await aggregateField(retouch, filled, { field });
  const result = copyOf(photo);
  pastePatch(retouch.patch, result);
  return result.data;
}

const hole: Rule = disc(17, 22, 6);
const target: Box = { top: 8, left: 13, bottom: 27, right: 32 };
const way = seeded(5, 4000).map((v) => Math.round(9 * v));
/** As sure as can be of leading out of the hole, each pixel another way. */
const scattered = (r: number, c: number): [number, number] => [way[2 * (r * 50 + c)]!, (c % 2 ? 11 : -11) + (way[2 * (r * 50 + c) + 1]! % 3)];
const fields: [string, CopyField | undefined][] = [
  ['no field', undefined],
  ['one offset for all', fieldOf(15, 18, () => [-5, 1])],
  ['two copies that meet', fieldOf(15, 18, (_, c) => (c < 8 ? [0, -6] : [1, 6]))],
  ['each pixel another offset', fieldOf(15, 18, scattered)],
  ['a field of odd sizes', fieldOf(13, 17, scattered)],
  ['copies of the hole itself', fieldOf(15, 18, (r, c) => ((r + c) % 3 ? [0, 1] : [-6, 0]))],
  ['copies beyond the view', fieldOf(15, 18, (r, c) => ((r + c) % 2 ? [-14, 0] : [0, 7]))],
  ['pixels that are not covered', fieldOf(15, 18, (r, c) => ((r * 7 + c * 3) % 4 ? [-5, 2] : undefined))],
  ['a copy with pixels of another here and there', fieldOf(15, 18, (r, c) => ((r * 5 + c * 3) % 7 ? [-6, 1] : [6, -7]))],
  ['pixels that are not covered, whatever their offsets', spotted(fieldOf(15, 18, () => [-5, 1]))],
  [
    'a part of a field',
    cropped(
      fieldOf(15, 18, () => [-5, 1]),
      3,
      5,
      8,
      7,
    ),
  ],
];

describe.each(fields)('%s', (_, field) => {
  it.each<[1 | 2 | 3 | 4, 8 | 16]>([
    [3, 8],
    [1, 16],
    [4, 16],
    [2, 8],
  ])('is the formula, in %d channels of %d bits', async (channels, bits) => {
    const photo = scene(W, H, channels, bits);
    // Some of it is transparent, so unknown, beside the hole too.
    if (channels % 2 === 0) for (let p = 0; p < W * H; p += 5) photo.data[p * channels + channels - 1] = 0;
    const { weights } = seamWeights(maskOf(W, H, hole), { grow: 1, feather: 2 });
    const exact = naive(photo, weights, target, field);
    const result = await run(photo, weights, target, field);
    const off = exact.map((value, i) => Math.abs(result[i]! - value));
    // Rounded to whole levels, once.
    expect(Math.max(...off)).toBeLessThan(0.502);
  });
});

it('differs where neighbouring offsets do, so that the test of the formula would see another cross-fade', async () => {
  const photo = scene(W, H, 1, 16);
  const { weights } = seamWeights(maskOf(W, H, hole), { grow: 1, feather: 2 });
  const [one, other] = [
    await run(photo, weights, target, fields[2]![1]),
    await run(
      photo,
      weights,
      target,
      fieldOf(15, 18, (_, c) => (c < 9 ? [0, -6] : [1, 6])),
    ),
  ];
  expect(one).not.toEqual(other);
});

it('agrees with its twin where all copies are known pixels of the view', async () => {
  const photo = scene(W, H, 3, 16);
  const { weights } = seamWeights(maskOf(W, H, disc(17, 22, 3)));
  // Seven known pixels at least from every pixel of the hole, whichever of the four offsets around it is meant.
  const field = fieldOf(15, 18, (r, c) => [c % 2 ? -4 : 4, r % 3]);
  const result = await run(photo, weights, target, field);
  const up = (image: Float32Array) => tf.image.resizeBilinear(tf.tensor3d(image, [low.height, low.width, 3]), [height, width], false, true);
  const exact = tf.tidy(() => {
    const whole = tf.tensor3d(
      Float32Array.from(photo.data, (v) => v / 32767.5 - 1),
      [H, W, 3],
    );
    const known = tf.slice(whole, [view.top, view.left, 0], [height, width, 3]);
    const offsets = tf.tensor3d(field.offsets, [15, 18, 2], 'int32');
    const detail = aggregateResidual(tf.sub(known, up(filled.knownBase)) as tf.Tensor3D, { kind: 'nearest-field', offsets }, { crossFade: true });
    return tf.mul(tf.add(tf.add(up(filled.base), detail), 1), 32767.5);
  });
  const values = await exact.data();
  exact.dispose();
  let worst = 0;
  let compared = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = (y + view.top) * W + x + view.left;
      if (weights.data[p] !== HOLE) continue;
      for (let c = 0; c < 3; c++) worst = Math.max(worst, Math.abs(result[3 * p + c]! - Math.min(Math.max(values[3 * (y * width + x) + c]!, 0), 65535)));
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(20);
  // Half a level of 65535 for rounding, some for float32.
  expect(worst).toBeLessThan(1);
});

it('stops where its pause throws', async () => {
  const photo = scene(W, H);
  const { weights } = seamWeights(maskOf(W, H, hole));
  const retouch = await openWindow(sourceOf(photo), weights, { view, target, low, owns: () => true });
  let rows = 0;
  const pause = async () => {
    if (++rows === 3) throw new Error('enough');
  };
  await expect(aggregateField(retouch, filled, { field: fields[1]![1], pause })).rejects.toThrow('enough');
  expect(rows).toBe(3);
});
