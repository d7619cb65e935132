import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GatedConvOptions, gatedConv2d, type Upsampling } from '../../src/ops/gated-conv2d';
import { naiveConvolution, type PlainArray } from '../support/convolution';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const plain = (seed: number, ...shape: number[]): PlainArray & { values: Float32Array } => ({
  shape,
  values: seeded(
    seed,
    shape.reduce((a, b) => a * b),
  ),
});
const tensorOf = ({ shape, values: v }: PlainArray) => tf.tensor(v as Float32Array, shape as [number, number, number, number]) as tf.Tensor4D;

const x = plain(40, 1, 6, 6, 3);
const w = plain(41, 3, 3, 3, 4);
const wGate = plain(42, 3, 3, 3, 4);
const wPoint = plain(43, 1, 1, 3, 4);
const wDepth = plain(44, 3, 3, 3, 1);
const bias = seeded(45, 4);
const gateBias = seeded(46, 4);

/** elu(features) * sigmoid(gating), a gate for each channel or one for all. */
const gated = (features: number[], gating: number[]) =>
  features.map((v, i) => (v > 0 ? v : Math.expm1(v)) / (1 + Math.exp(-gating[Math.floor((i * gating.length) / features.length)]!)));

/** Each channel convolved by itself. */
function naiveDepthwise(depthwise: PlainArray, options: { stride?: number; dilation?: number }): PlainArray {
  const channels = [0, 1, 2].map((c) => {
    const only = (a: PlainArray, step: number) => Array.from({ length: a.values.length / step }, (_, i) => a.values[i * step + c]!);
    return naiveConvolution({ shape: [1, 6, 6, 1], values: only(x, 3) }, { shape: [3, 3, 1, 1], values: only(depthwise, 3) }, options);
  });
  const { shape } = channels[0]!;
  const count = channels[0]!.values.length;
  return { shape: [1, shape[1]!, shape[2]!, 3], values: Array.from({ length: 3 * count }, (_, i) => channels[i % 3]!.values[Math.floor(i / 3)]!) };
}

