import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { copyOf, sourceOf, viewOf } from '../../src/pixels/view';
import { openWindow, type Patch, pastePatch, type Window } from '../../src/pixels/window';
import { scene } from '../cra/support';

const W = 9;
const H = 7;
const box = { top: 2, left: 3, bottom: 6, right: 8 };

describe('viewOf and copyOf', () => {
  it.each([1, 2, 3, 4] as const)('%d channels: a part of a part is the part it says, over the same memory', (channels) => {
    const photo = scene(W, H, channels, 16);
    const inner = viewOf(viewOf(photo, box), { top: 1, left: 2, bottom: 3, right: 5 });
    expect(inner.data).toBe(photo.data);
    const { width, height, data } = copyOf(inner);
    expect([width, height]).toEqual([3, 2]);
    const exact = [3, 4].flatMap((y) => [5, 6, 7].flatMap((x) => Array.from(photo.data.subarray((y * W + x) * channels, (y * W + x + 1) * channels))));
    expect(Array.from(data)).toEqual(exact);
    expect(data).toBeInstanceOf(Uint16Array);
  });

  it("a Buffer's copy has memory of its own", () => {
    const photo: Picture = { ...scene(W, H), data: Buffer.from(scene(W, H).data) };
    const copy = copyOf(photo);
    expect(copy.data.constructor).toBe(Uint8Array);
    copy.data[0] = (copy.data[0]! + 1) % 256;
    expect(photo.data[0]).toBe(scene(W, H).data[0]);
  });

  it.each([
    { ...box, top: -1 },
    { ...box, right: 10 },
    { ...box, bottom: 2 },
    { ...box, left: 8 },
    { ...box, bottom: 8 },
    { ...box, top: 2.5 },
    { ...box, top: Number.NaN },
  ])('refuses a box that is empty, reaches beyond or cuts pixels: %o', (wrong) => {
    expect(() => viewOf(scene(W, H), wrong)).toThrow(ShapeError);
  });
});

/** Pixels that are none, with what is said of each. */
const wrongPixels: [string, unknown, typeof ShapeError | typeof ArgumentError, RegExp][] = [
  ['nothing', undefined, ArgumentError, /must be a Picture, or a part of one, got undefined/],
  ['floats', { ...scene(W, H), data: new Float32Array(W * H * 3) }, ArgumentError, /data must be .* got a Float32Array/],
  ['signed bytes', { ...scene(W, H), data: new Int8Array(W * H * 3) }, ArgumentError, /data must be .* got an Int8Array/],
  ['a plain array', { ...scene(W, H), data: Array.from(scene(W, H).data) }, ArgumentError, /data must be .* got an Array/],
  ['an ImageData', { width: W, height: H, data: new Uint8ClampedArray(W * H * 4) }, ShapeError, /got 9 x 7 x undefined/],
  ['too few values', { ...scene(W, H), data: new Uint8Array(20) }, ShapeError, /take 189 values, got 20/],
  ['values of other channels', { ...scene(W, H), channels: 1 }, ShapeError, /take 63 values, got 189, which would be 3 channels/],
  ['an offset beyond', { ...scene(W, H), offset: 1 }, ShapeError, /from 1 on, a row each 27, do not lie in 189 values/],
  ['a stride within the row', { ...scene(W, H), stride: 26 }, ShapeError, /a row each 26/],
  ['a negative offset', { ...scene(W, 2), data: new Uint8Array(99), offset: -1 }, ShapeError, /from -1 on/],
  ['a part of a value', { ...scene(W, 2), data: new Uint8Array(99), offset: 0.5 }, ShapeError, /from 0.5 on/],
];

