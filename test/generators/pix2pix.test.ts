import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { runNetwork } from '../../src/generators/network/network';
import { pix2pix } from '../../src/generators/pix2pix';
import { pix2pixNetwork } from '../../src/generators/pix2pix/network';
import type { WeightArray, WeightFile } from '../../src/io/weights/weight-file';
import { countParameters, weightsOf } from '../../src/layers/layer';
import type { Picture } from '../../src/picture';
import { type Golden, readGolden } from '../support/golden';
import { proceduralCase, proceduralWeights } from '../support/procedural-weights';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const backend = tf.getBackend();
const isFast = backend === 'tensorflow' || backend === 'wasm';

// What the authors' program calls the levels of unet_256: the convolution down, its normalisation, the one up, its normalisation.
const inner = (depth: number) => `model.model.1.model${'.3.model'.repeat(depth)}`;
const AUTHORS: Record<number, { down: string; downNorm?: string; up: string; upNorm?: string }> = {
  1: { down: 'model.model.0', up: 'model.model.3' },
  2: { down: 'model.model.1.model.1', downNorm: 'model.model.1.model.2', up: 'model.model.1.model.5', upNorm: 'model.model.1.model.6' },
  3: {
    down: 'model.model.1.model.3.model.1',
    downNorm: 'model.model.1.model.3.model.2',
    up: 'model.model.1.model.3.model.5',
    upNorm: 'model.model.1.model.3.model.6',
  },
  4: { down: `${inner(2)}.1`, downNorm: `${inner(2)}.2`, up: `${inner(2)}.5`, upNorm: `${inner(2)}.6` },
  5: { down: `${inner(3)}.1`, downNorm: `${inner(3)}.2`, up: `${inner(3)}.5`, upNorm: `${inner(3)}.6` },
  6: { down: `${inner(4)}.1`, downNorm: `${inner(4)}.2`, up: `${inner(4)}.5`, upNorm: `${inner(4)}.6` },
  7: { down: `${inner(5)}.1`, downNorm: `${inner(5)}.2`, up: `${inner(5)}.5`, upNorm: `${inner(5)}.6` },
  8: { down: `${inner(6)}.1`, up: `${inner(6)}.3`, upNorm: `${inner(6)}.4` },
};
const PARTS: Record<string, string> = { w: 'weight', b: 'bias', bn_gamma: 'weight', bn_beta: 'bias', bn_mean: 'running_mean', bn_var: 'running_var' };

/** A table of weights by levels, as the authors' program would save it. */
function authorsFile(file: WeightFile, prefix: string): WeightFile {
  const tensors = new Map<string, WeightArray>();
  for (const [name, array] of file.tensors) {
    const [, side, level, part] = /^(down|up)(\d)\.(.+)$/.exec(name)! as unknown as [string, 'down' | 'up', string, string];
    const key = part.startsWith('bn') ? (`${side}Norm` as const) : side;
    const place = AUTHORS[Number(level)]![key]!;
    tensors.set(`${prefix}${place}.${PARTS[part]}`, array);
    if (part === 'bn_mean') tensors.set(`${prefix}${place}.num_batches_tracked`, { shape: [1], dtype: 'float32', data: new Uint8Array(4) });
  }
  return { ...file, tensors };
}

