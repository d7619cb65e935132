import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Activation, activations } from '../../src/ops/activation';
import { composedGate, gate } from '../../src/ops/gate';
import { resizeBilinear } from '../../src/ops/resize';
import { goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const functions: Record<Activation, (x: number) => number> = {
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  relu: (x) => Math.max(0, x),
  'leaky-relu': (x) => (x > 0 ? x : 0.2 * x),
  linear: (x) => x,
  tanh: Math.tanh,
};
const naive = (f: ArrayLike<number>, g: ArrayLike<number>, activation: Activation) =>
  Array.from(f, (v, i) => functions[activation](v) / (1 + Math.exp(-g[Math.floor((i * g.length) / f.length)]!)));
const scaled = (seed: number, count: number, scale: number) => seeded(seed, count).map((v) => v * scale);

describe('gate', () => {
  // Both the four-at-a-time and the one-at-a-time form of the kernel, with a gate each and a single one.
  it.each(
    activations.flatMap((a) =>
      [
        [2, 3, 3, 8],
        [1, 3, 5, 3],
        [1, 1, 1, 1],
        [1, 4, 4, 1],
      ].map((shape) => [a, shape] as [Activation, [number, number, number, number]]),
    ),
  )('agrees with a naive loop: %s, %j', async (activation, shape) => {
    const count = shape.reduce((a, b) => a * b);
    const f = scaled(60, count, 4);
    for (const channels of [shape[3], 1]) {
      const g = scaled(61, (count / shape[3]) * channels, 6);
      const [features, gating] = [tf.tensor4d(f, shape), tf.tensor4d(g, [shape[0], shape[1], shape[2], channels])];
      const y = gate(features, gating, { activation });
      expect(y.shape).toEqual(shape);
      expectClose(await values(y), naive(f, g, activation), tolerance.transcendental);
      expectClose(await values(composedGate(features, gating, activation)), naive(f, g, activation), tolerance.transcendental);
    }
  });

  it.each(activations)('stays finite at the extremes: %s', async (activation) => {
    const f = [-1e30, -200, -1e-6, 0, 1e-6, 200, 1e30, -90];
    for (const open of [-200, 0, 200]) {
      const y = await values(gate(tf.tensor3d(f, [1, 2, 4]), tf.fill([1, 2, 4], open) as tf.Tensor3D, { activation }));
      const expected = naive(f, new Array(8).fill(open), activation);
      y.forEach((v, i) => {
        // sigmoid(-200) is 1e-87, which float32 has no number for: 0 or next to it.
        if (open < 0) expect(Math.abs(v)).toBeLessThan(1e-6);
        else expect(Math.abs(v - expected[i]!)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected[i]!)));
      });
    }
  });

  it.each(['single', 'pointwise', 'full', 'none'])('agrees with the reference values: %s', async (kind) => {
    const golden = await readGolden('cra_units.safetensors');
    const at = (key: string) => goldenTensor(golden, key);
    const same = (x: tf.Tensor4D, name: string, stride: number, dilation: number) =>
      tf.add(tf.conv2d(x, at(`${name}w`) as tf.Tensor4D, stride, 'same', 'NHWC', dilation), at(`${name}b`)) as tf.Tensor4D;
    for (const name of ['s1', 's2', 'k5s2', 'd2', 'up']) {
      const key = `gated.${kind}.${name}.`;
      const y = tf.tidy(() => {
        const stride = name.endsWith('s2') ? 2 : 1;
        const dilation = name === 'd2' ? 2 : 1;
        const x = at('gated.x') as tf.Tensor4D;
        const input = name === 'up' ? resizeBilinear(x, [16, 16], { flavour: 'legacy' }) : x;
        const features = same(input, key, stride, dilation);
        if (kind === 'none') return tf.elu(features);
        return gate(features, same(input, `${key}gate_`, stride, kind === 'pointwise' ? 1 : dilation));
      });
      expectClose(await values(y), golden.get(`${key}y`)!.values, 1e-5);
    }
  });

  it.each(activations)('has the right gradient, and a second order: %s', async (activation) => {
    const shape: [number, number, number, number] = [1, 2, 2, 4];
    // Away from the kinks at 0.
    const f = scaled(62, 16, 2).map((v) => v + Math.sign(v) * 0.1);
    const upstream = tf.tensor(seeded(63, 16), shape);
    for (const channels of [4, 1]) {
      const g = scaled(64, 4 * channels, 2);
      const gating = tf.tensor(g, [1, 2, 2, channels]) as tf.Tensor4D;
      const features = tf.tensor(f, shape) as tf.Tensor4D;
      const loss = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(gate(a as tf.Tensor4D, b as tf.Tensor4D, { activation }), upstream)) as tf.Scalar;
      await expectGradient((a) => loss(a, gating), f, shape, 6);
      await expectGradient((b) => loss(features, b), g, [1, 2, 2, channels], 6);
      await expectGradient((a) => tf.sum(tf.square(tf.grad((t: tf.Tensor) => loss(t, gating))(a))), f, shape, 4);
      await expectGradient((b) => tf.sum(tf.square(tf.grad((t: tf.Tensor) => loss(features, t))(b))), g, [1, 2, 2, channels], 4);
    }
  });

  it('runs as one kernel where there is one', () => {
    const x = tf.zeros([1, 2, 2, 4]) as tf.Tensor4D;
    const profiled = ['cpu', 'webgpu'].includes(tf.getBackend());
    expect(tf.getKernel('CraGate', tf.getBackend()) !== undefined).toBe(profiled);
    if (!profiled) return;
    let kernels: string[] = [];
    return tf
      .profile(() => gate(x, x))
      .then((info) => {
        kernels = info.kernelNames;
        expect(kernels).toContain('CraGate');
        expect(kernels).not.toContain('Sigmoid');
      });
  });

  it('names op and argument in its errors', () => {
    const x = tf.zeros([4, 4, 3]) as tf.Tensor3D;
    expect(() => gate(tf.zeros([4, 4]) as unknown as tf.Tensor3D, x)).toThrow(/gate: features must be/);
    expect(() => gate(x, tf.zeros([4, 4, 2]) as tf.Tensor3D)).toThrow(/gate: gating must be of 1 channel/);
    expect(() => gate(x, tf.zeros([4, 5, 3]) as tf.Tensor3D)).toThrow(/gate: gating must be \[4, 4, 3\]/);
    expect(() => gate(x, x, { activation: 'swish' as Activation })).toThrow(
      /gate: activation must be 'elu', 'relu', 'leaky-relu', 'linear' or 'tanh', got swish/,
    );
  });

  it('leaves no tensors behind', async () => {
    const x = tf.ones([4, 4, 3]) as tf.Tensor3D;
    await expectNoLeak(() => activations.map((activation) => gate(x, x, { activation })));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(gate(t as tf.Tensor3D, x)))(x));
    await expectNoLeak(() => {
      expect(() => gate(x, x, { activation: 'swish' as Activation })).toThrow();
    });
  });
});
