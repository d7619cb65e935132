import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hifill } from '../../src/generators/hifill';
import { coarseRows, decoderRows, encoderRows } from '../../src/generators/hifill/layers';
import { hifillNetwork } from '../../src/generators/hifill/network';
import { runNetwork } from '../../src/generators/network/network';
import { GatedConv2d } from '../../src/layers/gated-conv2d';
import { initialWeights } from '../../src/layers/initial-weights';
import { countParameters, weightsOf } from '../../src/layers/layer';
import smallGolden from '../golden/hifill_small.json';
import { type Golden, readGolden } from '../support/golden';
import { smallInput } from '../support/hifill';
import { proceduralCase, proceduralWeights } from '../support/procedural-weights';
import { expectClose, expectNoLeak, seeded, tolerance, values } from '../support/values';

const backend = tf.getBackend();
const isFast = backend === 'tensorflow' || backend === 'wasm';

interface Recorded {
  input: tf.Tensor4D;
  output: tf.Tensor4D;
}

/** Runs `f` with what each gated layer was given and gave recorded by its name. */
function recording<T>(f: () => T): { result: T; layers: Map<string, Recorded> } {
  const layers = new Map<string, Recorded>();
  const { apply } = GatedConv2d.prototype;
  GatedConv2d.prototype.apply = function (this: GatedConv2d, ...args: Parameters<typeof apply>) {
    const y = apply.apply(this, args);
    layers.set(this.name, { input: tf.keep(tf.clone(args[0] as tf.Tensor4D)), output: tf.keep(tf.clone(y as tf.Tensor4D)) });
    return y;
  } as typeof apply;
  try {
    return { result: f(), layers };
  } finally {
    GatedConv2d.prototype.apply = apply;
  }
}

/** Every step-th row and column from an offset on, at most `count` of them, of a batch of one. */
function sampled(x: tf.Tensor4D, step: number, from = 0, count = Number.POSITIVE_INFINITY): tf.Tensor {
  const places = (size: number) => Array.from({ length: Math.min(count, Math.ceil((size - from) / step)) }, (_, i) => from + i * step);
  return tf.gather(tf.gather(x, tf.tensor1d(places(x.shape[1]), 'int32'), 1), tf.tensor1d(places(x.shape[2]), 'int32'), 2);
}

/** The 4 x 4 positions that the golden file keeps of a map. */
const grid = (x: tf.Tensor4D) => {
  const step = Math.floor(x.shape[1] / 4);
  return sampled(x, step, Math.floor(step / 2), 4);
};

const largest = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => Math.max(a, Math.abs(b)), 0);

/** Expects every value within `limit`, absolutely. */
function expectWithin(actual: ArrayLike<number>, expected: ArrayLike<number>, limit: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= limit)) expect.fail(`value ${i}: expected ${expected[i]}, got ${actual[i]}, allowed ${limit}`);
  }
}

