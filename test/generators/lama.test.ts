import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { Progress } from '../../src/cra/options';
import { ArgumentError, WeightsError } from '../../src/errors';
import type { Generator } from '../../src/generators/generator';
import { lama } from '../../src/generators/lama';
import { lamaNetwork } from '../../src/generators/lama/network';
import { networkGenerator, runNetwork } from '../../src/generators/network';
import type { WeightFile } from '../../src/io/weights/weight-file';
import { initialWeights } from '../../src/layers/initial-weights';
import { countParameters, type Weights, weightsOf } from '../../src/layers/layer';
import type { Picture } from '../../src/picture';
import { expectError } from '../support/errors';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { gradientsOf, statistics } from '../support/gradients';
import { checkpoint, foldedOnnx, lamaBatch, lamaCase, renamed, small, withHalves } from '../support/lama';
import { expectClose, expectNoLeak, values } from '../support/values';

const golden = await readGolden('lama.safetensors');
const smallNetwork = (blocks = 2) => lamaNetwork({ baseWidth: 8, downs: 2, blocks });
const loaded = (file: WeightFile = checkpoint(small)) => networkGenerator(smallNetwork(), file);

/** In the reference's range, [0, 1]. */
const unit = (list: readonly number[]) => list.map((v) => (v + 1) / 2);
const expected = (key: string): Golden => {
  const found = golden.get(key);
  if (!found) throw new Error(`no golden '${key}'`);
  return found;
};
const cases = {
  even: () => lamaBatch('lama_small_a', 'lama_small_b'),
  odd: () => lamaBatch('lama_small_odd'),
};

/** 4 x 4 places of the first picture, and statistics over all, as the reference took them. */
async function expectFeatures(features: tf.Tensor4D, key: string, limit: number): Promise<void> {
  const [, rows, columns, channels] = features.shape;
  const all = await values(features);
  const [s, t] = [Math.floor(rows / 4), Math.floor(columns / 4)];
  const grid: number[] = [];
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 4; j++) for (let c = 0; c < channels; c++) grid.push(all[(((s >> 1) + i * s) * columns + (t >> 1) + j * t) * channels + c]!);
  expectClose(grid, expected(`${key}.grid`).values, limit);
  const [mean, deviation, sum] = statistics(all);
  const [wantedMean, wantedDeviation, wantedSum] = expected(`${key}.stats`).values as Float32Array;
  expect(Math.abs(mean - wantedMean!) / wantedDeviation!).toBeLessThan(1e-5);
  expect(Math.abs(deviation / wantedDeviation! - 1)).toBeLessThan(1e-5);
  expect(Math.abs(sum / wantedSum! - 1)).toBeLessThan(1e-5);
}