describe('gatedConv2d', () => {
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('cra_units.safetensors');
  });

  it.each(['single', 'pointwise', 'full'].flatMap((kind) => ['s1', 's2', 'k5s2', 'd2', 'up'].map((name) => [kind, name] as const)))(
    'agrees with the reference values: %s gate, %s',
    async (kind, name) => {
      const at = (part: string) => goldenTensor(golden, `gated.${kind}.${name}.${part}`);
      const options: GatedConvOptions = { bias: at('b') as tf.Tensor1D, gateBias: at('gate_b') as tf.Tensor1D };
      if (name.endsWith('s2')) options.stride = 2;
      if (name === 'd2') options.dilation = 2;
      if (name === 'up') options.upsample = 'bilinear';
      const y = gatedConv2d(goldenTensor(golden, 'gated.x') as tf.Tensor4D, at('w') as tf.Tensor4D, at('gate_w') as tf.Tensor4D, options);
      expect(y.shape).toEqual(golden.get(`gated.${kind}.${name}.y`)!.shape);
      expectClose(await values(y), golden.get(`gated.${kind}.${name}.y`)!.values, 1e-5);
    },
  );

  it.each([{ stride: 1 }, { stride: 2 }, { dilation: 2 }])('agrees with a naive loop, whichever gate: %j', async (options) => {
    const features = naiveConvolution(x, w, { ...options, bias }).values;
    const biases = { bias: tf.tensor1d(bias), gateBias: tf.tensor1d(gateBias) };
    const full = naiveConvolution(x, wGate, { ...options, bias: gateBias }).values;
    expectClose(
      await values(gatedConv2d(tensorOf(x), tensorOf(w), tensorOf(wGate), { ...options, ...biases })),
      gated(features, full),
      tolerance.transcendental,
    );

    // The same gate, in one kernel with the features.
    const both = tf.concat([tensorOf(w), tensorOf(wGate)], 3);
    const split = gatedConv2d(tensorOf(x), both, undefined, { ...options, bias: tf.concat([biases.bias, biases.gateBias]) });
    expectClose(await values(split), gated(features, full), tolerance.transcendental);
    const bare = gated(naiveConvolution(x, w, options).values, naiveConvolution(x, wGate, options).values);
    expectClose(await values(gatedConv2d(tensorOf(x), both, undefined, options)), bare, tolerance.transcendental);

    const single = naiveConvolution(x, { shape: [3, 3, 3, 1], values: wDepth.values }, { ...options, bias: [0.5] }).values;
    const one = { ...options, ...biases, gateBias: tf.tensor1d([0.5]) };
    expectClose(await values(gatedConv2d(tensorOf(x), tensorOf(w), tensorOf(wDepth), one)), gated(features, single), tolerance.transcendental);

    const point = naiveConvolution(x, wPoint, { stride: options.stride, bias: gateBias }).values;
    expectClose(
      await values(gatedConv2d(tensorOf(x), tensorOf(w), tensorOf(wPoint), { ...options, ...biases })),
      gated(features, point),
      tolerance.transcendental,
    );

    const depth = naiveConvolution(naiveDepthwise(wDepth, options), wPoint, { bias: gateBias }).values;
    const separable = gatedConv2d(tensorOf(x), tensorOf(w), tensorOf(wPoint), { ...options, ...biases, gateDepthwise: tensorOf(wDepth) });
    expectClose(await values(separable), gated(features, depth), tolerance.transcendental);
  });

  it.each(['nearest', 'bilinear'] as Upsampling[])('enlarges twofold first: %s', async (upsample) => {
    // The next pixel's share: none, or half of it in every other place.
    const at = (y: number, z: number, c: number) => x.values[(Math.min(y, 5) * 6 + Math.min(z, 5)) * 3 + c]!;
    const large = Array.from({ length: 144 * 3 }, (_, i) => {
      const [p, c] = [Math.floor(i / 3), i % 3];
      const [y, z] = [Math.floor(p / 12) / 2, (p % 12) / 2];
      const [i0, j0] = [Math.floor(y), Math.floor(z)];
      if (upsample === 'nearest') return at(i0, j0, c);
      const between = (row: number) => at(row, j0, c) * (1 - (z - j0)) + at(row, j0 + 1, c) * (z - j0);
      return between(i0) * (1 - (y - i0)) + between(i0 + 1) * (y - i0);
    });
    const enlarged = { shape: [1, 12, 12, 3], values: large };
    const expected = gated(naiveConvolution(enlarged, w).values, naiveConvolution(enlarged, wGate).values);
    const y = gatedConv2d(tensorOf(x), tensorOf(w), tensorOf(wGate), { upsample });
    expect(y.shape).toEqual([1, 12, 12, 4]);
    expectClose(await values(y), expected, tolerance.transcendental);
  });

  it('takes a picture without a batch axis, and other activations', async () => {
    const one = tf.squeeze(tensorOf(x), [0]) as tf.Tensor3D;
    const y = gatedConv2d(one, tensorOf(w), tensorOf(wGate), { activation: 'relu' });
    expect(y.shape).toEqual([6, 6, 4]);
    const [features, gating] = [naiveConvolution(x, w).values, naiveConvolution(x, wGate).values];
    expectClose(
      await values(y),
      features.map((v, i) => Math.max(0, v) / (1 + Math.exp(-gating[i]!))),
      tolerance.transcendental,
    );
  });

  it.each(['full', 'split', 'single', 'pointwise', 'depth-separable', 'dilated', 'strided', 'upsampled'])('has the right gradient: %s', async (kind) => {
    const small = plain(47, 1, 4, 4, 3);
    const gate = { pointwise: wPoint, 'depth-separable': wPoint, single: { shape: [3, 3, 3, 1], values: wDepth.values } }[kind] ?? wGate;
    const options: GatedConvOptions = { activation: 'tanh' };
    if (kind === 'dilated') options.dilation = 2;
    if (kind === 'strided') options.stride = 2;
    if (kind === 'upsampled') options.upsample = 'nearest';
    const loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor | undefined, d = tensorOf(wDepth) as tf.Tensor) => {
      const gateDepthwise = kind === 'depth-separable' ? (d as tf.Tensor4D) : undefined;
      return tf.sum(tf.square(gatedConv2d(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor4D | undefined, { ...options, gateDepthwise }))) as tf.Scalar;
    };
    const given = kind === 'split' ? undefined : tensorOf(gate);
    await expectGradient((t) => loss(t, tensorOf(w), given), small.values, small.shape, 5);
    await expectGradient((t) => loss(tensorOf(small), t, given), w.values, w.shape, 5);
    if (given) await expectGradient((t) => loss(tensorOf(small), tensorOf(w), t), gate.values as Float32Array, gate.shape, 5);
    if (kind === 'depth-separable') await expectGradient((t) => loss(tensorOf(small), tensorOf(w), given, t), wDepth.values, wDepth.shape, 5);
  });

  it('extremes: a gate that is shut lets nothing through, one that is open everything', async () => {
    const [p, none] = [tensorOf(x), tf.zeros([3, 3, 3, 4]) as tf.Tensor4D];
    const shut = gatedConv2d(p, tensorOf(w), none, { gateBias: tf.fill([4], -1e4) as tf.Tensor1D });
    for (const v of await values(shut)) expect(Math.abs(v)).toBeLessThan(1e-20);
    const open = gatedConv2d(p, tensorOf(w), none, { gateBias: tf.fill([4], 1e4) as tf.Tensor1D, activation: 'linear' });
    expectClose(await values(open), naiveConvolution(x, w).values, tolerance.matmul);
    const one = gatedConv2d(tf.ones([1, 1, 3]) as tf.Tensor3D, tensorOf(w), tensorOf(wGate), { stride: 2, upsample: 'nearest' });
    expect(one.shape).toEqual([1, 1, 4]);
  });

  it('names op and argument in its errors', () => {
    const [p, kernel] = [tensorOf(x), tensorOf(w)];
    const zeros = (...shape: number[]) => tf.zeros(shape as [number, number, number, number]) as tf.Tensor4D;
    expect(() => gatedConv2d(tf.zeros([4, 4]) as unknown as tf.Tensor3D, kernel, undefined)).toThrow(/gatedConv2d: x must be/);
    expect(() => gatedConv2d(p, zeros(3, 3, 3, 3), undefined)).toThrow(/gatedConv2d: weights must be of an even number of outputs/);
    expect(() => gatedConv2d(p, kernel, zeros(3, 3, 3, 2))).toThrow(/gatedConv2d: gateWeights must be \[3, 3, 3, 4\], got \[3, 3, 3, 2\]/);
    expect(() => gatedConv2d(p, kernel, zeros(5, 5, 3, 4))).toThrow(/gatedConv2d: gateWeights must be \[3, 3, 3, 4\]/);
    expect(() => gatedConv2d(p, kernel, zeros(3, 3, 3, 4), { gateDepthwise: tensorOf(wDepth) })).toThrow(/gatedConv2d: gateWeights must be \[1, 1, 3, 4\]/);
    expect(() => gatedConv2d(p, kernel, tensorOf(wPoint), { gateDepthwise: kernel })).toThrow(/gatedConv2d: gateDepthwise must be \[3, 3, 3, 1\]/);
    expect(() => gatedConv2d(p, kernel, undefined, { upsample: 'cubic' as Upsampling })).toThrow(/gatedConv2d: upsample must be/);
    expect(() => gatedConv2d(p, kernel, tensorOf(wGate), { bias: tf.zeros([3]) as tf.Tensor1D })).toThrow(/gatedConv2d: bias must be \[4\], got \[3\]/);
    expect(() => gatedConv2d(p, kernel, undefined, { bias: tf.zeros([2]) as tf.Tensor1D })).toThrow(/gatedConv2d: bias must be \[4\], got \[2\]/);
    expect(() => gatedConv2d(p, kernel, tensorOf(wGate), { gateBias: tf.zeros([3]) as tf.Tensor1D })).toThrow(/gatedConv2d: gateBias must be \[4\], got \[3\]/);
    expect(() => gatedConv2d(p, kernel, undefined, { gateBias: tf.zeros([2]) as tf.Tensor1D })).toThrow(/gatedConv2d: gateWeights must be there/);
    expect(() => gatedConv2d(p, zeros(3, 3, 2, 4), tensorOf(wGate))).toThrow(/gatedConv2d: weights must be \[3, 3, 3, 4\], got \[3, 3, 2, 4\]/);
    expect(() => gatedConv2d(p, kernel, tensorOf(wGate), { stride: 0 })).toThrow(/stride must be/);
  });

  it('leaves no tensors behind', async () => {
    const [p, kernel, gate, point, depth] = [x, w, wGate, wPoint, wDepth].map(tensorOf) as tf.Tensor4D[];
    await expectNoLeak(() => gatedConv2d(p!, kernel!, gate!, { upsample: 'bilinear' }));
    await expectNoLeak(() => gatedConv2d(p!, kernel!, undefined, { stride: 2 }));
    await expectNoLeak(() => gatedConv2d(p!, kernel!, point!, { gateDepthwise: depth! }));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(gatedConv2d(t as tf.Tensor4D, kernel!, gate!, { dilation: 2 })))(p!));
    await expectNoLeak(() => {
      expect(() => gatedConv2d(p!, kernel!, gate!, { dilation: 0 })).toThrow();
    });
  });
});