describe.skipIf(!isFast)("hifill at 512 against the authors' graph (36 GMAC are for the two faster backends; the others are compared at a small size)", () => {
  let golden: Map<string, Golden>;
  let layers: Map<string, Recorded>;
  let result: Record<string, tf.Tensor4D>;
  const of = (key: string) => golden.get(key)!.values;

  beforeAll(async () => {
    golden = await readGolden('cra_generator.safetensors');
    const { image, hole } = proceduralCase('cra_generator');
    const generator = hifill(proceduralWeights('cra_generator'));
    expect(generator.colourOrder).toBe('bgr');
    const x = tf.tensor4d(image, [1, 512, 512, 3]);
    const mask = tf.tensor4d(hole, [1, 512, 512, 1]);
    const run = recording(() => runNetwork(generator.network, generator.weights, x, mask));
    layers = run.layers;
    result = run.result as typeof result;
    generator.dispose();
  });

  it('golden: the coarse fill', async () => {
    // Enlarged by legacy bilinear resizing, every other pixel is the 256 x 256 picture's own.
    const coarse = sampled(result.coarse!, 2) as tf.Tensor4D;
    expectWithin(await values(sampled(coarse, 4)), of('x1.stride4'), 2e-4);
    expectWithin(await values(tf.slice(coarse, [0, 0, 0, 0], [1, 8, 8, 3])), of('x1.top_left'), 2e-4);
    expectWithin(await values(tf.slice(coarse, [0, 248, 248, 0], [1, 8, 8, 3])), of('x1.bottom_right'), 2e-4);
  });

  it('golden: the refined fill', async () => {
    const refined = result.image!;
    expectWithin(await values(sampled(refined, 2)), of('x2.stride2'), 1e-4);
    expectWithin(await values(tf.slice(refined, [0, 0, 0, 0], [1, 16, 16, 3])), of('x2.top_left'), 1e-4);
    expectWithin(await values(tf.slice(refined, [0, 496, 496, 0], [1, 16, 16, 3])), of('x2.bottom_right'), 1e-4);
    const [top, left] = of('x2.hole_crop_yx');
    expectWithin(await values(tf.slice(refined, [0, top!, left!, 0], [1, 48, 48, 3])), of('x2.hole_crop'), 1e-4);
  });

  for (const { name, tensorflow } of [...coarseRows, ...encoderRows, ...decoderRows]) {
    it(`golden: layer ${name}`, async () => {
      const { output } = layers.get(name)!;
      const key = `layer.${tensorflow.split('/').pop()}`;
      const [mean, deviation, sum, least, most] = of(`${key}.stats`);
      expectWithin(await values(grid(output)), of(`${key}.grid`), 1e-4 * Math.max(-least!, most!));
      const all = await output.data();
      let [total, square, absolute] = [0, 0, 0];
      for (const v of all) {
        total += v;
        square += v * v;
        absolute += Math.abs(v);
      }
      const found = total / all.length;
      expectWithin([found, Math.sqrt(square / all.length - found * found)], [mean!, deviation!], 2e-4 * deviation!);
      expectWithin([absolute], [sum!], 2e-4 * sum!);
    });
  }

  for (const size of [128, 256]) {
    it(`golden: attention transfer at ${size}`, async () => {
      const transferred = layers.get(`refine.transferred_${size}_1`)!.input;
      const key = `transfer.re_de_att_${size}`;
      const limit = 1e-4 * largest(of(`${key}.stats`).slice(3));
      expectWithin(await values(grid(transferred)), of(`${key}.grid`), limit);
      expectWithin(await values(tf.slice(transferred, [0, 0, 0, 0], [1, 10, 10, 8])), of(`${key}.corner`), limit);
      expectWithin(await values(tf.slice(transferred, [0, size - 10, size - 10, 0], [1, 10, 10, 8])), of(`${key}.corner_end`), limit);
    });
  }

  it('golden: the attention', async () => {
    const scores = tf.reshape(result.scores!, [1024, 1024]);
    const rows = tf.gather(scores, tf.tensor1d(Int32Array.from(of('attention.rows')), 'int32'));
    expectWithin(await values(rows), of('attention.match_rows'), 1e-5);
    expectWithin(await values(tf.max(scores, 1)), of('attention.row_max'), 1e-5);
    expectWithin(await values(tf.sum(scores, 1)), of('attention.row_sums'), 2e-5);
    const best = await values(tf.argMax(scores, 1));
    const gaps = of('attention.argmax_gap');
    expect(best.filter((b, q) => gaps[q]! > 1e-5 && b !== of('attention.argmax')[q])).toEqual([]);
    const used = await values(tf.greater(tf.max(scores, 0), 0));
    expect(used).toEqual(Array.from(of('attention.valid_patches')));
    const features = layers.get('refine.dilated_16')!.output;
    expectWithin(await values(sampled(features, 4)), of('attention.input_stride4'), 1e-4 * largest(of('attention.input_stats').slice(3)));
    const pasted = layers.get('refine.attended_64')!.input;
    const limit = 1e-4 * largest(of('attention.out_stats').slice(3));
    expectWithin(await values(sampled(pasted, 4)), of('attention.out_stride4'), limit);
    expectWithin(await values(sampled(pasted, 8, 1)), of('attention.out_odd'), limit);
  });
});

