import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { aggregateCells } from '../../src/pixels/aggregate-cells';
import { aggregateField } from '../../src/pixels/aggregate-field';
import { alignField } from '../../src/pixels/align-field';
import { compositor } from '../../src/pixels/composite';
import { copyField } from '../../src/pixels/copy-field';
import { seamWeights } from '../../src/pixels/seam';
import { copyOf, sourceOf } from '../../src/pixels/view';
import { openWindow, type Retouch } from '../../src/pixels/window';
import { disc, maskOf, scene } from '../cra/support';

// What the operations over a window at work refuse: parts that don't belong together would make a picture, but not this one.

const W = 40;
const H = 30;
const low = { width: 10, height: 8 };
const photo = scene(W, H);
const { weights } = seamWeights(maskOf(W, H, disc(14, 18, 4)), { feather: 2 });
const window = { view: { top: 0, left: 0, bottom: H, right: W }, target: { top: 8, left: 12, bottom: 21, right: 25 }, low, owns: () => true };
const retouch = await openWindow(sourceOf(photo), weights, window);
const base = new Float32Array(low.width * low.height * 3).fill(0.25);
const copies = copyField(new Int32Array(low.width * low.height * 2).fill(3), low);
const scores = { rows: 2, columns: 2, ...low, weights: new Float32Array(16).fill(0.25) };
const filled = { ...low, base, knownBase: base };

type Error = typeof ArgumentError | typeof ShapeError;

/** Throws as told, by its own name, and writes nothing. */
async function refuses(run: () => Promise<unknown>, op: string, type: Error, message: RegExp): Promise<void> {
  const before = copyOf(retouch.patch.picture);
  const error = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(type);
  expect((error as Error & { message: string }).message).toMatch(message);
  expect((error as Error & { message: string }).message).toMatch(new RegExp(`^${op}: `));
  expect(retouch.patch.picture).toEqual(before);
}

