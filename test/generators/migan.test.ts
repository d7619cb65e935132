import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ArgumentError, WeightsError } from '../../src/errors';
import { migan } from '../../src/generators/migan';
import { checkFilters } from '../../src/generators/migan/filters';
import { miganNetwork } from '../../src/generators/migan/network';
import { networkGenerator, runNetwork } from '../../src/generators/network';
import { initialWeights } from '../../src/layers/initial-weights';
import { countParameters, weightsOf } from '../../src/layers/layer';
import { expectError } from '../support/errors';
import { goldenTensor, readGolden } from '../support/golden';
import { filters, float32, seededOnnx, withTensor } from '../support/migan';
import { expectClose, expectNoLeak, tolerance, values } from '../support/values';

const golden = await readGolden('migan.safetensors');
const small = () => miganNetwork([5, 6, 8]);
const take = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;

describe('migan', () => {
  it('has the parameters of the published network', () => {
    const generator = migan();
    expect(generator.parameterCount).toBe(5_893_144);
    expect(generator.network.publishedParameters).toBe(5_893_144);
    expect(countParameters(weightsOf(small().layers))).toBeLessThan(5000);
    expect([generator.multiple, generator.workingSize]).toEqual([128, 512]);
  });

  // Beyond the working size, below it, and in two pictures of a batch, noise is repeated or cut; in one case activations are cut off.
  it.each([
    ['square', 1],
    ['tall', 1],
    ['low', 1],
    ['clipped', 4000],
  ])('computes what the reference does: %s', async (name, firstGain) => {
    const generator = networkGenerator(small(), seededOnnx(small(), firstGain));
    const [image, hole] = [take(`${name}.image`), take(`${name}.hole`)];
    const { image: y } = runNetwork(generator.network, generator.weights, image, hole);
    expect(y!.shape).toEqual(golden.get(`${name}.y`)!.shape);
    expectClose(await values(y!), golden.get(`${name}.y`)!.values, tolerance.matmul);
    tf.dispose([image, hole, y!]);
    generator.dispose();
  });

  it('fills as it runs, and frees all', async () => {
    const before = tf.memory().numTensors;
    const generator = networkGenerator(small(), seededOnnx(small()));
    const image = tf.squeeze<tf.Tensor3D>(take('low.image'), [0]);
    const hole = tf.squeeze<tf.Tensor3D>(take('low.hole'), [0]);
    const fractions: number[] = [];
    await expectNoLeak(async () => {
      const fill = await generator.fill({ image, hole, seed: 0, onProgress: (fraction) => fractions.push(fraction) });
      expect(fill.correspondence).toBeUndefined();
      expectClose(await values(fill.image), golden.get('low.y')!.values, tolerance.matmul);
      return fill.image;
    });
    expect(fractions).toHaveLength(7);
    expect(fractions.at(-1)).toBe(1);
    generator.dispose();
    tf.dispose([image, hole]);
    expect(tf.memory().numTensors).toBe(before + 2);
  });

  it('never looks at the hole', async () => {
    const network = small();
    const weights = initialWeights(weightsOf(network.layers), 3);
    const [image, hole] = [take('square.image'), take('square.hole')];
    const other = tf.tidy(() => tf.add(image, tf.mul(hole, 7)) as tf.Tensor4D);
    const [a, b] = [image, other].map((x) => runNetwork(network, weights, x, hole).image!);
    expect(await values(b!)).toEqual(await values(a!));
    tf.dispose([image, hole, other, a!, b!, weights as unknown as tf.TensorContainer]);
  });

  it('is differentiable', async () => {
    const generator = networkGenerator(small(), seededOnnx(small()));
    const [image, hole, share] = [take('low.image'), take('low.hole'), take('low.image')];
    const gradient = tf.grad((x) => tf.sum(tf.mul(runNetwork(generator.network, generator.weights, x as tf.Tensor4D, hole).image!, share)))(image);
    const all = await values(gradient);
    const expected = golden.get('low.gradient')!.values;
    expect(Math.max(...expected)).toBeGreaterThan(0.1);
    expectClose(
      Array.from(golden.get('low.places')!.values, (place) => all[place]!),
      expected,
      tolerance.matmul,
    );
    tf.dispose([image, hole, share, gradient]);
    generator.dispose();
  });

  it('takes multiples of its stride only', async () => {
    const network = small();
    const weights = initialWeights(weightsOf(network.layers), 3);
    const [image, hole] = [tf.zeros<tf.Rank.R4>([1, 10, 16, 3]), tf.zeros<tf.Rank.R4>([1, 10, 16, 1])];
    await expectError(() => runNetwork(network, weights, image, hole), ArgumentError, /multiples of 4, got 10 x 16/);
    tf.dispose([image, hole, weights as unknown as tf.TensorContainer]);
  });

  it('reads a file with the constants of the published one, but none with other filters', async () => {
    const file = seededOnnx(small());
    const filled = withTensor(
      withTensor(
        withTensor(file, 'model.encoder.b16.conv2.downsample.filter.weight', filters(5, 'down')),
        'model.synthesis.b16.conv1.upsample.filter.weight',
        filters(5, 'up'),
      ),
      'model.synthesis.b8.upsample.filter_const',
      float32([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0], [1, 1, 4, 4]),
    );
    expect(() => checkFilters(filled)).not.toThrow();
    const generator = networkGenerator(small(), filled);
    const had = generator.weights;
    const wrong: [string, ReturnType<typeof float32>][] = [
      ['model.encoder.b16.conv2.downsample.filter.weight', filters(5, 'up')],
      ['model.synthesis.b16.conv1.upsample.filter.weight', float32(new Float32Array(32).fill(0.25), [2, 1, 4, 4])],
      ['model.synthesis.b8.upsample.filter_const', float32([1, 1, 1, 0], [1, 1, 2, 2])],
      ['model.synthesis.b8.upsample.filter_const', float32([1, 0, 1, 0], [1, 1, 2, 2])],
    ];
    for (const [name, array] of wrong) {
      const expected = new RegExp(`migan: .*${name}.* is not the constant that the network computes with`);
      await expectError(() => generator.load(withTensor(file, name, array)), WeightsError, expected);
      await expectError(() => migan(withTensor(file, name, array)), WeightsError, expected);
    }
    expect(generator.weights).toBe(had);
    generator.dispose();
  });

  it('says what is missing', async () => {
    const before = tf.memory().numTensors;
    const { tensors, ...file } = seededOnnx(small());
    const kept = new Map([...tensors].filter(([name]) => name !== 'onnx::Add_1673'));
    await expectError(() => networkGenerator(small(), { ...file, tensors: kept }), WeightsError, /1 missing: onnx::Add_1673/);
    await expectError(
      () => networkGenerator(small(), withTensor({ ...file, format: 'safetensors', tensors }, 'more', float32([1], [1]))),
      WeightsError,
      /1 unknown: more/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