describe('hifill', () => {
  it('golden: at a small, not square size, as on tensorflow', async () => {
    const generator = hifill(proceduralWeights('cra_generator'));
    const { image, hole } = smallInput();
    const state = runNetwork(generator.network, generator.weights, image, hole);
    expect(state.scores!.shape).toEqual([1, 2, 3, 6]);
    expectWithin(await values(state.coarse!), smallGolden.coarse, 2e-4);
    expectWithin(await values(state.image!), smallGolden.image, 2e-4);
    expectWithin(await values(state.scores!), smallGolden.scores, 1e-5);
    generator.dispose();
  });

  it('has the published number of parameters', () => {
    const network = hifillNetwork();
    expect(countParameters(weightsOf(network.layers))).toBe(2_722_791);
    expect(network.publishedParameters).toBe(2_722_791);
    expect(countParameters(weightsOf(hifillNetwork('depth-separable').layers))).toBe(2_722_791 + depthwiseWeights());
    expect(hifill().parameterCount).toBe(2_722_791);
  });

  it('turns the channels for weights that were trained on BGR, and hands over its attention', async () => {
    const generator = hifill(proceduralWeights('cra_generator'));
    const { image, hole } = smallInput();
    const rgb = tf.reverse(tf.squeeze<tf.Tensor3D>(image, [0]), 2);
    const fill = await generator.fill({ image: rgb, hole: tf.squeeze<tf.Tensor3D>(hole, [0]), seed: 0 });
    expectWithin(await values(tf.reverse(fill.image, 2)), smallGolden.image, 2e-4);
    expect(fill.correspondence).toMatchObject({ kind: 'soft-attention' });
    generator.dispose();
  });

  it.skipIf(backend === 'webgpu')('reads nothing of what the hole holds (the drivers of WebGPU here take seconds for each fill)', async () => {
    const generator = hifill(proceduralWeights('cra_generator'));
    const { image, hole } = smallInput();
    const other = tf.add(image, tf.mul(hole, 0.7)) as tf.Tensor4D;
    expect(await values(runNetwork(generator.network, generator.weights, other, hole).image!)).toEqual(
      await values(runNetwork(generator.network, generator.weights, image, hole).image!),
    );
    generator.dispose();
  });

  it('loads weights in half precision, in half the memory, and nearly to the same fill', async () => {
    const before = tf.memory().numBytes;
    const generator = hifill(proceduralWeights('cra_generator'), { precision: 'float16' });
    expect(tf.memory().numBytes - before).toBeLessThan(2 * 2_722_791 + 1000);
    const { image, hole } = smallInput();
    const input = { image: tf.squeeze<tf.Tensor3D>(tf.reverse(image, 3), [0]), hole: tf.squeeze<tf.Tensor3D>(hole, [0]), seed: 0 };
    let filled: number[] = [];
    await expectNoLeak(async () => {
      const fill = await generator.fill(input);
      filled = await values(fill.image);
      return [fill.image, (fill.correspondence as { scores: tf.Tensor }).scores];
    });
    const exact = await values(tf.reverse(tf.tensor3d(smallGolden.image, [32, 48, 3]), 2));
    const differences = filled.map((v, i) => Math.abs(v - exact[i]!));
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(5e-3);
    generator.dispose();
    tf.dispose([input.image, input.hole, image, hole]);
  });

  it.skipIf(!isFast)('fills a batch as it fills each (for the two faster backends)', async () => {
    const network = hifillNetwork();
    const weights = initialWeights(weightsOf(network.layers), 3);
    const images = tf.tensor4d(seeded(5, 2 * 32 * 48 * 3), [2, 32, 48, 3]);
    const holes = tf.cast(tf.greater(tf.tensor4d(seeded(6, 2 * 32 * 48), [2, 32, 48, 1]), 0.6), 'float32') as tf.Tensor4D;
    const scaled = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, tf.mul(w, 2)]));
    const both = await values(runNetwork(network, scaled, images, holes).image!);
    const each: number[] = [];
    for (const n of [0, 1]) {
      const one = (x: tf.Tensor4D) => tf.slice(x, [n, 0, 0, 0], [1, -1, -1, -1]);
      each.push(...(await values(runNetwork(network, scaled, one(images), one(holes)).image!)));
    }
    expect(largest(each)).toBeGreaterThan(1e-3);
    expectClose(both, each, tolerance.matmul);
  });

  it.skipIf(backend !== 'tensorflow')('has a gradient for every weight, with both kinds of gates (where training is done)', async () => {
    for (const gates of ['pixelwise', 'depth-separable'] as const) {
      const network = hifillNetwork(gates);
      const weights = initialWeights(
        Object.fromEntries(
          Object.entries(weightsOf(network.layers)).map(([name, w]) => [name, { ...w, initializer: { kind: 'normal' as const, deviation: 0.15 } }]),
        ),
        1,
      );
      const names = Object.keys(weights);
      const images = tf.tensor4d(seeded(5, 32 * 48 * 3), [1, 32, 48, 3]);
      const { hole } = smallInput();
      const gradients = tf.grads((...given: tf.Tensor[]) => {
        const { image, coarse } = runNetwork(network, Object.fromEntries(names.map((name, i) => [name, given[i]!])), images, hole);
        return tf.add(tf.sum(tf.square(image!)), tf.sum(tf.square(coarse!)));
      })(names.map((name) => weights[name]!));
      for (const [i, gradient] of gradients.entries()) {
        const size = largest(await values(gradient));
        expect(size, names[i]).toBeGreaterThan(0);
        expect(Number.isFinite(size), names[i]).toBe(true);
      }
    }
  });

  it('errors: typed, and named', async () => {
    const generator = hifill(proceduralWeights('cra_generator'));
    const picture = (height: number, width: number, channels: number) => tf.zeros<tf.Rank.R3>([height, width, channels]);
    await expect(generator.fill({ image: picture(24, 32, 3), hole: picture(24, 32, 1), seed: 0 })).rejects.toThrow(
      /hifill: image must be .* multiples of 16, got 24 x 32/,
    );
    await expect(generator.fill({ image: picture(32, 32, 3), hole: picture(32, 16, 1), seed: 0 })).rejects.toThrow(/hifill: hole must be/);
    expect(() => hifill(undefined, { refinementGate: 'none' as 'pixelwise' })).toThrow(/refinementGate/);
    generator.dispose();
  });
});

/** The weights that a depth-separable gate has over a pixel-wise one. */
function depthwiseWeights(): number {
  return [...encoderRows, ...decoderRows].reduce((sum, { options }) => sum + options.size ** 2 * options.input, 0);
}
