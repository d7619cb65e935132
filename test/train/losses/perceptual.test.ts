import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { featureMatchingLoss } from '../../../src/train/losses/feature-matching';
import { perceptualLoss, styleLoss } from '../../../src/train/losses/perceptual';
import { expectScalar } from '../../support/gradients';
import { expectGradient, expectNoLeak, seeded } from '../../support/values';

const shapes: [number, number, number, number][] = [
  [2, 3, 4, 2],
  [2, 2, 2, 3],
];
const count = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
const arrays = (seed: number) => shapes.map((shape, n) => seeded(seed + n, count(shape)));
const layers = (seed: number) => arrays(seed).map((a, n) => tf.tensor4d(a, shapes[n]!));

/** [B][C][C] in float64. */
function gram(x: Float32Array, [batch, height, width, channels]: [number, number, number, number]): number[] {
  const out: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < channels; c++)
      for (let d = 0; d < channels; d++) {
        let sum = 0;
        for (let p = 0; p < height * width; p++) sum += x[(b * height * width + p) * channels + c]! * x[(b * height * width + p) * channels + d]!;
        out.push(sum / (height * width * channels));
      }
  return out;
}
const meanSquared = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a, (v, i) => (v - b[i]!) ** 2).reduce((s, v) => s + v, 0) / a.length;
const meanOff = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a, (v, i) => Math.abs(v - b[i]!)).reduce((s, v) => s + v, 0) / a.length;

describe('perceptualLoss, styleLoss, featureMatchingLoss', () => {
  it('agree with a naive loop', async () => {
    const [a, b] = [arrays(1), arrays(5)];
    const sum = (f: (n: number) => number) => shapes.map((_, n) => f(n)).reduce((s, v) => s + v, 0);
    await expectScalar(
      perceptualLoss(layers(1), layers(5)),
      sum((n) => meanOff(a[n]!, b[n]!)),
      3e-6,
    );
    await expectScalar(
      styleLoss(layers(1), layers(5)),
      sum((n) => meanOff(gram(a[n]!, shapes[n]!), gram(b[n]!, shapes[n]!))),
      1e-5,
    );
    const squared = sum((n) => meanSquared(a[n]!, b[n]!));
    await expectScalar(perceptualLoss(layers(1), layers(5), { difference: 'squared' }), squared, 3e-6);
    await expectScalar(featureMatchingLoss(layers(1), layers(5)), squared / shapes.length, 3e-6);
  });

  it('have the right gradients', async () => {
    const target = layers(5);
    const x = arrays(1)[0]!;
    const withFirst = (t: tf.Tensor) => [t as tf.Tensor4D, layers(1)[1]!];
    await expectGradient((t) => tf.mul(48, perceptualLoss(withFirst(t), target)), x, shapes[0]!, 6);
    await expectGradient((t) => tf.mul(100, styleLoss(withFirst(t), target)), x, shapes[0]!, 6);
    await expectGradient((t) => tf.mul(48, featureMatchingLoss(withFirst(t), target)), x, shapes[0]!, 6);
  });

  it('name what is wrong and leave no tensors behind', async () => {
    const [a, b] = [layers(1), layers(5)];
    expect(() => perceptualLoss([], [])).toThrow(/perceptualLoss: features must be as many as target, at least one/);
    expect(() => styleLoss(a, [b[0]!])).toThrow(/styleLoss: features must be as many as target/);
    expect(() => styleLoss(a, [b[0]!, b[0]!])).toThrow(/styleLoss: target\[1\] must be \[2, 2, 2, 3\]/);
    expect(() => featureMatchingLoss(a, [])).toThrow(/featureMatchingLoss: features must be as many as target/);
    expect(() => perceptualLoss(a, b, { difference: 'cubed' as 'squared' })).toThrow(/perceptualLoss: difference must be 'absolute' or 'squared'/);
    await expectNoLeak(() => [perceptualLoss(a, b), styleLoss(a, b), featureMatchingLoss(a, b)]);
  });
});
