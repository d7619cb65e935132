import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../src/layers/initial-weights';
import { countParameters, type Weights, weightsOf } from '../../../src/layers/layer';
import { craDiscriminator } from '../../../src/train/discriminators/cra';
import { loadWeights } from '../../../src/train/load-weights';
import { naiveConvolution } from '../../support/convolution';
import { proceduralWeights } from '../../support/procedural-weights';
import { expectClose, expectNoLeak, seeded, tolerance, values } from '../../support/values';

describe('craDiscriminator', () => {
  it('has the published number of parameters at 512, and a dense layer to the measure of other sizes', () => {
    const of = (size: number) => weightsOf(craDiscriminator(size).layers);
    expect(countParameters(of(512))).toBe(5_961_601);
    expect(of(512)['discriminator.linear.weights']!.shape).toEqual([16384, 1]);
    expect(of(256)['discriminator.linear.weights']!.shape).toEqual([4096, 1]);
    expect(of(144)['discriminator.linear.weights']!.shape).toEqual([9 * 256, 1]);
    expect(() => craDiscriminator(0)).toThrow(/craDiscriminator: size/);
  });

  it("takes the authors' checkpoint, and leaves what belongs to others", async () => {
    const file = proceduralWeights('cra_discriminator');
    const more = ['generator/c_en_down_128_feat/w', 'discriminator/conv1/w/Adam_1', 'beta1_power', 'discriminator/linear/bias/ExponentialMovingAverage'];
    const extra = new Map([...file.tensors, ...more.map((name) => [name, file.tensors.get('discriminator/linear/bias')!] as const)]);
    const { weights, colourOrder } = loadWeights(craDiscriminator(512), { ...file, tensors: extra });
    expect(colourOrder).toBe('bgr');
    expect(Object.keys(weights)).toEqual(Object.keys(weightsOf(craDiscriminator(512).layers)));
    expectClose(await values(weights['discriminator.conv1.bias']!), new Float32Array(file.tensors.get('discriminator/conv1/biases')!.data.buffer), 0);
    tf.dispose(weights);
    const unknown = new Map([...file.tensors, ['something', file.tensors.get('discriminator/linear/bias')!] as const]);
    expect(() => loadWeights(craDiscriminator(512), { ...file, tensors: unknown })).toThrow(/unknown: something/);
    expect(() => loadWeights(craDiscriminator(256), file)).toThrow(/discriminator\/linear\/kernel is \[16384, 1\], not \[4096, 1\]/);
  });

  it('agrees with a naive loop', async () => {
    const discriminator = craDiscriminator(8);
    const weights = thin(initialWeights(weightsOf(discriminator.layers), 3));
    const picture = seeded(5, 8 * 8 * 3);
    let y: { shape: number[]; values: ArrayLike<number> } = { shape: [1, 8, 8, 3], values: picture };
    for (let n = 1; n <= 6; n++) {
      const kernel = weights[`discriminator.conv${n}.weights`]!;
      const bias = await values(weights[`discriminator.conv${n}.bias`]!);
      const sums = naiveConvolution(y, { shape: kernel.shape, values: await values(kernel) }, { stride: 2, bias });
      y = { shape: sums.shape, values: sums.values.map((v) => (v > 0 ? v : 0.2 * v)) };
    }
    const [w, b] = [await values(weights['discriminator.linear.weights']!), await values(weights['discriminator.linear.bias']!)];
    const expected = w.reduce((sum, v, i) => sum + v * y.values[i]!, b[0]!);
    const score = discriminator.judge(weights, tf.tensor4d(picture, [1, 8, 8, 3]));
    expect(score.shape).toEqual([1, 1]);
    expectClose(await values(score), [expected], tolerance.matmul);
  });

  it('names what is wrong and leaves no tensors behind', async () => {
    const discriminator = craDiscriminator(8);
    const weights = thin(initialWeights(weightsOf(discriminator.layers), 3));
    expect(() => discriminator.judge(weights, tf.zeros([1, 8, 8, 4]))).toThrow(/CRA discriminator: x must be BHW3/);
    const x = tf.zeros([2, 8, 8, 3]) as tf.Tensor4D;
    await expectNoLeak(() => discriminator.judge(weights, x));
  });
});

/** The same network with few channels and biases that are not 0: software drivers are slow. */
function thin(weights: Weights): Weights {
  const most = 4;
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => {
      const shape = tensor.shape.map((n, axis) => (axis >= tensor.rank - 2 || name.includes('linear') ? Math.min(n, most) : n));
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, tf.tensor(seeded(count + name.length, count), shape)];
    }),
  );
}