describe.each(wrongPixels)('pixels that are %s', (_, pixels, type, message) => {
  const error = (op: () => unknown) => {
    expect(op).toThrow(type);
    expect(op).toThrow(message);
  };
  const corner = { top: 0, left: 0, bottom: 1, right: 1 };

  it('are no source, and are looked at and copied by nobody', () => {
    error(() => sourceOf(pixels as Picture));
    error(() => viewOf(pixels as Picture, corner));
    error(() => copyOf(pixels as Picture));
  });

  it('no patch is laid into', () => {
    const patch = { top: 0, left: 0, picture: scene(1, 1), weights: { ...scene(1, 1, 1), data: Uint8Array.of(255) } };
    error(() => pastePatch(patch, pixels as Picture));
  });

  it('no window is opened on', async () => {
    const opened = openWindow({ width: W, height: H, read: () => pixels as Picture }, weights, { ...window(), view: { top: 0, left: 0, bottom: H, right: W } });
    await expect(opened).rejects.toThrow(type);
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toThrow(/^the photo's read\(\): pixels/);
  });
});

const weights: Picture = { width: W, height: H, channels: 1, data: new Uint8Array(W * H).fill(200) };
const window = (owns: Window['owns'] = () => true): Window => ({
  view: { top: 1, left: 2, bottom: 7, right: 9 },
  target: box,
  low: { width: 3, height: 3 },
  owns,
});

describe('openWindow', () => {
  it('begins the patch as the photo, with the weights of what the window may write', async () => {
    const photo = scene(W, H, 4);
    const { patch, target } = await openWindow(
      sourceOf(photo),
      weights,
      window((row, column) => row > 3 && column !== 5),
    );
    expect(target).toEqual({ top: 1, left: 1, bottom: 5, right: 6 });
    expect([patch.top, patch.left]).toEqual([2, 3]);
    expect(patch.picture).toEqual(copyOf(viewOf(photo, box)));
    const exact = [2, 3, 4, 5].flatMap((row) => [3, 4, 5, 6, 7].map((column) => (row > 3 && column !== 5 ? 200 : 0)));
    expect(Array.from(patch.weights.data)).toEqual(exact);
    expect(weights.data.every((w) => w === 200)).toBe(true);
  });

  it('reads its view and nothing else', async () => {
    const boxes: unknown[] = [];
    const photo = scene(W, H);
    const read = async (asked: typeof box) => {
      boxes.push(asked);
      return copyOf(viewOf(photo, asked));
    };
    const source = { width: W, height: H, read };
    await openWindow(source, weights, window());
    expect(boxes).toEqual([window().view]);
  });

  it('refuses pixels of another size than it asked for', async () => {
    const source = { width: W, height: H, read: () => scene(3, 3) };
    await expect(openWindow(source, weights, window())).rejects.toThrow(/read\(\) gave 3 x 3 pixels for a box of 7 x 6/);
  });

  const bytes = (width: number, height: number): Picture => ({ width, height, channels: 1, data: new Uint8Array(width * height) });
  const view = window().view;
  it.each<[string, object, unknown, Partial<Record<keyof Window, unknown>>, RegExp]>([
    ['weights of a larger photo', {}, bytes(20, 20), {}, /weights must be \[7, 9\], got \[20, 20\]/],
    ['weights of 16 bits', {}, { ...bytes(W, H), data: new Uint16Array(W * H) }, {}, /weights must be of 1 channel of 8 bits, got 1 of 16/],
    ['weights in colour', {}, scene(W, H), {}, /weights must be of 1 channel of 8 bits, got 3 of 8/],
    ['a view beyond the photo', {}, weights, { view: { ...view, bottom: 8 } }, /view, rows 1 to 8 and columns 2 to 9, must be a box of pixels in 9 x 7/],
    ['a target beyond the view', {}, weights, { target: { ...box, top: 0 } }, /target, as seen from its view, rows -1 to 5/],
    ['a window that owns nothing', {}, weights, { owns: undefined }, /owns must be a function/],
    ['a source that can not be read', { read: undefined }, weights, {}, /photo must be a source, with a read method/],
    ['a source without a size', { width: undefined }, weights, {}, /photo's width must be a whole number >= 1, got undefined/],
    ['a source of a size in words', { height: '7' }, weights, {}, /photo's height must be a whole number >= 1, got 7/],
  ])('refuses %s before it reads', async (_, source, marks, other, message) => {
    const read = () => expect.unreachable();
    const opened = openWindow({ width: W, height: H, read, ...source }, marks as Picture, { ...window(), ...other } as Window);
    await expect(opened).rejects.toThrow(message);
  });

  it('takes a part of some pixels and of their weights for a photo', async () => {
    const photo = scene(W + 4, H + 3);
    const inner = { top: 2, left: 1, bottom: H + 2, right: W + 1 };
    const marks = { ...scene(W + 4, H + 3, 1), data: new Uint8Array((W + 4) * (H + 3)).fill(7) };
    const { patch } = await openWindow(sourceOf(viewOf(photo, inner)), viewOf(marks, inner), window());
    expect(patch.picture).toEqual(copyOf(viewOf(viewOf(photo, inner), box)));
    expect(patch.weights.data.every((w) => w === 7)).toBe(true);
  });
});

describe('pastePatch', () => {
  const patch = (picture: Picture, data: number[]): Patch => ({
    top: 1,
    left: 2,
    picture,
    weights: { width: picture.width, height: picture.height, channels: 1, data: Uint8Array.from(data) },
  });

  it('writes what has a weight and nothing else', () => {
    const photo = scene(W, H, 3);
    const result = copyOf(photo);
    const other = scene(2, 2, 3, 8, 9);
    pastePatch(patch(other, [0, 1, 255, 0]), result);
    const exact = Array.from(photo.data);
    exact.splice(3 * (W + 3), 3, ...other.data.subarray(3, 6));
    exact.splice(3 * (2 * W + 2), 3, ...other.data.subarray(6, 9));
    expect(Array.from(result.data)).toEqual(exact);
  });

  it('writes into a part of a picture', () => {
    const photo = scene(W + 4, H + 3, 3);
    const inner = { top: 2, left: 1, bottom: H + 2, right: W + 1 };
    const result = copyOf(photo);
    const whole = copyOf(viewOf(photo, inner));
    const small = patch(scene(2, 2, 3, 8, 9), [255, 0, 1, 1]);
    pastePatch(small, whole);
    pastePatch(small, viewOf(result, inner));
    expect(copyOf(viewOf(result, inner))).toEqual(whole);
    expect(result.data.filter((v, i) => v !== photo.data[i]).length).toBe(whole.data.filter((v, i) => v !== copyOf(viewOf(photo, inner)).data[i]).length);
  });

  it.each([
    ['has too few weights', { weights: { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } }, ShapeError],
    ['has weights in colour', { weights: scene(2, 2) }, ArgumentError],
    ['begins between two rows', { top: 1.5 }, ShapeError],
    ['is a part of a picture', { picture: viewOf(scene(5, 5), { top: 1, left: 1, bottom: 3, right: 3 }) }, ShapeError],
  ])('refuses a patch that %s, and writes nothing', (_, wrong, type) => {
    const result = scene(W, H);
    expect(() => pastePatch({ ...patch(scene(2, 2), [255, 255, 255, 255]), ...(wrong as object) }, result)).toThrow(type);
    expect(result).toEqual(scene(W, H));
  });

  it.each([
    ['reaches beyond', scene(8, 2)],
    ['has other channels', scene(2, 2, 4)],
    ['has other bits', scene(2, 2, 3, 16)],
  ])('refuses a patch that %s, and writes nothing', (_, picture) => {
    const result = scene(W, H);
    expect(() => pastePatch(patch(picture, new Array(picture.width * picture.height).fill(255)), result)).toThrow(ShapeError);
    expect(result).toEqual(scene(W, H));
  });
});