describe('pix2pix', () => {
  let golden: Map<string, Golden>;
  let narrow: WeightFile;
  let photo: tf.Tensor3D;
  beforeAll(async () => {
    golden = await readGolden('pix2pix.safetensors');
    narrow = proceduralWeights('unet_ngf8');
    photo = tf.tensor3d(proceduralCase('pix2pix_a').image, [256, 256, 3]);
  });

  async function expectGolden(fake: tf.Tensor3D, key: string): Promise<void> {
    const rows = tf.range(0, 256, 4, 'int32');
    expectClose(await values(tf.slice(fake, [244, 244, 0], [12, 12, 3])), golden.get(`${key}.fake_corner`)!.values, 1e-4);
    expectClose(await values(tf.gather(tf.gather(fake, rows, 0), rows, 1)), golden.get(`${key}.fake_stride4`)!.values, 1e-4);
  }

  it.each([
    ['eval', 'stored'],
    ['train', 'batch'],
  ] as const)('golden: a narrow network, %s', async (mode, statistics) => {
    const generator = pix2pix(narrow, { baseWidth: 8, statistics });
    await expectGolden(await generator.translate(photo), `ngf8.${mode}`);
    generator.dispose();
  });

  it.skipIf(!isFast)('golden: the whole network (18 GMAC are for the two faster backends)', async () => {
    const generator = pix2pix(proceduralWeights('unet_ngf64'));
    await expectGolden(await generator.translate(photo), 'ngf64.eval');
    generator.dispose();
  });

  it('has as many parameters as published', () => {
    const network = pix2pixNetwork();
    expect(countParameters(weightsOf(network.layers))).toBe(54_413_955);
    expect(network.publishedParameters).toBe(54_413_955);
    expect(pix2pix().parameterCount).toBe(54_413_955);
    // Biases in place of scales and offsets, of which every level but two has one more pair.
    const sums = { downs: 64 + 128 + 256 + 512 * 5, ups: 512 * 4 + 256 + 128 + 64 };
    const kernels = 54_413_955 - 2 * (sums.downs - 64 - 512) - 2 * sums.ups;
    expect(countParameters(weightsOf(pix2pixNetwork({ normalization: 'instance' }).layers))).toBe(kernels + sums.downs + sums.ups);
    expect(pix2pixNetwork({ normalization: 'instance' }).publishedParameters).toBeUndefined();
  });

  it("takes the authors' files, from one GPU or several, for the same weights", async () => {
    const names = Object.keys(weightsOf(pix2pixNetwork({ baseWidth: 8 }).layers));
    const own = pix2pix(narrow, { baseWidth: 8 });
    for (const prefix of ['', 'module.']) {
      const file = authorsFile(narrow, prefix);
      expect(file.tensors.has(`${prefix}model.model.1.model.3.model.3.model.3.model.3.model.3.model.3.model.1.weight`)).toBe(true);
      const theirs = pix2pix(file, { baseWidth: 8 });
      for (const name of names) expect(await values(theirs.weights[name]!)).toEqual(await values(own.weights[name]!));
      theirs.dispose();
    }
    own.dispose();
    const broken = authorsFile(narrow, '');
    (broken.tensors as Map<string, WeightArray>).delete('model.model.0.weight');
    expect(() => pix2pix(broken, { baseWidth: 8 })).toThrow(/1 missing: model\.model\.0\.weight/);
  });

  it('translates a batch like its pictures one by one, unless it goes by batch statistics', async () => {
    const generator = pix2pix(tiny(), { baseWidth: 1 });
    const [a, b] = [0, 1].map((n) => tf.tensor4d(seeded(n + 1, 256 * 256 * 3), [1, 256, 256, 3])) as [tf.Tensor4D, tf.Tensor4D];
    const hole = tf.zeros([2, 256, 256, 1]) as tf.Tensor4D;
    const both = runNetwork(generator.network, generator.weights, tf.concat([a, b], 0), hole).image as tf.Tensor4D;
    expect(both.shape).toEqual([2, 256, 256, 3]);
    const second = await generator.translate(tf.squeeze(b, [0]) as tf.Tensor3D);
    expectClose(await values(tf.slice(both, [1, 0, 0, 0], [1, -1, -1, -1])), await values(second), 1e-5);
    generator.dispose();
  });

  it('translates any size: mirrored up to a multiple of 256, and cut back', async () => {
    const generator = pix2pix(tiny(), { baseWidth: 1 });
    const small = tf.tensor3d(seeded(5, 100 * 70 * 3), [100, 70, 3]);
    const translated = await generator.translate(small);
    expect(translated.shape).toEqual([100, 70, 3]);
    // Border pixels come twice: row 100 is row 99, row 199 is row 0, and row 200 is row 0 once more.
    const down = tf.concat([small, tf.reverse(small, 0), tf.slice(small, [0, 0, 0], [56, 70, 3])], 0);
    const right = tf.reverse(down, 1);
    const whole = tf.concat([down, right, down, tf.slice(right, [0, 0, 0], [256, 46, 3])], 1) as tf.Tensor3D;
    const expected = tf.slice(await generator.translate(whole), [0, 0, 0], [100, 70, 3]);
    expectClose(await values(translated), await values(expected), 1e-6);
    generator.dispose();
  });

  it('translates Pictures: grey becomes colour, depth, alpha and what the file carried are kept', async () => {
    const generator = pix2pix(tiny(), { baseWidth: 1 });
    const grey: Picture = {
      width: 3,
      height: 2,
      channels: 2,
      data: Uint16Array.from([0, 1, 65535, 2, 32768, 3, 100, 4, 200, 5, 300, 6]),
      metadata: { format: 'png', density: 300, grey: true, icc: new Uint8Array(3) },
    };
    const levels = Float32Array.from([0, 65535, 32768, 100, 200, 300], (v) => v / 32767.5 - 1);
    const expected = await values(await generator.translate(tf.tile(tf.tensor3d(levels, [2, 3, 1]), [1, 1, 3]) as tf.Tensor3D));
    const made = await generator.translate(grey);
    expect(made).toMatchObject({ width: 3, height: 2, channels: 4, metadata: { format: 'png', density: 300 } });
    expect(Object.keys(made.metadata!)).toEqual(['format', 'density']);
    expect(made.data).toBeInstanceOf(Uint16Array);
    for (let p = 0; p < 6; p++) {
      expect(made.data[4 * p + 3]).toBe(p + 1);
      for (let c = 0; c < 3; c++) expect(Math.abs(made.data[4 * p + c]! - (expected[3 * p + c]! + 1) * 32767.5)).toBeLessThan(1);
    }
    const colour: Picture = { width: 1, height: 1, channels: 3, data: Uint8Array.from([255, 0, 51]), metadata: { icc: new Uint8Array(3) } };
    const [r, g, b] = await values(await generator.translate(tf.tensor3d([1, -1, 51 / 127.5 - 1], [1, 1, 3])));
    const one = await generator.translate(colour);
    expect(one.metadata!.icc).toBe(colour.metadata!.icc);
    for (const [c, v] of [r!, g!, b!].entries()) expect(Math.abs(one.data[c]! - (v + 1) * 127.5)).toBeLessThanOrEqual(0.51);
    generator.dispose();
  });

  it('fills: reads nothing of the hole but mid grey', async () => {
    const generator = pix2pix(tiny(), { baseWidth: 1 });
    const image = tf.tensor3d(seeded(3, 256 * 256 * 3), [256, 256, 3]);
    const hole = tf.pad(tf.ones([60, 80, 1]), [
      [100, 96],
      [30, 146],
      [0, 0],
    ]) as tf.Tensor3D;
    const filled = await generator.fill({ image, hole, seed: 0 });
    expect(filled.correspondence).toBeUndefined();
    const expected = await generator.translate(tf.mul(image, tf.sub(1, hole)) as tf.Tensor3D);
    expectClose(await values(filled.image), await values(expected), 0);
    const batch = [tf.add(image, tf.mul(hole, 9)), hole].map((t) => tf.expandDims(t, 0)) as [tf.Tensor4D, tf.Tensor4D];
    expectClose(await values(runNetwork(generator.network, generator.weights, ...batch).image!), await values(expected), 0);
    generator.dispose();
  });

  it('drops values in training by its seed, and tells statistics', async () => {
    const generator = pix2pix(tiny(), { baseWidth: 1 });
    const image = tf.tensor4d(seeded(3, 256 * 256 * 3), [1, 256, 256, 3]);
    const hole = tf.zeros([1, 256, 256, 1]) as tf.Tensor4D;
    const told: string[] = [];
    const run = (seed: number) =>
      values(
        runNetwork(generator.network, generator.weights, image, hole, { mode: { training: true, seed, onStatistics: (layer) => told.push(layer) } }).image!,
      );
    const first = await run(1);
    expect(told).toEqual([...[2, 3, 4, 5, 6, 7].map((n) => `down${n}.norm`), ...[8, 7, 6, 5, 4, 3, 2].map((n) => `up${n}.norm`)]);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    generator.dispose();
  });

  it('names what is wrong in its errors, and leaves no tensors behind', async () => {
    expect(() => pix2pix(undefined, { baseWidth: 0 })).toThrow(/pix2pix: baseWidth must be/);
    expect(() => pix2pix(undefined, { normalization: 'group' as 'batch' })).toThrow(/normalization must be 'batch', 'instance' or 'none'/);
    expect(() => pix2pix(undefined, { statistics: 'own' as 'batch' })).toThrow(/pix2pix: statistics must be/);
    const file = tiny();
    const x = tf.tensor3d(seeded(5, 30), [2, 5, 3]);
    const generator = pix2pix(file, { baseWidth: 1 });
    const grey = tf.zeros([2, 5, 1]) as tf.Tensor3D;
    const whole = tf.zeros([2, 5, 3], 'int32') as tf.Tensor3D;
    const empty = tf.zeros([0, 4, 3]) as tf.Tensor3D;
    await expectNoLeak(async () => generator.translate(x));
    await expectNoLeak(async () => {
      await expect(generator.translate(grey)).rejects.toThrow(/pix2pix.translate: image must be HW3/);
      await expect(generator.translate(whole)).rejects.toThrow(/image's dtype must be float32/);
      await expect(generator.translate(empty)).rejects.toThrow(/pix2pix.translate: image must be of at least one pixel, got 0 x 4/);
      await expect(generator.translate('a.png' as unknown as Picture)).rejects.toThrow(/image must be a Picture or a tensor/);
      await expect(generator.translate({ width: 2, height: 2, channels: 3, data: new Uint8Array(3) })).rejects.toThrow(
        /2 x 2 x 3 channels take 12 values, got 3/,
      );
      await expect(generator.translate(x, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    });
    generator.dispose();
    await expectNoLeak(async () => {
      await expect(generator.translate(x)).rejects.toMatchObject({ code: 'weights-missing' });
    });
  });
});

it('a Picture that comes out as NaN is an error', async () => {
  // So large that sums of products are infinite, and the next ones infinity less infinity.
  const data = (size: number) => new Uint8Array(Float32Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 3e38 : -3e38)).buffer);
  const tensors = new Map([...tiny().tensors].map(([name, array]) => [name, { ...array, data: data(array.data.length / 4) }]));
  const generator = pix2pix({ ...tiny(), tensors }, { baseWidth: 1, statistics: 'batch' });
  const picture: Picture = { width: 2, height: 1, channels: 3, data: Uint8Array.from([255, 0, 51, 3, 7, 9]) };
  await expectNoLeak(async () => {
    await expect(generator.translate(picture)).rejects.toMatchObject({ code: 'not-finite', message: expect.stringContaining('pix2pix.translate') });
  });
  generator.dispose();
});

let made: WeightFile | undefined;

/** Weights of the narrowest network, of a seed. */
function tiny(): WeightFile {
  if (made) return made;
  const tensors = new Map<string, WeightArray>();
  for (const [n, [name, { shape }]] of Object.entries(weightsOf(pix2pixNetwork({ baseWidth: 1 }).layers)).entries()) {
    const data = seeded(
      n + 100,
      shape.reduce((a, b) => a * b, 1),
    );
    // Kernels keep the scale of what goes through; variances and scales are about 1.
    const [factor, added] = shape.length === 4 ? [0.3, 0] : /scale|variance/.test(name) ? [0.2, 1] : [0.1, 0];
    tensors.set(name, { shape, dtype: 'float32', data: new Uint8Array(data.map((v) => v * factor + added).buffer) });
  }
  made = { format: 'safetensors', tensors, metadata: new Map() };
  return made;
}
