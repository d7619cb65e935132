import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { runNetwork } from '../../src/generators/network/network';
import { networkGenerator } from '../../src/generators/network/network-generator';
import { type NetworkState, runStage } from '../../src/generators/network/stages';
import { partialUnet } from '../../src/generators/partial-unet';
import { type PartialUnetGate, type PartialUnetNetworkOptions, partialUnetNetwork } from '../../src/generators/partial-unet/network';
import type { WeightArray, WeightFile } from '../../src/io/weights/weight-file';
import { toFloat32 } from '../../src/io/weights/weight-file';
import { countParameters, weightsOf } from '../../src/layers/layer';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { seededWeights } from '../support/seeded-weights';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const SMALL: PartialUnetNetworkOptions = { levels: 5, widths: [6, 8, 9, 11] };
const AS_IT_IS = { 'picture.mean': [0, 0, 0], 'picture.deviation': [1, 1, 1] };

const clipped = (numbers: ArrayLike<number>) => Array.from(numbers, (v) => Math.min(Math.max(v, -1), 1));

/** A small network with the reference's weights. */
function small(options: PartialUnetNetworkOptions = {}) {
  const network = partialUnetNetwork({ ...SMALL, ...options });
  const given = options.convolution === 'gated' ? {} : AS_IT_IS;
  return networkGenerator(network, seededWeights(weightsOf(network.layers), given));
}