const bytes = (width: number, height: number): Picture => ({ width, height, channels: 1, data: new Uint8Array(width * height).fill(9) });
const { patch, target } = retouch;
const wrongWindows: [string, object, Error, RegExp][] = [
  ['pixels that are none', { photo: null }, ArgumentError, /photo must be a Picture, or a part of one, got null/],
  ['floats', { photo: { ...photo, data: new Float32Array(W * H * 3) } }, ArgumentError, /photo: data must be .* got a Float32Array/],
  ['weights of another photo', { weights: bytes(20, 20) }, ShapeError, /weights must be \[30, 40\], got \[20, 20\]/],
  ['weights in colour', { weights: photo }, ArgumentError, /weights must be of 1 channel/],
  ['a target that begins before the photo', { target: { ...target, top: -1, bottom: 12 } }, ShapeError, /the target, rows -1 to 12/],
  ['a target of another size than the patch', { target: { ...target, right: 26 } }, ShapeError, /patch's picture must be \[13, 14, 3\], got \[13, 13, 3\]/],
  ['a patch of other channels', { patch: { ...patch, picture: scene(13, 13, 4) } }, ShapeError, /must be \[13, 13, 3\], got \[13, 13, 4\]/],
  ['a patch of other bits', { patch: { ...patch, picture: scene(13, 13, 3, 16) } }, ArgumentError, /patch's picture must be of the photo's 8 bits, got 16/],
  ['a patch with too few weights', { patch: { ...patch, weights: bytes(3, 3) } }, ShapeError, /patch's weights must be \[13, 13\], got \[3, 3\]/],
];
const wrongFills: [string, object, Error, RegExp][] = [
  ['of no size', { width: 0 }, ArgumentError, /fill's width must be a whole number >= 1, got 0/],
  ['of another size', { width: 4 }, ShapeError, /base must be \[96\], got \[240\]/],
  ['whose known base is cut short', { knownBase: base.subarray(3) }, ShapeError, /knownBase must be \[240\], got \[237\]/],
  ['that holds NaN', { base: base.map((v, i) => (i === 200 ? Number.NaN : v)) }, ArgumentError, /base holds NaN or infinity/],
  ['whose known base is infinite', { knownBase: base.map((v, i) => (i === 2 ? Number.POSITIVE_INFINITY : v)) }, ArgumentError, /knownBase holds NaN/],
];
const wrongFields: [string, object, Error, RegExp][] = [
  ['with too few offsets', { offsets: new Int32Array(4) }, ShapeError, /\.offsets must be \[160\], got \[4\]/],
  ['with too little cover', { covered: new Uint8Array(4) }, ShapeError, /\.covered must be \[80\], got \[4\]/],
  ['beyond its picture', { top: 3 }, ArgumentError, /must be a rectangle in 8 x 10, got 8 x 10 from 3, 0/],
  ['of no size', { height: 0 }, ArgumentError, /\.height must be a whole number >= 1, got 0/],
];

const operations: [string, (retouch: Retouch, more?: object) => Promise<unknown>][] = [
  ['alignField', (retouch) => alignField(retouch, copies)],
  ['aggregateField', (retouch, more) => aggregateField(retouch, { ...filled, ...more })],
  ['aggregateCells', (retouch, more) => aggregateCells(retouch, { ...filled, scores, ...more })],
];

describe.each(operations)('%s refuses', (op, run) => {
  it.each(wrongWindows)('%s', async (_, wrong, type, message) => {
    await refuses(() => run({ ...retouch, ...wrong }), op, type, message);
  });
});

describe.each(operations.slice(1))('%s refuses a fill', (op, run) => {
  it.each(wrongFills)('%s', async (_, wrong, type, message) => {
    await refuses(() => run(retouch, wrong), op, type, message);
  });
});

describe('a field', () => {
  it.each(wrongFields)('%s', async (_, wrong, type, message) => {
    await refuses(() => aggregateField(retouch, filled, { field: { ...copies, ...wrong } }), 'aggregateField', type, message);
    await refuses(() => alignField(retouch, { ...copies, ...wrong }), 'alignField', type, message);
  });

  it('over a part of the low resolution alone is not aligned', async () => {
    const part = { ...copies, top: 2, rows: 6, offsets: copies.offsets.subarray(40), covered: copies.covered.subarray(20) };
    await refuses(() => alignField(retouch, part), 'alignField', ShapeError, /the copies' rectangle must be \[8, 10\], got \[6, 10\]/);
  });

  it.each<[Int32Array, number, Error]>([
    [new Int32Array(6), 8, ShapeError],
    [new Int32Array(0), 0, ArgumentError],
  ])('is not made of %o', (offsets, height, type) => {
    expect(() => copyField(offsets, { height, width: 10 })).toThrow(type);
  });
});

it.each<[string, object, Error, RegExp]>([
  ['too few', { weights: new Float32Array(15) }, ShapeError, /scores.weights must be \[16\], got \[15\]/],
  ['for no rows', { rows: 0, weights: new Float32Array(0) }, ArgumentError, /scores.rows must be a whole number >= 1, got 0/],
  ['NaN', { weights: new Float32Array(16).fill(Number.NaN) }, ArgumentError, /scores.weights holds NaN/],
  ['for a smaller picture', { height: 7 }, ArgumentError, /scores.height must be at least the fill's, got 7/],
  ['for a picture of no width', { width: undefined }, ArgumentError, /scores.width must be at least the fill's, got undefined/],
])('scores that are %s', async (_, wrong, type, message) => {
  await refuses(() => aggregateCells(retouch, { ...filled, scores: { ...scores, ...wrong } }), 'aggregateCells', type, message);
});

it.each([0, -1, Number.NaN])('memory of %d bytes', async (memory) => {
  await refuses(() => aggregateCells(retouch, { ...filled, scores }, { memory }), 'aggregateCells', ArgumentError, /memory must be > 0 bytes/);
  await refuses(() => alignField(retouch, copies, { memory }), 'alignField', ArgumentError, /memory must be > 0 bytes/);
});

it.each([-1, 0.5, Number.NaN])('a seed of %d', async (seed) => {
  await refuses(() => alignField(retouch, copies, { seed }), 'alignField', ArgumentError, /seed must be a whole number >= 0/);
});

it('compositor refuses weights of another size', () => {
  expect(() => compositor({ ...patch, weights: bytes(3, 3) })).toThrow(/^compositor: the patch's weights must be \[13, 13\], got \[3, 3\]/);
  expect(() => compositor({ ...patch, picture: { ...patch.picture, data: new Uint8Array(9) } })).toThrow(ShapeError);
});