describe('lama', () => {
  it('has the parameters of the published networks', () => {
    const big = lama();
    expect([big.parameterCount, big.network.publishedParameters]).toEqual([50_975_875, 50_975_875]);
    const fourier = lama(undefined, { blocks: 9 });
    expect([fourier.parameterCount, fourier.network.publishedParameters]).toEqual([27_048_835, 27_048_835]);
    expect([big.multiple, big.workingSize]).toEqual([8, 512]);
    expect(lama(undefined, { blocks: 3 }).network.publishedParameters).toBeUndefined();
    expect(() => lama(undefined, { blocks: 0 })).toThrow(ArgumentError);
  });

  it.each(['even', 'odd'] as const)('computes what the reference does, module by module: %s', async (name) => {
    const generator = loaded();
    const { image, hole } = cases[name]();
    const modules = ['1', '2', '3', '4', '5', '6', '9', '12'];
    let state: Record<string, tf.Tensor4D> = { image, hole };
    for (const [n, stage] of generator.network.stages.list.entries()) {
      state = stage(state as never, generator.weights) as typeof state;
      const module = `small.${name}.layer.model.${modules[n]}`;
      // The reference has parts of a module, and one tensor once they are joined.
      if (state.global) await expectFeatures(state.global, `${module}.g`, 1e-5);
      if (state.local) await expectFeatures(state.local, golden.has(`${module}.l.grid`) ? `${module}.l` : module, 1e-5);
    }
    expect(state.image!.shape).toEqual(expected(`small.${name}.output`).shape);
    expectClose(unit(await values(state.image!)), expected(`small.${name}.output`).values, 1e-5);
    generator.dispose();
  });

  it('is differentiable: picture and weights', async () => {
    const network = smallNetwork();
    const generator = loaded();
    const { image, hole } = cases.odd();
    const upstream = goldenTensor(golden, 'small.odd.upstream');
    const loss = (x: tf.Tensor4D, weights: Weights) => tf.tidy(() => tf.mul(tf.sum(tf.mul(runNetwork(network, weights, x, hole).image!, upstream)), 0.5));
    const compare = async (actual: tf.Tensor, wanted: Golden, absolute: number) => {
      const all = (await values(actual)).slice(0, wanted.values.length);
      for (const [i, v] of all.entries()) expect(Math.abs(v - wanted.values[i]!)).toBeLessThanOrEqual(1e-4 * absolute);
    };
    // In [0, 1] on both sides, as in [-1, 1] on both.
    const dimage = tf.grad((x) => tf.mul(loss(x as tf.Tensor4D, generator.weights), 2))(image);
    await compare(dimage, expected('small.odd.dimage'), statistics(expected('small.odd.dimage').values)[3]);

    const ours: Record<string, string> = {
      'model.1.ffc.convl2l.weight': 'enter.local_to_local',
      'model.3.ffc.convl2g.weight': 'down2.local_to_global',
      'model.4.conv1.ffc.convg2g.conv1.0.weight': 'block1.conv1.global_to_global.reduce',
      'model.4.conv1.ffc.convg2g.fu.bn.weight': 'block1.conv1.global_to_global.spectrum_norm.scale',
      'model.4.conv1.ffc.convg2g.fu.conv_layer.weight': 'block1.conv1.global_to_global.spectrum',
      'model.5.conv2.bn_g.bias': 'block2.conv2.global_norm.offset',
      'model.5.conv2.ffc.convg2l.weight': 'block2.conv2.global_to_local',
      'model.7.bias': 'up1.bias',
      'model.7.weight': 'up1.weights',
      'model.14.bias': 'last.bias',
      'model.14.weight': 'last.weights',
    };
    expect([...golden.keys()].filter((key) => key.startsWith('small.odd.grad.')).sort()).toEqual(
      Object.keys(ours)
        .map((name) => `small.odd.grad.generator.${name}`)
        .sort(),
    );
    const gradients = gradientsOf((weights) => loss(image, weights), generator.weights, Object.values(ours));
    for (const [theirs, name] of Object.entries(ours)) {
      const laid = gradients[name]!.rank === 4 ? tf.transpose(gradients[name]!, [3, 2, 0, 1]) : gradients[name]!;
      const wanted = expected(`small.odd.gradstats.generator.${theirs}`).values;
      await compare(laid, expected(`small.odd.grad.generator.${theirs}`), wanted[3]!);
      const [, deviation, sum] = statistics(await values(laid));
      expect(Math.abs(deviation / wanted[1]! - 1)).toBeLessThan(1e-4);
      expect(Math.abs(sum / wanted[2]! - 1)).toBeLessThan(1e-4);
    }
    generator.dispose();
  });

  it('in training goes by the statistics of the batch, and tells those of each norm', async () => {
    const generator = loaded();
    const { image, hole } = cases.even();
    const told = new Map<string, [tf.Tensor, tf.Tensor]>();
    const onStatistics = (name: string, mean: tf.Tensor, variance: tf.Tensor) => told.set(name, [tf.keep(tf.clone(mean)), tf.keep(tf.clone(variance))]);
    const { image: y } = runNetwork(generator.network, generator.weights, image, hole, { mode: { training: true, onStatistics } });
    expectClose(unit(await values(y!)), expected('small.even.train.output').values, 5e-5);
    const norms = Object.keys(generator.weights).filter((name) => name.endsWith('.mean'));
    expect([...told.keys()].map((name) => `${name}.mean`).sort()).toEqual(norms.sort());
    const ours: [string, string, number][] = [
      ['enter.local_norm', 'model.1.bn_l', 2 * 40 * 56],
      ['block1.conv1.global_to_global.spectrum_norm', 'model.4.conv1.ffc.convg2g.fu.bn', 2 * 10 * 8],
      ['block2.conv2.global_norm', 'model.5.conv2.bn_g', 2 * 10 * 14],
      ['up1.norm', 'model.8', 2 * 20 * 28],
    ];
    for (const [name, theirs, count] of ours) {
      const [mean, variance] = [await values(told.get(name)![0]), await values(told.get(name)![1])];
      const [oldMean, oldVariance] = [await values(generator.weights[`${name}.mean`]!), await values(generator.weights[`${name}.variance`]!)];
      const step = (old: number[], now: number[]) => old.map((v, i) => 0.9 * v + 0.1 * now[i]!);
      expectClose(step(oldMean, mean), expected(`small.even.train.generator.${theirs}.running_mean`).values, 5e-5);
      const unbiased = variance.map((v) => (v * count) / (count - 1));
      expectClose(step(oldVariance, unbiased), expected(`small.even.train.generator.${theirs}.running_var`).values, 5e-5);
    }
    generator.dispose();
  });

  it("is the authors' whole chain, with the picture mirrored at its far edges", async () => {
    const { height, width, bytes, hole } = lamaCase('lama_predict');
    const [rows, columns] = [56, 80];
    const mirrored = (at: number, size: number) => (at < size ? at : 2 * size - 1 - at);
    const from = Array.from({ length: rows * columns }, (_, n) => mirrored(Math.floor(n / columns), height) * width + mirrored(n % columns, width));
    const image = tf.tensor4d(
      from.flatMap((p) => [0, 1, 2].map((c) => bytes[3 * p + c]! / 127.5 - 1)),
      [1, rows, columns, 3],
    );
    const holes = tf.tensor4d(
      from.map((p) => hole[p]!),
      [1, rows, columns, 1],
    );
    const generator = loaded();
    const y = unit(await values(runNetwork(generator.network, generator.weights, image, holes).image!));
    const wanted = expected('predict.inpainted').values;
    const exact = expected('predict.final_u8').values;
    let off = 0;
    for (let i = 0; i < wanted.length; i++) {
      const p = Math.floor(i / 3);
      const value = hole[p] ? y[(Math.floor(p / width) * columns + (p % width)) * 3 + (i % 3)]! : bytes[i]! / 255;
      expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(1e-5);
      const byte = Math.trunc(Math.fround(Math.fround(value) * 255));
      // The bytes lie channel by channel.
      const theirs = exact[(i % 3) * height * width + p]!;
      expect(Math.abs(byte - theirs)).toBeLessThanOrEqual(1);
      if (byte !== theirs) off++;
    }
    expect(off / wanted.length).toBeLessThan(0.005);
    generator.dispose();
  });

  it('fills as it runs, and frees all', async () => {
    const before = tf.memory().numTensors;
    const generator = loaded();
    const batch = cases.odd();
    const [image, hole] = [tf.squeeze<tf.Tensor3D>(batch.image, [0]), tf.squeeze<tf.Tensor3D>(batch.hole, [0])];
    const fractions: number[] = [];
    await expectNoLeak(async () => {
      const fill = await generator.fill({ image, hole, seed: 0, onProgress: (fraction) => fractions.push(fraction) });
      expect(fill.correspondence).toBeUndefined();
      expectClose(unit(await values(fill.image)), expected('small.odd.output').values, 1e-5);
      return fill.image;
    });
    // Its entrance, two sizes down, two blocks, the joining, two sizes up, and the last.
    expect(fractions).toHaveLength(9);
    expect(fractions.at(-1)).toBe(1);
    const caller = new AbortController();
    await expectNoLeak(async () => {
      await expect(generator.fill({ image, hole, seed: 0, signal: caller.signal, onProgress: () => caller.abort() })).rejects.toMatchObject({
        code: 'aborted',
      });
    });
    generator.dispose();
    tf.dispose([image, hole, batch.image, batch.hole]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('never looks at the hole, and takes pictures of one pixel at its smallest size', async () => {
    const network = smallNetwork();
    const weights = initialWeights(weightsOf(network.layers), 3);
    const { image, hole } = cases.odd();
    const other = tf.tidy(() => tf.add(image, tf.mul(hole, 7)) as tf.Tensor4D);
    const [a, b] = [image, other].map((x) => runNetwork(network, weights, x, hole).image!);
    expect(await values(b!)).toEqual(await values(a!));
    const tiny = runNetwork(network, weights, tf.zeros([1, 4, 8, 3]), tf.ones([1, 4, 8, 1])).image!;
    expect((await values(tiny)).every(Number.isFinite)).toBe(true);
    await expectError(() => runNetwork(network, weights, tf.zeros([1, 6, 8, 3]), tf.zeros([1, 6, 8, 1])), ArgumentError, /multiples of 4, got 6 x 8/);
    tf.dispose([image, hole, other, a!, b!, tiny, weights as unknown as tf.TensorContainer]);
  });
});

describe('weights of lama', () => {
  const filledBy = async (file: WeightFile, options = {}) => {
    const generator = networkGenerator(smallNetwork(), file, options);
    const { image, hole } = cases.odd();
    const y = tf.tidy(() => runNetwork(generator.network, generator.weights, image, hole).image!);
    const list = unit(await values(y));
    tf.dispose([image, hole, y]);
    generator.dispose();
    return list;
  };
  const wanted = expected('small.odd.output').values;

  it('go by what stands before the names, and beside a checkpoint there may be a trainer', async () => {
    const file = checkpoint(small);
    const more = new Map([
      ...file.tensors,
      ['generator.model.1.bn_l.num_batches_tracked', { shape: [], dtype: 'int64' as const, data: new Uint8Array(8) }],
      ['val_evaluator.scores.lpips.weight', { shape: [1], dtype: 'float32' as const, data: new Uint8Array(4) }],
      ['discriminator.model0.0.weight', { shape: [1], dtype: 'float32' as const, data: new Uint8Array(4) }],
      ['loss_resnet_pl.impl.conv1.weight', { shape: [1], dtype: 'float32' as const, data: new Uint8Array(4) }],
    ]);
    expectClose(await filledBy({ ...file, tensors: more }), wanted, 1e-5);
    expectClose(await filledBy(renamed(file, (name) => `model.${name}`)), wanted, 1e-5);
    expectClose(await filledBy(renamed(file, (name) => name.replace(/^generator\./, ''))), wanted, 1e-5);
  });

  it('may be an ONNX file with norms folded in and convolutions without names', async () => {
    expectClose(await filledBy(foldedOnnx(checkpoint(small), 2, 2)), wanted, 1e-5);
    // Out of order in the file: the numbers count.
    const file = foldedOnnx(checkpoint(small), 2, 2);
    expectClose(await filledBy({ ...file, tensors: new Map([...file.tensors].reverse()) }), wanted, 1e-5);
    const short = new Map([...file.tensors].filter(([name]) => name !== 'onnx::Conv_100'));
    await expectError(() => filledBy({ ...file, tensors: short }), WeightsError, /lama: these are not its weights .* missing: /);
  });

  it('may be of half precision, in the file or in memory', async () => {
    const close = (list: number[]) => expectClose(list, wanted, 0.02);
    close(await filledBy(checkpoint(small), { precision: 'float16' }));
    close(await filledBy(withHalves(checkpoint(small))));
  });

  it('tell how many blocks there are', async () => {
    for (const blocks of [1, 3]) {
      const file = checkpoint({ ...small, shapes: { ngf: 2, downs: 3, blocks } });
      // Of too few channels for the published network: what is said tells the blocks that it was read by.
      const last = `generator.model.${4 + blocks + 12}.weight is [3, 2, 7, 7], not [7, 7, 64, 3]`;
      await expectError(() => lama(file), WeightsError, /lama: .*wrongly shaped/);
      const error = await Promise.resolve()
        .then(() => lama(file))
        .catch((thrown: WeightsError) => thrown);
      expect(((error as WeightsError).actual as { misshapen: string[] }).misshapen).toContain(last);
      expect(((error as WeightsError).actual as { missing: string[] }).missing).toEqual([]);
    }
    const own = new Map(
      Object.entries(weightsOf(lamaNetwork({ blocks: 2 }).layers)).map(([name]) => [name, { shape: [1], dtype: 'float32' as const, data: new Uint8Array(4) }]),
    );
    const error = await Promise.resolve()
      .then(() => lama({ format: 'safetensors', tensors: own, metadata: new Map() }))
      .catch((thrown: WeightsError) => thrown);
    expect(((error as WeightsError).actual as { missing: string[] }).missing).toEqual([]);
    await expectError(() => lama(Promise.resolve() as unknown as WeightFile), ArgumentError, /lama: weights must be a file that was read by readWeights/);
  });

  it('of another network are refused, and leave nothing behind', async () => {
    const before = tf.memory().numTensors;
    const regular = new Map([['generator.model.1.weight', { shape: [64, 4, 7, 7], dtype: 'float32' as const, data: new Uint8Array(4 * 64 * 4 * 49) }]]);
    await expectError(() => lama({ format: 'safetensors', tensors: regular, metadata: new Map() }), WeightsError, /lama: these are not its weights/);
    expect(tf.memory().numTensors).toBe(before);
    expect(countParameters(weightsOf(smallNetwork().layers))).toBeLessThan(100_000);
  });
});

// Slow where the working size is computed on one core or by a software driver.
describe.skipIf(!['wasm', 'tensorflow'].includes(tf.getBackend()))('inpaint() with lama (4K takes minutes on cpu and on software WebGPU)', () => {
  /** A photo with a disc to be filled, a twelfth of its height across. */
  function photoOf(width: number, height: number): { photo: Picture; mask: Picture } {
    const data = new Uint8Array(3 * width * height);
    for (let i = 0; i < data.length; i++) data[i] = (i * 7 + (i >> 9)) % 251;
    const marked = new Uint8Array(width * height);
    for (let p = 0; p < marked.length; p++) marked[p] = Math.hypot((p % width) - width / 2, Math.floor(p / width) - height / 2) < height / 24 ? 255 : 0;
    return { photo: { width, height, channels: 3, data }, mask: { width, height, channels: 1, data: marked } };
  }

  async function peakOf(width: number, height: number, generator: Generator): Promise<number> {
    const { photo, mask } = photoOf(width, height);
    let most = 0;
    const onProgress = () => {
      most = Math.max(most, tf.memory().numBytes);
    };
    const watching: Generator = { ...generator, fill: (request) => generator.fill({ ...request, onProgress }) };
    const before = tf.memory();
    const result = await inpaint(photo, mask, { generator: watching, workingSize: 128, thin: 0 });
    expect(tf.memory().numTensors).toBe(before.numTensors);
    const middle = 3 * ((height >> 1) * width + (width >> 1));
    expect(result.data.subarray(middle, middle + 3)).not.toEqual(photo.data.subarray(middle, middle + 3));
    expect(result.data.subarray(0, 3 * width)).toEqual(photo.data.subarray(0, 3 * width));
    return most - before.numBytes;
  }

  it('holds no more tensors for a photo of 4K than for a small one, and none after', async () => {
    const generator = loaded();
    const small = await peakOf(960, 540, generator);
    expect(small).toBeGreaterThan(1e5);
    expect(await peakOf(3840, 2160, generator)).toBeLessThan(1.2 * small);
    generator.dispose();
  });

  it('ends where the caller aborts, or disposes of the weights', async () => {
    const { photo, mask } = photoOf(960, 540);
    const before = tf.memory().numTensors;
    const caller = new AbortController();
    const aborting = loaded();
    const stop = (f: () => void) => ({ onProgress: ({ stage, done, total }: Progress) => void (stage === 'fill' && done < total && f()) });
    const filling = inpaint(photo, mask, { generator: aborting, workingSize: 128, thin: 0, signal: caller.signal, ...stop(() => caller.abort()) });
    await expect(filling).rejects.toMatchObject({ code: 'aborted' });
    const disposed = inpaint(photo, mask, { generator: aborting, workingSize: 128, thin: 0, ...stop(() => aborting.dispose()) });
    await expect(disposed).rejects.toMatchObject({ code: 'weights-missing' });
    expect(tf.memory().numTensors).toBe(before);
  });
});
