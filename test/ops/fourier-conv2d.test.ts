import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batchNorm } from '../../src/ops/batch-norm';
import { type FourierConvWeights, fourierConv2d } from '../../src/ops/fourier-conv2d';
import { goldenTensor, readGolden } from '../support/golden';
import { unitKernel, unitVector } from '../support/lama';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const golden = await readGolden('lama.safetensors');
const take = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
const normBy = (name: string) => (x: tf.Tensor4D) =>
  batchNorm(x, unitVector(`${name}.running_mean`), unitVector(`${name}.running_var`), {
    scale: unitVector(`${name}.weight`),
    offset: unitVector(`${name}.bias`),
  });

const zeros = (...shape: number[]): tf.Tensor4D => tf.zeros(shape as [number, number, number, number]);

describe('fourierConv2d', () => {
  it('agrees with the reference, normalised and activated, and so do its gradients', async () => {
    const kernel = (part: string) => unitKernel(`ffc_bn_act.ffc.${part}.weight`);
    const weights: FourierConvWeights = {
      localToLocal: kernel('convl2l'),
      localToGlobal: kernel('convl2g'),
      globalToLocal: kernel('convg2l'),
      globalToGlobal: { reduce: kernel('convg2g.conv1.0'), spectrum: kernel('convg2g.fu.conv_layer'), expand: kernel('convg2g.conv2') },
    };
    const spectral = { normalizeReduced: normBy('ffc_bn_act.ffc.convg2g.conv1.1'), normalizeSpectrum: normBy('ffc_bn_act.ffc.convg2g.fu.bn') };
    const run = (local: tf.Tensor, global: tf.Tensor) => {
      const y = fourierConv2d({ local: local as tf.Tensor4D, global: global as tf.Tensor4D }, weights, { spectral });
      return [tf.relu(normBy('ffc_bn_act.bn_l')(y.local)), tf.relu(normBy('ffc_bn_act.bn_g')(y.global!))] as const;
    };
    const [xl, xg] = [take('ffc_bn_act.x_l'), take('ffc_bn_act.x_g')];
    const [local, global] = run(xl, xg);
    expectClose(await values(local), golden.get('ffc_bn_act.y_l')!.values, 1e-5);
    expectClose(await values(global), golden.get('ffc_bn_act.y_g')!.values, 1e-5);
    const loss = (...given: tf.Tensor[]) => {
      const [l, g] = run(given[0]!, given[1]!);
      return tf.add(tf.sum(tf.mul(l, take('ffc_bn_act.upstream_l'))), tf.sum(tf.mul(g, take('ffc_bn_act.upstream_g'))));
    };
    const [dl, dg] = tf.grads(loss)([xl, xg]);
    expectClose(await values(dl!), golden.get('ffc_bn_act.dx_l')!.values, 1e-5);
    expectClose(await values(dg!), golden.get('ffc_bn_act.dx_g')!.values, 1e-5);
  });

  it('splits local features in two at half the size, as the reference does', async () => {
    const weights = { localToLocal: unitKernel('ffc_enter.ffc.convl2l.weight'), localToGlobal: unitKernel('ffc_enter.ffc.convl2g.weight') };
    const run = (x: tf.Tensor4D) => {
      const y = fourierConv2d({ local: x }, weights, { stride: 2 });
      return [tf.relu(normBy('ffc_enter.bn_l')(y.local)), tf.relu(normBy('ffc_enter.bn_g')(y.global!))] as const;
    };
    const x = take('ffc_enter.x');
    const [local, global] = run(x);
    expectClose(await values(local), golden.get('ffc_enter.y_l')!.values, 1e-5);
    expectClose(await values(global), golden.get('ffc_enter.y_g')!.values, 1e-5);
    const gradient = tf.grad((t) => {
      const [l, g] = run(t as tf.Tensor4D);
      return tf.add(tf.sum(tf.mul(l, take('ffc_enter.upstream_l'))), tf.sum(tf.mul(g, take('ffc_enter.upstream_g'))));
    })(x);
    expectClose(await values(gradient), golden.get('ffc_enter.dx')!.values, 1e-5);
  });

  it('adds biases before its activation, and keeps rank 3', async () => {
    const [x, g] = [tf.tensor3d(seeded(1, 40), [4, 5, 2]), tf.tensor3d(seeded(2, 60), [4, 5, 3])];
    const kernel = (seed: number, ...shape: [number, number, number, number]) =>
      tf.tensor4d(
        seeded(
          seed,
          shape.reduce((a, b) => a * b),
        ),
        shape,
      );
    const weights: FourierConvWeights = {
      localToLocal: kernel(3, 3, 3, 2, 2),
      localToGlobal: kernel(4, 3, 3, 2, 4),
      globalToLocal: kernel(5, 3, 3, 3, 2),
      globalToGlobal: { reduce: kernel(6, 1, 1, 3, 2), spectrum: kernel(7, 1, 1, 4, 4), expand: kernel(8, 1, 1, 2, 4) },
    };
    const [localBias, globalBias] = [tf.tensor1d([1, -2]), tf.tensor1d([0.5, 0, -0.5, 3])];
    const plain = fourierConv2d({ local: x, global: g }, weights);
    const active = fourierConv2d({ local: x, global: g }, weights, { localBias, globalBias, activation: 'relu' });
    expect([active.local.shape, active.global!.shape]).toEqual([
      [4, 5, 2],
      [4, 5, 4],
    ]);
    expectClose(await values(active.local), await values(tf.relu(tf.add(plain.local, localBias))));
    expectClose(await values(active.global!), await values(tf.relu(tf.add(plain.global!, globalBias))));
    const alone = fourierConv2d({ local: x }, { localToLocal: weights.localToLocal });
    const biased = fourierConv2d({ local: x }, { localToLocal: weights.localToLocal }, { localBias, activation: 'relu' });
    expect(biased.global).toBeUndefined();
    expectClose(await values(biased.local), await values(tf.relu(tf.add(alone.local, localBias))));
  });

  it('names op and argument in its errors, and leaves no tensors behind', async () => {
    const [local, global] = [tf.zeros([4, 6, 2]) as tf.Tensor3D, tf.zeros([4, 6, 3]) as tf.Tensor3D];
    const localToLocal = zeros(3, 3, 2, 5);
    const all: FourierConvWeights = {
      localToLocal,
      localToGlobal: zeros(3, 3, 2, 7),
      globalToLocal: zeros(3, 3, 3, 5),
      globalToGlobal: { reduce: zeros(1, 1, 3, 2), spectrum: zeros(1, 1, 4, 4), expand: zeros(1, 1, 2, 7) },
    };
    const { globalToGlobal, ...without } = all;
    expect(() => fourierConv2d({ local: tf.zeros([4]) as unknown as tf.Tensor3D }, { localToLocal })).toThrow(/fourierConv2d: x.local must be/);
    expect(() => fourierConv2d({ local }, { localToLocal: zeros(2, 2, 2, 5) })).toThrow(/fourierConv2d: the side of weights.localToLocal must be an odd/);
    expect(() => fourierConv2d({ local, global: tf.zeros([4, 5, 3]) as tf.Tensor3D }, all)).toThrow(/fourierConv2d: all of x.global but its channels must be/);
    expect(() => fourierConv2d({ local, global }, { ...all, localToGlobal: zeros(1, 1, 2, 7) })).toThrow(
      /fourierConv2d: weights.localToGlobal must be of side 3/,
    );
    expect(() => fourierConv2d({ local, global }, { ...all, globalToLocal: zeros(1, 1, 3, 5) })).toThrow(
      /fourierConv2d: weights.globalToLocal must be of side 3/,
    );
    for (const [x, weights] of [
      [{ local }, all],
      [{ local, global }, without],
      [{ local, global }, { localToLocal }],
    ] as const) {
      expect(() => fourierConv2d(x, weights)).toThrow(/fourierConv2d: weights must be kernels between the parts that there are/);
    }
    expect(() => fourierConv2d({ local, global }, all, { stride: 3 as 1 })).toThrow(/fourierConv2d: stride must be 1 or 2, got 3/);
    expect(() => fourierConv2d({ local, global }, all, { activation: 'gelu' as 'relu' })).toThrow(/fourierConv2d: activation must be/);
    const half = fourierConv2d({ local, global }, all, { stride: 2 });
    expect([half.local.shape, half.global!.shape]).toEqual([
      [2, 3, 5],
      [2, 3, 7],
    ]);
    const odd = (x: typeof local) => tf.slice(x, [0, 0, 0], [3, -1, -1]);
    expect(() => fourierConv2d({ local: odd(local), global: odd(global) }, all, { stride: 2 })).toThrow(/fourierConv2d: x must be of even sides at stride 2/);
    await expectNoLeak(() => ({ ...fourierConv2d({ local, global }, all) }));
  });
});
