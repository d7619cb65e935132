import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
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
  ])('refuses a box that is empty or reaches beyond: %o', (wrong) => {
    expect(() => viewOf(scene(W, H), wrong)).toThrow(ShapeError);
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
