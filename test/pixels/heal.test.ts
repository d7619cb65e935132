import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { heal } from '../../src/pixels/heal';
import { HOLE, seamWeights } from '../../src/pixels/seam';
import { copyOf, sourceOf } from '../../src/pixels/view';
import { openWindow, pastePatch } from '../../src/pixels/window';
import { disc, expectUntouched, magentaIn, maskOf, meadow, near, painted, pictureOf, type Rule, scene } from '../cra/support';

const W = 200;
const H = 160;
const whole = { top: 0, left: 0, bottom: H, right: W };

/** Heals all of a picture's hole, in one window or in several that meet. */
async function healed(photo: Picture, rule: Rule, side = 1000): Promise<Picture> {
  const { weights } = seamWeights(maskOf(W, H, rule), { feather: 2 });
  const result = copyOf(photo);
  for (let top = 0; top < H; top += side) {
    for (let left = 0; left < W; left += side) {
      const target = { top, left, bottom: Math.min(H, top + side), right: Math.min(W, left + side) };
      const retouch = await openWindow(sourceOf(photo), weights, { view: whole, target, thin: true, low: { width: W, height: H }, owns: () => true });
      await heal(retouch);
      pastePatch(retouch.patch, result);
    }
  }
  return result;
}

/** The mean square of what differs from the truth where the rule holds, in levels of 255. */
function errorIn(result: Picture, truth: Picture, rule: Rule): number {
  const level = truth.data instanceof Uint16Array ? 257 : 1;
  let [sum, count] = [0, 0];
  for (let p = 0; p < W * H; p++) {
    if (!rule(Math.floor(p / W), p % W)) continue;
    for (let c = 0; c < truth.channels; c++) sum += ((result.data[p * truth.channels + c]! - truth.data[p * truth.channels + c]!) / level) ** 2;
    count += truth.channels;
  }
  return sum / count;
}

/** Laplace's equation in float64, to the end. */
function membrane(photo: Picture, rule: Rule): Picture {
  const { channels } = photo;
  const values = Float64Array.from(photo.data);
  for (let round = 0; round < 3000; round++) {
    for (let p = 0; p < W * H; p++) {
      const [y, x] = [Math.floor(p / W), p % W];
      if (!rule(y, x)) continue;
      const beside = [x > 0 ? p - 1 : -1, x + 1 < W ? p + 1 : -1, y > 0 ? p - W : -1, y + 1 < H ? p + W : -1].filter((q) => q >= 0);
      for (let c = 0; c < channels; c++) values[p * channels + c] = beside.reduce((sum, q) => sum + values[q * channels + c]!, 0) / beside.length;
    }
  }
  return { ...photo, data: Uint8Array.from(values, Math.round) };
}

const specks: Rule = (y, x) => [disc(30, 40, 5), disc(80, 150, 7), disc(120, 60, 3), disc(0, 100, 6), disc(155, 195, 6)].some((rule) => rule(y, x));
const wire: Rule = (y, x) => Math.abs(y - 40 - 0.4 * x) < 3.5;
/** Boards with edges and grain, at a slant. */
const boards = pictureOf(W, H, 3, (y, x, c) => {
  const along = Math.floor((x + 0.5 * y) / 13);
  return 90 + 40 * ((along * 7) % 3) + 10 * Math.sin(0.9 * (x + 0.5 * y)) + 5 * c;
});

describe.each<[string, Rule]>([
  ['specks', specks],
  ['a wire', wire],
])('%s', (_, rule) => {
  it('edges go on through it, nearer to the truth than a membrane by far', async () => {
    const hidden = painted(boards, rule);
    const error = errorIn(await healed(hidden, rule), boards, rule);
    const plain = errorIn(membrane(hidden, rule), boards, rule);
    expect(plain).toBeGreaterThan(40);
    expect(error).toBeLessThan(0.35 * plain);
  });

  it.each<[1 | 2 | 3 | 4, 8 | 16]>([
    [1, 8],
    [2, 16],
    [3, 16],
    [4, 8],
  ])('changes nothing else, in %d channels of %d bits', async (channels, bits) => {
    const truth = scene(W, H, channels, bits);
    const photo = painted(truth, rule);
    const result = await healed(photo, rule);
    expectUntouched(result.data, photo.data, channels, near(W, H, rule, 0));
    expect(errorIn(result, truth, (y, x) => rule(y, x))).toBeLessThan(channels % 2 === 0 ? 400 : 800);
  });

  it('what lies under it has no say', async () => {
    const photo = meadow(W, H);
    const [one, other] = [await healed(painted(photo, rule), rule), await healed(painted(photo, rule, [0, 1, 0]), rule)];
    expect(one).toEqual(other);
    expect(magentaIn(one)).toBeLessThan(8);
  });

  it('is the same, or nearly, where windows meet in it', async () => {
    const photo = painted(boards, rule);
    const [one, several] = [await healed(photo, rule), await healed(photo, rule, 48)];
    const error = errorIn(several, one, rule);
    expect(error).toBeLessThan(30);
    expect(errorIn(several, boards, rule)).toBeLessThan(0.5 * errorIn(membrane(photo, rule), boards, rule));
  });
});

it('an even picture stays even', async () => {
  const photo = pictureOf(W, H, 3, () => 77);
  expect(await healed(painted(photo, specks), specks)).toEqual(photo);
});