describe('partialUnet', () => {
  let golden: Map<string, Golden>;
  let image: tf.Tensor3D;
  let hole: tf.Tensor3D;
  beforeAll(async () => {
    golden = await readGolden('partial_unet.safetensors');
    hole = goldenTensor(golden, 'hole') as tf.Tensor3D;
    image = tf.tensor3d(seeded(1, 32 * 64 * 3), [32, 64, 3]);
  });
  const batch = () => [tf.expandDims(image, 0), tf.expandDims(hole, 0)] as [tf.Tensor4D, tf.Tensor4D];

  it('golden: partial convolutions, and the masks on the way down', async () => {
    const generator = small();
    const { image: filled, correspondence } = await generator.fill({ image: tf.mul(image, tf.sub(1, hole)) as tf.Tensor3D, hole, seed: 0 });
    expect(correspondence).toBeUndefined();
    expectClose(await values(filled), clipped(golden.get('partial.image')!.values), 1e-5);
    const [x, mask] = batch();
    let state: NetworkState = { image: x, hole: mask };
    for (const stage of generator.network.stages.list.slice(0, 6)) state = runStage(stage, state, generator.weights);
    const valid = state.valid as tf.Tensor[];
    for (let n = 1; n <= 5; n++) expect(await values(valid[n]!)).toEqual(Array.from(golden.get(`partial.valid${n}`)!.values));
    generator.dispose();
  });

  it('golden: partial convolutions in training, unclipped, by the statistics of the batch', async () => {
    const generator = small();
    const { image: filled } = runNetwork(generator.network, generator.weights, ...batch(), { mode: { training: true } });
    const expected = golden.get('partial.train')!.values;
    expect(expected.some((v) => Math.abs(v) > 1)).toBe(true);
    expectClose(await values(filled!), expected, 1e-5);
    generator.dispose();
  });

  it('golden: a network so shallow that some of the hole is left, and is 0', async () => {
    const generator = small({ levels: 2 });
    const filled = await generator.fill({ image, hole, seed: 0 });
    expectClose(await values(filled.image), clipped(golden.get('shallow.image')!.values), 1e-5);
    expect(await values(tf.slice(filled.image, [16, 44, 0], [1, 1, 3]))).toEqual([0, 0, 0]);
    generator.dispose();
  });

  it.each<PartialUnetGate>(['full', 'single-channel'])('golden: gated convolutions, %s', async (gate) => {
    const generator = small({ convolution: 'gated', gate });
    const filled = await generator.fill({ image, hole, seed: 0 });
    expectClose(await values(filled.image), clipped(golden.get(`gated.${gate}.image`)!.values), 1e-5);
    generator.dispose();
  });

  it("golden: a PyTorch program's file, with its normalisation and larger kernels", async () => {
    const network = partialUnetNetwork(SMALL);
    for (const prefix of ['', 'module.']) {
      const generator = networkGenerator(network, pytorchFile(weightsOf(network.layers), prefix));
      const filled = await generator.fill({ image, hole, seed: 0 });
      expectClose(await values(filled.image), clipped(golden.get('pytorch.image')!.values), 1e-5);
      generator.dispose();
    }
  });

  it('reads nothing of the hole, on any path', async () => {
    for (const convolution of ['partial', 'gated'] as const) {
      const generator = small({ convolution });
      const [x, mask] = batch();
      const spoilt = tf.where(tf.greater(mask, 0), Number.NaN, x) as tf.Tensor4D;
      const clean = await values(runNetwork(generator.network, generator.weights, x, mask).image!);
      expect(await values(runNetwork(generator.network, generator.weights, spoilt, mask).image!)).toEqual(clean);
      generator.dispose();
    }
  });

  it('fills a batch like its pictures one by one', async () => {
    const generator = small();
    const [x, mask] = batch();
    const other = tf.reverse(x, 2);
    const both = runNetwork(generator.network, generator.weights, tf.concat([other, x], 0), tf.concat([tf.reverse(mask, 1), mask], 0)).image as tf.Tensor4D;
    expectClose(await values(tf.slice(both, [1, 0, 0, 0], [1, -1, -1, -1])), clipped(golden.get('partial.image')!.values), 1e-5);
    generator.dispose();
  });

  it('has as many parameters as published', () => {
    expect(partialUnet().parameterCount).toBe(32_859_732);
    expect(partialUnetNetwork().publishedParameters).toBe(32_859_732);
    expect(partialUnet(undefined, { levels: 7 }).parameterCount).toBe(25_779_796);
    // The same body, with a bias, a gate and the hole as a fourth channel: what is not the last layer's comes twice.
    const gated = countParameters(weightsOf(partialUnetNetwork({ convolution: 'gated' }).layers));
    const split = countParameters(weightsOf(partialUnetNetwork({ convolution: 'gated', gate: 'split' }).layers));
    expect(split).toBe(gated);
    const norms = 2 * (128 + 256 + 512 * 5 + 512 * 4 + 256 + 128 + 64);
    const outputs = 64 + 128 + 256 + 512 * 5 + 512 * 4 + 256 + 128 + 64;
    const last = 3 * 3 * 67 * 3 + 3;
    expect(gated).toBe(2 * (32_859_732 - norms - last + 7 * 7 * 64 + outputs) + norms + last + 3 * 3 * 3);
    expect(partialUnet().multiple).toBe(256);
    expect(partialUnet(undefined, { levels: 7 })).toMatchObject({ multiple: 128, workingSize: 256 });
  });

  it('names what is wrong in its errors', () => {
    expect(() => partialUnet(undefined, { levels: 0 })).toThrow(/partialUnet: levels must be a whole number >= 1/);
    expect(() => partialUnet(undefined, { levels: 13 })).toThrow(/partialUnet: levels must be at most 12/);
    expect(() => partialUnet(undefined, { convolution: 'plain' as 'gated' })).toThrow(/partialUnet: convolution must be/);
    const gate = 'depth-separable' as PartialUnetGate;
    expect(() => partialUnet(undefined, { convolution: 'gated', gate })).toThrow(/partialUnet: gate must be/);
    const network = partialUnetNetwork(SMALL);
    const file = pytorchFile(weightsOf(network.layers), '');
    (file.tensors as Map<string, WeightArray>).delete('enc_2.conv.input_conv.weight');
    expect(() => networkGenerator(network, file)).toThrow(/naoto0804's PyTorch program's\); 1 missing: enc_2\.conv\.input_conv\.weight/);
  });

  it('leaves no tensors behind', async () => {
    for (const convolution of ['partial', 'gated'] as const) {
      const generator = small({ convolution });
      await expectNoLeak(async () => ({ ...(await generator.fill({ image, hole, seed: 0 })) }));
      await expectNoLeak(async () => {
        await expect(generator.fill({ image, hole, seed: 0, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
      });
      generator.dispose();
    }
  });
});

const PYTORCH: Record<string, string> = {
  weights: 'conv.input_conv.weight',
  bias: 'conv.input_conv.bias',
  'norm.scale': 'bn.weight',
  'norm.offset': 'bn.bias',
  'norm.mean': 'bn.running_mean',
  'norm.variance': 'bn.running_var',
};

/** The reference's weights as naoto0804's program saves them: [output, input, height, width], times the window's size, beside kernels of the masks. */
function pytorchFile(specifications: Parameters<typeof seededWeights>[0], prefix: string): WeightFile {
  const own = seededWeights(specifications, AS_IT_IS);
  const tensors = new Map<string, WeightArray>();
  for (const [name, array] of own.tensors) {
    const match = /^(enc|dec)ode(\d)\.(.+)$/.exec(name);
    if (!match) continue;
    const layer = `${prefix}${match[1]}_${match[2]}`;
    const key = `${layer}.${PYTORCH[match[3]!]}`;
    if (array.shape.length !== 4) {
      tensors.set(key, array);
      continue;
    }
    const [height, width, input, output] = array.shape as [number, number, number, number];
    const values = toFloat32(array);
    const turned = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const [o, c, q, p] = [i % output, Math.floor(i / output) % input, Math.floor(i / (output * input)) % width, Math.floor(i / (output * input * width))];
      turned[((o * input + c) * height + p) * width + q] = values[i]! * (height * width * input);
    }
    tensors.set(key, { shape: [output, input, height, width], dtype: 'float32', data: new Uint8Array(turned.buffer) });
    tensors.set(`${layer}.conv.mask_conv.weight`, { shape: [1], dtype: 'float32', data: new Uint8Array(4) });
    tensors.set(`${layer}.bn.num_batches_tracked`, { shape: [1], dtype: 'float32', data: new Uint8Array(4) });
  }
  return { format: 'safetensors', tensors, metadata: new Map() };
}
