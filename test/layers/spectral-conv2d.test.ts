import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { deepfillV2 } from '../../src/generators/deepfill-v2';
import { runNetwork } from '../../src/generators/network';
import { toFloat32 } from '../../src/io/weights/weight-file';
import { initialWeights } from '../../src/layers/initial-weights';
import { countParameters, type Mode, type Weights, weightsOf } from '../../src/layers/layer';
import { SpectralConv2d } from '../../src/layers/spectral-conv2d';
import { conv2d } from '../../src/ops/conv2d';
import { spectralNorm } from '../../src/ops/spectral-norm';
import { generatorWeights, seededInput } from '../support/deepfill-v2';
import { type Golden, readGolden } from '../support/golden';
import { proceduralWeights } from '../support/procedural-weights';
import { expectClose, expectNoLeak, seeded, tolerance, values } from '../support/values';

describe('SpectralConv2d', () => {
  const layer = new SpectralConv2d('layer', { input: 3, output: 4, size: 3, stride: 2, activation: 'leaky-relu' });
  let weights: Weights;
  let x: tf.Tensor4D;
  beforeAll(() => {
    weights = initialWeights(layer.weights, 3);
    x = tf.tensor4d(seeded(1, 2 * 6 * 7 * 3), [2, 6, 7, 3]);
  });

  it('has a kernel, a bias, and a vector that is no parameter', () => {
    expect(Object.entries(layer.weights).map(([name, { shape, kernel, trainable = true }]) => [name, shape, kernel, trainable])).toEqual([
      ['layer.weights', [3, 3, 3, 4], 'convolution', true],
      ['layer.bias', [4], undefined, true],
      ['layer.u', [1, 4], undefined, false],
    ]);
    expect(layer.parameterCount).toBe(3 * 3 * 3 * 4 + 4);
    expect(Object.keys(new SpectralConv2d('plain', { input: 3, output: 4, size: 3, bias: false }).weights)).toEqual(['plain.weights', 'plain.u']);
  });

  it('convolves by the normalised kernel', async () => {
    const moved = { ...weights, 'layer.bias': tf.tensor1d([0.1, -0.2, 0.3, 0]) };
    const { weights: kernel } = spectralNorm(weights['layer.weights'] as tf.Tensor4D, weights['layer.u'] as tf.Tensor2D);
    const expected = conv2d(x, kernel, { bias: moved['layer.bias'], stride: 2, activation: 'leaky-relu' });
    expectClose(await values(layer.apply(x, moved)), await values(expected), tolerance.matmul);
    expect(layer.apply(tf.squeeze(tf.slice(x, 0, 1), [0]) as tf.Tensor3D, moved).shape).toEqual([3, 4, 4]);
  });

  it('tells the next vector in training, and only then', async () => {
    const told: [string, tf.Tensor][] = [];
    const onVector: Mode['onVector'] = (name, u) => told.push([name, tf.keep(tf.clone(u))]);
    layer.apply(x, weights, { onVector });
    expect(told).toEqual([]);
    layer.apply(x, weights, { training: true, onVector });
    expect(told.map(([name]) => name)).toEqual(['layer']);
    const { u } = spectralNorm(weights['layer.weights'] as tf.Tensor4D, weights['layer.u'] as tf.Tensor2D);
    expectClose(await values(told[0]![1]), await values(u), tolerance.matmul);
    tf.dispose(told[0]![1]);
  });

  it('leaves no tensors behind', async () => {
    await expectNoLeak(() => layer.apply(x, weights));
    await expectNoLeak(() => layer.apply(x, weights, { training: true, onVector: () => {} }));
    const wrong = tf.zeros([1, 4, 4, 2]) as tf.Tensor4D;
    await expectNoLeak(() => {
      expect(() => layer.apply(wrong, weights)).toThrow(/conv2d: weights must be/);
    });
  });
});

describe('a discriminator of spectral convolutions, that of DeepFill v2', () => {
  const CHANNELS = [4, 64, 128, 256, 256, 256, 256];
  const layers = CHANNELS.slice(1).map(
    (output, n) => new SpectralConv2d(`conv${n + 1}`, { input: CHANNELS[n]!, output, size: 5, stride: 2, activation: 'leaky-relu' }),
  );
  const parts: Record<string, string> = { weights: 'kernel', bias: 'bias', u: 'kernel_sn/u' };
  let weights: Record<string, tf.Tensor>;
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('deepfill_v2.safetensors');
    const file = proceduralWeights('deepfill_v2', (name) => name.startsWith('discriminator/'));
    weights = Object.fromEntries(
      Object.keys(weightsOf(layers)).map((name) => {
        const [layer, part] = name.split('.') as [string, string];
        const array = file.tensors.get(`discriminator/sn_patch_gan/${layer}/${parts[part]}`)!;
        return [name, tf.tensor(toFloat32(array), array.shape as number[])];
      }),
    );
  });

  it('has the published number of parameters', () => {
    expect(countParameters(weightsOf(layers))).toBe(5_946_816);
  });

  it('moves its vectors as the reference does', async () => {
    for (const { name } of layers) {
      const { u } = spectralNorm(weights[`${name}.weights`]!, weights[`${name}.u`] as tf.Tensor2D);
      expectClose(await values(u), golden.get(`discriminator.u_after_first.${name}`)!.values, tolerance.matmul);
    }
  });

  it.skipIf(['cpu', 'webgpu'].includes(tf.getBackend()))(
    'judges as the reference does, at the first call and the second (74 GFLOP: too slow on this backend)',
    async () => {
      const generator = deepfillV2(generatorWeights());
      const { image, hole } = seededInput();
      const { image: fill } = runNetwork(generator.network, generator.weights, image, hole);
      const composite = tf.add(tf.mul(fill, hole), tf.mul(image, tf.sub(1, hole)));
      const input = tf.concat([tf.concat([image, composite], 0), tf.concat([hole, hole], 0)], 3) as tf.Tensor4D;
      const judge = (mode: Mode) =>
        tf.reshape(
          layers.reduce((x, layer) => layer.apply(x, weights, mode), input),
          [2, 4096],
        );
      const next: Record<string, tf.Tensor> = {};
      const first = judge({ training: true, onVector: (name, u) => Object.assign(next, { [`${name}.u`]: tf.keep(tf.clone(u)) }) });
      expectClose(await values(first), golden.get('discriminator.first_call')!.values, 2e-5);
      Object.assign(weights, next);
      expectClose(await values(judge({})), golden.get('discriminator.second_call')!.values, 2e-5);
      generator.dispose();
    },
  );
});