it('a slope goes on', async () => {
  const photo = pictureOf(W, H, 3, (y, x) => 20 + x + 0.3 * y);
  expect(errorIn(await healed(painted(photo, specks), specks), photo, specks)).toBeLessThan(1);
});

it('is a membrane where there is nothing like it', async () => {
  // All of the picture is hole but its rim: no place is known.
  const rule: Rule = (y, x) => y > 0 && x > 0 && y < H - 1 && x < W - 1 && y < 14;
  const narrow: Rule = (y, x) => rule(y, x) || y >= 14;
  const photo = pictureOf(W, H, 1, (y, x) => (y === 0 ? 200 : 100) + (x % 3));
  const result = await healed(photo, narrow);
  for (let x = 1; x < W - 1; x++) expect(result.data[7 * W + x]).toBeGreaterThan(60);
  expect(result.data.subarray(0, W)).toEqual(photo.data.subarray(0, W));
});

it('transparent pixels are not copied from', async () => {
  const clear: Rule = (y, x) => x > 60 && !(x > 100 && x < 140) && y >= 0;
  const photo = painted(painted(meadow(W, H, 4), clear, [1, 0, 1], 0), specks);
  const result = await healed(photo, specks);
  let worst = 0;
  for (let p = 0; p < W * H; p++)
    if (specks(Math.floor(p / W), p % W) && photo.data[4 * p + 3]! > 0)
      worst = Math.max(worst, Math.min(result.data[4 * p]!, result.data[4 * p + 2]!) - result.data[4 * p + 1]!);
  expect(worst).toBeLessThan(10);
});

it('grain goes on: what is healed is no flat spot in it', async () => {
  let state = 1;
  const photo = pictureOf(W, H, 1, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 100 + (state >>> 24) / 5;
  });
  const result = await healed(painted(photo, specks), specks);
  const varianceIn = (data: ArrayLike<number>, rule: Rule) => {
    const values = Array.from({ length: W * H }, (_, p) => p)
      .filter((p) => rule(Math.floor(p / W), p % W) && p >= W)
      .map((p) => data[p]! - data[p - W]!);
    return values.reduce((sum, v) => sum + v * v, 0) / values.length;
  };
  const inner: Rule = (y, x) => disc(80, 150, 5)(y, x) || disc(30, 40, 3)(y, x);
  expect(varianceIn(result.data, inner)).toBeGreaterThan(0.15 * varianceIn(photo.data, inner));
});

it('stops where its pause throws', async () => {
  const { weights } = seamWeights(maskOf(W, H, wire));
  const retouch = await openWindow(sourceOf(boards), weights, { view: whole, target: whole, low: { width: W, height: H }, owns: () => true });
  const pause = async () => {
    throw new Error('enough');
  };
  await expect(heal(retouch, { pause })).rejects.toThrow('enough');
  expect(HOLE).toBe(255);
});

describe('a hole from where nothing is known', () => {
  /** Heals a picture of any size, and returns the least value of a colour in the hole. */
  async function least(photo: Picture, rule: Rule): Promise<number> {
    const { width, height, channels } = photo;
    const { weights } = seamWeights(maskOf(width, height, rule), {});
    const result = copyOf(photo);
    const view = { top: 0, left: 0, bottom: height, right: width };
    const retouch = await openWindow(sourceOf(photo), weights, { view, target: view, thin: true, low: { width, height }, owns: () => true });
    await heal(retouch);
    pastePatch(retouch.patch, result);
    let value = Number.POSITIVE_INFINITY;
    for (let p = 0; p < width * height; p++) if (rule(Math.floor(p / width), p % width)) value = Math.min(value, result.data[p * channels]!);
    return value;
  }

  it.each<[string, number, number, Rule]>([
    ['a corner of a picture of one row', 200, 1, (_, x) => x < 120],
    ['a corner of a picture of one column', 1, 200, (y) => y < 120],
    ['the near end of a strip', 15, 260, (y) => y < 190],
    ['a snake from a corner to the far end', 19, 60, (y, x) => y < 55 && (y % 4 < 2 || (y % 8 < 4 ? x > 16 : x < 2))],
  ])('%s is not black', async (_, width, height, rule) => {
    expect(
      await least(
        pictureOf(width, height, 3, (y, x) => 150 + ((y + x) % 3)),
        rule,
      ),
    ).toBeGreaterThan(140);
  });

  it('a speck among transparent pixels is of the colours further off', async () => {
    const speck = disc(60, 60, 4);
    const photo = pictureOf(120, 120, 4, (y, x, c) => (c < 3 ? 150 : x > 90 || speck(y, x) ? 255 : 0));
    expect(await least(painted(photo, speck), speck)).toBe(150);
  });
});

it('dust all over is a membrane, in no time, and stays near the truth', async () => {
  const dust: Rule = (y, x) => y % 5 < 2 && x % 5 < 2 && y > 4;
  const photo = scene(W, H, 3, 8, 4);
  const smooth = pictureOf(W, H, 3, (y, x, c) => 120 + 40 * Math.sin(x * 0.06 + c) + 30 * Math.cos(y * 0.05));
  const result = await healed(painted(smooth, dust), dust);
  expectUntouched(result.data, smooth.data, 3, near(W, H, dust, 0));
  expect(errorIn(result, smooth, dust)).toBeLessThan(2);
  expect(errorIn(await healed(painted(photo, dust), dust), photo, dust)).toBeLessThan(500);
});
