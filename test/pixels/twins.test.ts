import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { composite, feather, growMask, normalizeMask, resizeBilinear, resizeValid } from '../../src/ops';
import type { Picture } from '../../src/picture';
import { averageDown } from '../../src/pixels/average';
import { compositor } from '../../src/pixels/composite';
import { upsampler } from '../../src/pixels/sample';
import { HOLE, seamWeights } from '../../src/pixels/seam';
import { disc, maskOf, pictureOf, type Rule, scene } from '../cra/support';
import { expectClose, seeded } from '../support/values';

// Each operation over pixels against the op over tensors that it names as its twin.

const W = 37;
const H = 29;
const rule: Rule = (y, x) => disc(13, 16, 6)(y, x) || (y === 25 && x > 20);
const tensorOf = ({ height, width, channels, data }: Picture, dtype: 'int32' | 'float32' = 'float32') =>
  tf.tensor3d(Array.from(data), [height, width, channels], dtype);

async function read(f: () => tf.Tensor): Promise<number[]> {
  const result = tf.tidy(f);
  const values = Array.from(await result.data());
  result.dispose();
  return values;
}

describe('seamWeights', () => {
  it.each([0, 1, 3, 5])('grown by %d the hole is that of normalizeMask and growMask', async (grow) => {
    for (const hole of ['white', 'black'] as const) {
      const mask = pictureOf(W, H, 3, (y, x) => (rule(y, x) === (hole === 'white') ? 255 : 0));
      const { weights } = seamWeights(mask, { hole, grow, feather: 3 });
      const grown = await read(() => growMask(normalizeMask(tensorOf(mask, 'int32'), { hole }), grow));
      expect(Array.from(weights.data, (w) => Number(w === HOLE))).toEqual(grown);
    }
  });

  it('the seam lies where that of feather does, and falls as it does, by another curve', async () => {
    const { weights } = seamWeights(maskOf(W, H, rule), { feather: 4 });
    const other = await read(() => feather(tensorOf(maskOf(W, H, rule)), 5));
    for (const [p, weight] of other.entries()) {
      // At whole distances; the op measures fractions of a pixel, and is 0 from its width on.
      if (weight === 1) expect(weights.data[p]).toBe(HOLE);
      if (weights.data[p] > 0 && weights.data[p] < HOLE) expect(Math.abs(weights.data[p] / HOLE - weight)).toBeLessThan(0.3);
    }
    const seam = Array.from(weights.data.keys()).filter((p) => weights.data[p] > 0);
    expect(seam.filter((p) => other[p] === 0)).toEqual([]);
  });
});

it.each([
  [18, 14],
  [11, 9],
  [1, 1],
  [W, H],
])('averageDown to %d x %d is resizeValid', async (width, height) => {
  const photo = scene(W, H, 3, 16);
  const { weights } = seamWeights(maskOf(W, H, rule));
  const low = averageDown(photo, weights, { width, height });
  const valid = () => tf.sub(1, tf.cast(tf.equal(tensorOf(weights), HOLE), 'float32')) as tf.Tensor3D;
  const colours = await read(() => resizeValid(tf.sub(tf.div(tensorOf(photo), 32767.5), 1) as tf.Tensor3D, valid(), [height, width]).image);
  const shares = await read(() => resizeValid(tensorOf(photo), valid(), [height, width]).valid);
  expectClose(
    Array.from(low.colours).filter((_, i) => shares[Math.floor(i / 3)]! > 1e-3),
    colours.filter((_, i) => shares[Math.floor(i / 3)]! > 1e-3),
    1e-5,
  );
  expect(Array.from(low.hole)).toEqual(shares.map((share) => Number(share < 0.999)));
});

it.each([
  [74, 58],
  [90, 31],
  [W, H],
])('upsampler to %d x %d is resizeBilinear by half-pixel centres', async (width, height) => {
  const image = seeded(3, W * H * 3);
  const sample = upsampler({ height: H, width: W }, height, width);
  const exact = await read(() => resizeBilinear(tf.tensor3d(image, [H, W, 3]), [height, width], { flavour: 'half-pixel' }));
  const own = exact.map((_, i) => sample(image, Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3));
  expectClose(own, exact, 1e-5);
});

it('compositor is composite, rounded to a level', async () => {
  const photo = scene(W, H, 3, 16);
  const { weights } = seamWeights(maskOf(W, H, rule), { feather: 4 });
  const fill = Float32Array.from(seeded(8, W * H * 3), (v) => 32768 + 20000 * v);
  const picture = { ...photo, data: photo.data.slice() };
  const compose = compositor({ top: 0, left: 0, picture, weights });
  for (const [i, value] of fill.entries()) compose(Math.floor(i / 3), i % 3, value);
  const exact = await read(() => composite(tf.tensor3d(fill, [H, W, 3]), tensorOf(photo), tf.div(tensorOf(weights), HOLE) as tf.Tensor3D));
  // Half a level, and what float32 has lost of it by then.
  expect(Math.max(...exact.map((value, i) => Math.abs(picture.data[i]! - value)))).toBeLessThan(0.51);
});
