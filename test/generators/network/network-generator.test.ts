import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { AbortError, ArgumentError, ShapeError, WeightsError } from '../../../src/errors';
import type { FillRequest } from '../../../src/generators/generator';
import { type FillNetwork, type NetworkGenerator, networkGenerator, networkStages, runNetwork } from '../../../src/generators/network';
import { runStage } from '../../../src/generators/network/stages';
import type { WeightFile } from '../../../src/io/weights/weight-file';
import { Conv2d } from '../../../src/layers/conv2d';
import { expectClose, expectNoLeak, seeded, tolerance, values } from '../../support/values';

const first = new Conv2d('first', { input: 4, output: 5, size: 3 });
const second = new Conv2d('second', { input: 5, output: 3, size: 1 });

const start = networkStages(({ image, hole }, weights) => ({ features: first.apply(tf.concat([image, hole], 3), weights) }));
/** Two convolutions in two stages, with a sketch where there is one added to the first's input. */
const tiny: FillNetwork = {
  name: 'tiny',
  multiple: 2,
  workingSize: 64,
  takesSketch: false,
  layers: [first, second],
  origins: [{ name: 'the others', colourOrder: 'bgr', nameOf: (weight) => `net/${weight.replace('.', '/')}`, ignored: /^step$/ }],
  stages: start.next(({ features }, weights) => ({ image: second.apply(features, weights), features })),
};
const COUNT = 3 * 3 * 4 * 5 + 5 + 5 * 3 + 3;

type Arrays = Record<string, { shape: number[]; values: Float32Array }>;

/** Seeded weights by our names, in our layout. */
const seededWeights = (seed: number): Arrays => ({
  'first.weights': { shape: [3, 3, 4, 5], values: seeded(seed, 180) },
  'first.bias': { shape: [5], values: seeded(seed + 1, 5) },
  'second.weights': { shape: [1, 1, 5, 3], values: seeded(seed + 2, 15) },
  'second.bias': { shape: [3], values: seeded(seed + 3, 3) },
});

/** The same kernels as [output, input, height, width]. */
const outputFirst = (arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => {
      if (shape.length !== 4) return [name, { shape, values }];
      const [height, width, input, output] = shape as [number, number, number, number];
      const turned = new Float32Array(values.length);
      for (let p = 0; p < height * width; p++)
        for (let i = 0; i < input; i++) for (let o = 0; o < output; o++) turned[(o * input + i) * height * width + p] = values[(p * input + i) * output + o]!;
      return [name, { shape: [output, input, height, width], values: turned }];
    }),
  );

const renamed = (arrays: Arrays, nameOf: (name: string) => string): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [nameOf(name), array]));

const fileOf = (arrays: Arrays, metadata: [string, string][] = []): WeightFile => ({
  format: 'safetensors',
  tensors: new Map(
    Object.entries(arrays).map(([name, { shape, values }]) => [
      name,
      { shape, dtype: 'float32' as const, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) },
    ]),
  ),
  metadata: new Map(metadata),
});

const [HEIGHT, WIDTH] = [6, 8];
const colours = seeded(50, HEIGHT * WIDTH * 3);
const marks = Float32Array.from(seeded(51, HEIGHT * WIDTH), (v) => (v > 0.5 ? 1 : 0));

/** What the network computes, by loops, on channels in the given order. */
function naive(arrays: Arrays, order = [0, 1, 2]): Float32Array {
  const of = (name: string) => arrays[name]!.values;
  const out = new Float32Array(HEIGHT * WIDTH * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const features = Array.from({ length: 5 }, (_, o) => of('first.bias')[o]!);
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (y + dy < 0 || y + dy >= HEIGHT || x + dx < 0 || x + dx >= WIDTH) continue;
          const p = (y + dy) * WIDTH + x + dx;
          const input = [...order.map((c) => colours[3 * p + c]!), marks[p]!];
          for (let i = 0; i < 4; i++) for (let o = 0; o < 5; o++) features[o]! += input[i]! * of('first.weights')[((3 * dy + dx + 4) * 4 + i) * 5 + o]!;
        }
      }
      for (let c = 0; c < 3; c++) {
        let sum = of('second.bias')[c]!;
        for (let i = 0; i < 5; i++) sum += features[i]! * of('second.weights')[3 * i + c]!;
        out[3 * (y * WIDTH + x) + order[c]!] = sum;
      }
    }
  }
  return out;
}

/** Calls `f` with a picture and a hole, which are freed afterwards. */
async function withRequest<T>(f: (request: FillRequest) => Promise<T>): Promise<T> {
  const image = tf.tensor3d(colours, [HEIGHT, WIDTH, 3]);
  const hole = tf.tensor3d(marks, [HEIGHT, WIDTH, 1]);
  try {
    return await f({ image, hole, seed: 0 });
  } finally {
    expect(image.isDisposed || hole.isDisposed).toBe(false);
    tf.dispose([image, hole]);
  }
}

const filledBy = (generator: NetworkGenerator, more: Partial<FillRequest> = {}) =>
  withRequest(async (request) => {
    const { image } = await generator.fill({ ...request, ...more });
    const filled = await values(image);
    image.dispose();
    return filled;
  });

describe('loading', () => {
  const arrays = seededWeights(1);
  const theirs = (name: string) => `net/${name.replace('.', '/')}`;
  const cases: [string, WeightFile, number[]?][] = [
    ['our own names and layout', fileOf(arrays)],
    ['our own names, output first', fileOf(outputFirst(arrays))],
    ["others' names and layout, whose channels are blue first", fileOf(outputFirst(renamed(arrays, theirs))), [2, 1, 0]],
    ["others' names, and what may be left over", fileOf({ ...renamed(arrays, theirs), step: { shape: [1], values: new Float32Array(1) } }), [2, 1, 0]],
    ['our own names after a common prefix', fileOf(outputFirst(renamed(arrays, (name) => `module.${name}`)))],
    [
      "others' names, and what may be left over, after a common prefix",
      fileOf(renamed({ ...renamed(arrays, theirs), step: { shape: [1], values: new Float32Array(1) } }, (name) => `model/${name}`)),
      [2, 1, 0],
    ],
    ['our own names, told to be blue first', fileOf(arrays, [['colour_order', 'bgr']]), [2, 1, 0]],
    ["others' names, told to be red first", fileOf(renamed(arrays, theirs), [['colour_order', 'rgb']])],
  ];
  it.each(cases)('%s: fills as loops do', async (_, file, order) => {
    await expectNoLeak(async () => {
      const generator = networkGenerator(tiny, file);
      expect(generator.colourOrder).toBe(order ? 'bgr' : 'rgb');
      expectClose(await filledBy(generator), naive(arrays, order), tolerance.matmul);
      generator.dispose();
    });
  });

  it('the channel order matters to these weights', () => {
    const difference = naive(arrays).map((v, i) => Math.abs(v - naive(arrays, [2, 1, 0])[i]!));
    expect(Math.max(...difference)).toBeGreaterThan(0.5);
  });

  it('parameters, names and the network are told', () => {
    const generator = networkGenerator(tiny, fileOf(arrays));
    expect(generator).toMatchObject({ name: 'tiny', multiple: 2, workingSize: 64, parameterCount: COUNT, network: tiny });
    expect(Object.keys(generator.weights).sort()).toEqual(Object.keys(arrays).sort());
    generator.dispose();
  });

  it('the same network runs on a batch with its weights', async () => {
    await expectNoLeak(async () => {
      const generator = networkGenerator(tiny, fileOf(arrays));
      const batch = tf.tensor4d(Float32Array.of(...colours.map((v) => -v), ...colours), [2, HEIGHT, WIDTH, 3]);
      const holes = tf.tensor4d(Float32Array.of(...marks, ...marks), [2, HEIGHT, WIDTH, 1]);
      const state = runNetwork(tiny, generator.weights, batch, holes);
      expectClose((await values(state.image!)).slice(colours.length), naive(arrays), tolerance.matmul);
      tf.dispose([batch, holes, ...Object.values(state)]);
      generator.dispose();
    });
  });
});

describe('weights that are not the network’s', () => {
  const mismatch = (file: WeightFile): WeightsError => {
    const before = tf.memory().numTensors;
    try {
      networkGenerator(tiny, file).dispose();
    } catch (error) {
      expect(tf.memory().numTensors).toBe(before);
      expect(error).toBeInstanceOf(WeightsError);
      return error as WeightsError;
    }
    throw new Error('they were taken');
  };
  const { 'first.bias': bias, ...others } = seededWeights(1);

  it('lists what is missing, misshapen and unknown, by the names of the file', () => {
    const arrays = { ...others, 'second.weights': { shape: [1, 1, 3, 4], values: seeded(1, 12) }, extra: bias! };
    const error = mismatch(fileOf(arrays));
    expect(error.code).toBe('weights-mismatch');
    expect(error.actual).toEqual({ missing: ['first.bias'], misshapen: ['second.weights is [1, 1, 3, 4], not [1, 1, 5, 3]'], surplus: ['extra'] });
    expect(error.expected).toMatchObject({ 'first.bias': [5], 'second.weights': [1, 1, 5, 3] });
    for (const part of ['tiny', "cra-inpaint's", '1 missing: first.bias', 'second.weights is [1, 1, 3, 4]', '1 unknown: extra'])
      expect(error.message).toContain(part);
  });
  it('names them as their origin does', () => {
    const error = mismatch(fileOf(renamed(others, (name) => `net/${name.replace('.', '/')}`)));
    expect(error.message).toContain("the others's");
    expect(error.actual).toMatchObject({ missing: ['net/first/bias'], misshapen: [], surplus: [] });
    const prefixed = mismatch(fileOf(renamed(others, (name) => `module.${name}`)));
    expect(prefixed.actual).toMatchObject({ missing: ['module.first.bias'], misshapen: [], surplus: [] });
  });
  it('of a file of hundreds only the first few are printed, all are in the error', () => {
    const arrays = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`layer${i}`, bias!]));
    const error = mismatch(fileOf(arrays));
    expect(error.message.length).toBeLessThan(1000);
    expect((error.actual as { surplus: string[] }).surplus).toHaveLength(300);
  });
  it('strange names and shapes are cut short and quoted in the message', () => {
    const arrays = {
      ...others,
      'second.weights': { shape: Array(1e6).fill(1) as number[], values: seeded(1, 1) },
      [`${'x'.repeat(1e6)}`]: bias!,
      '\u001b[31m\n': bias!,
    };
    const error = mismatch(fileOf(arrays));
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).toContain('"\\u001b[31m\\n"');
    expect(error.message).toContain('second.weights is [1, 1, 1, 1, 1, 1, 1, 1, ...], not [1, 1, 5, 3]');
    expect(error.actual).toMatchObject({ surplus: ['x'.repeat(1e6), '\u001b[31m\n'] });
  });
  it.each([Promise.resolve(), 'hifill.pb', null])('what is no file of weights is refused: %s', (file) => {
    const generator = networkGenerator(tiny);
    const load = () => generator.load(file as unknown as WeightFile);
    expect(load).toThrow(ArgumentError);
    expect(load).toThrow('tiny: weights must be a file that was read by readWeights, and awaited, got [object');
  });
  it.each(['float32', 'float16'] as const)('NaN and infinity are refused: %s', (precision) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const arrays = seededWeights(1);
      arrays['second.weights']!.values[14] = value;
      const before = tf.memory().numTensors;
      const load = () => networkGenerator(tiny, fileOf(arrays), { precision });
      expect(load).toThrow('tiny: the weight second.weights holds NaN or infinity');
      expect(load).toThrow(expect.objectContaining({ code: 'weights-damaged', actual: 'second.weights' }));
      expect(tf.memory().numTensors).toBe(before);
    }
  });
  it('a precision that is none is refused', () => {
    expect(() => networkGenerator(tiny, undefined, { precision: 'float64' as 'float32' })).toThrow(
      /tiny: precision must be 'float32' or 'float16', got float64/,
    );
  });
  it('a graph may hold other constants', () => {
    const file = { ...fileOf({ ...seededWeights(1), axes: bias! }), format: 'tensorflow-graph' as const };
    networkGenerator(tiny, file).dispose();
    expect(mismatch({ ...fileOf({ ...others, axes: bias! }), format: 'onnx' }).actual).toMatchObject({ missing: ['first.bias'], surplus: [] });
  });
  it('names that every object has are names like others', () => {
    expect(mismatch(fileOf(Object.assign(Object.create(null), { constructor: bias, toString: bias }))).actual).toMatchObject({
      surplus: ['constructor', 'toString'],
    });
  });
});

describe('memory', () => {
  it('dispose frees all, twice is no harm, and a fill fails after it', async () => {
    const before = tf.memory();
    const generator = networkGenerator(tiny, fileOf(seededWeights(1)));
    expect(tf.memory().numTensors - before.numTensors).toBe(4);
    expect(tf.memory().numBytes - before.numBytes).toBe(4 * COUNT);
    await filledBy(generator);
    expect(tf.memory().numTensors - before.numTensors).toBe(4);
    generator.dispose();
    generator.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    await withRequest((request) => expect(generator.fill(request)).rejects.toMatchObject({ name: 'WeightsError', code: 'weights-missing' }));
    expect(() => generator.weights).toThrow(WeightsError);
    expect(tf.memory().numTensors).toBe(before.numTensors);
  });
  it('half precision takes half the memory, for about three digits', async () => {
    await expectNoLeak(async () => {
      const before = tf.memory();
      const generator = networkGenerator(tiny, fileOf(seededWeights(1)), { precision: 'float16' });
      const odd = Object.values(seededWeights(1)).filter(({ values }) => values.length % 2 === 1).length;
      expect(tf.memory().numBytes - before.numBytes).toBe(2 * COUNT + 2 * odd);
      const filled = await filledBy(generator);
      const exact = naive(seededWeights(1));
      expectClose(filled, exact, 2e-3);
      expect(Math.max(...filled.map((v, i) => Math.abs(v - exact[i]!)))).toBeGreaterThan(1e-5);
      expect(tf.memory().numTensors - before.numTensors).toBe(4);
      generator.dispose();
    });
  });
  it('half precision keeps a weight that is beyond its range as it is', async () => {
    await expectNoLeak(async () => {
      const arrays = seededWeights(1);
      arrays['first.bias']!.values.set([70000, -65520, 1, 2, 3]);
      const before = tf.memory().numBytes;
      const generator = networkGenerator(tiny, fileOf(arrays), { precision: 'float16' });
      const looked = generator.weights['first.bias']!;
      expect(await values(looked)).toEqual([70000, -65520, 1, 2, 3]);
      looked.dispose();
      expect(tf.memory().numBytes - before).toBe(2 * (180 + 16 + 4) + 4 * 5);
      expectClose(await filledBy(generator), naive(arrays), 2e-3);
      generator.dispose();
    });
  });
  it.each(['dispose', 'load'] as const)('weights that go during a fill (%s) end it', async (how) => {
    await expectNoLeak(async () => {
      const generator = networkGenerator(tiny, fileOf(seededWeights(1)));
      const onProgress = () => (how === 'dispose' ? generator.dispose() : generator.load(fileOf(seededWeights(2))));
      await withRequest((request) =>
        expect(generator.fill({ ...request, onProgress })).rejects.toMatchObject({
          name: 'WeightsError',
          code: 'weights-missing',
          message: 'tiny: its weights were replaced or disposed while it filled',
        }),
      );
      generator.dispose();
    });
  });
  it('without weights a fill fails; with weights loaded later it does not', async () => {
    await expectNoLeak(async () => {
      const generator = networkGenerator(tiny);
      await withRequest((request) => expect(generator.fill(request)).rejects.toMatchObject({ code: 'weights-missing' }));
      generator.load(fileOf(seededWeights(3)));
      expectClose(await filledBy(generator), naive(seededWeights(3)), tolerance.matmul);
      generator.dispose();
    });
  });
  it('load frees the weights that it replaces', async () => {
    await expectNoLeak(async () => {
      const generator = networkGenerator(tiny, fileOf(seededWeights(1)));
      const loaded = tf.memory().numTensors;
      for (const seed of [10, 20]) {
        generator.load(fileOf(seededWeights(seed), [['colour_order', 'bgr']]));
        expect(tf.memory().numTensors).toBe(loaded);
        expectClose(await filledBy(generator), naive(seededWeights(seed), [2, 1, 0]), tolerance.matmul);
      }
      generator.load(fileOf(seededWeights(1)));
      expectClose(await filledBy(generator), naive(seededWeights(1)), tolerance.matmul);
      generator.dispose();
    });
  });
  it('a load that fails leaves the weights as they were', async () => {
    await expectNoLeak(async () => {
      const generator = networkGenerator(tiny, fileOf(seededWeights(1)));
      const damaged = fileOf(seededWeights(2), [['colour_order', 'bgr']]);
      (damaged.tensors as Map<string, unknown>).set('second.bias', { shape: [3], dtype: 'float32', data: new Uint8Array(8) });
      for (const wrong of [fileOf({}), damaged]) {
        expect(() => generator.load(wrong)).toThrow();
        expect(generator.colourOrder).toBe('rgb');
        expectClose(await filledBy(generator), naive(seededWeights(1)), tolerance.matmul);
      }
      generator.dispose();
    });
  });
});

describe('a fill', () => {
  const generator = () => networkGenerator(tiny, fileOf(seededWeights(1)));

  it('tells its progress, up to 1', async () => {
    const mine = generator();
    const steps: number[] = [];
    await filledBy(mine, { onProgress: (fraction) => steps.push(fraction) });
    expect(steps).toEqual([0.5, 1]);
    mine.dispose();
  });
  it('aborted between two stages leaves no tensor, and the generator works on', async () => {
    await expectNoLeak(async () => {
      const mine = generator();
      const controller = new AbortController();
      const steps: number[] = [];
      const onProgress = (fraction: number) => {
        steps.push(fraction);
        controller.abort();
      };
      await withRequest((request) => expect(mine.fill({ ...request, signal: controller.signal, onProgress })).rejects.toThrow(AbortError));
      expect(steps).toEqual([0.5]);
      await filledBy(mine);
      mine.dispose();
    });
  });
  it('that throws within a stage leaves no tensor', async () => {
    await expectNoLeak(async () => {
      const failing = { ...tiny, stages: start.next(({ features }) => ({ image: tf.reshape<tf.Rank.R4>(features, [1] as never) })) };
      const mine = networkGenerator(failing, fileOf(seededWeights(1)));
      await withRequest((request) => expect(mine.fill(request)).rejects.toThrow());
      mine.dispose();
    });
  });
  it('refuses sizes that are no multiples, holes of another size, and a sketch that it does not take', async () => {
    await expectNoLeak(async () => {
      const mine = generator();
      await withRequest(async (request) => {
        const [odd, narrow] = [tf.zeros<tf.Rank.R3>([5, WIDTH, 3]), tf.zeros<tf.Rank.R3>([HEIGHT, 4, 1])];
        const oddHole = tf.zeros<tf.Rank.R3>([5, WIDTH, 1]);
        await expect(mine.fill({ ...request, image: odd, hole: oddHole })).rejects.toThrow(/multiples of 2/);
        await expect(mine.fill({ ...request, hole: narrow })).rejects.toThrow(ShapeError);
        await expect(mine.fill({ ...request, sketch: request.hole })).rejects.toThrow(ArgumentError);
        tf.dispose([odd, narrow, oddHole]);
      });
      mine.dispose();
    });
  });
  it('takes a sketch where its network does', async () => {
    await expectNoLeak(async () => {
      const sketched: FillNetwork = {
        ...tiny,
        takesSketch: true,
        layers: [],
        stages: networkStages(({ image, sketch }) => ({ image: sketch ? tf.mul(image, sketch) : tf.neg(image) })),
      };
      const mine = networkGenerator(sketched, fileOf({}));
      expect(mine.takesSketch).toBe(true);
      await withRequest(async (request) => {
        const { image } = await mine.fill({ ...request, sketch: request.hole });
        expectClose(
          await values(image),
          colours.map((v, i) => v * marks[Math.floor(i / 3)]!),
        );
        image.dispose();
      });
      expectClose(
        await filledBy(mine),
        colours.map((v) => -v),
      );
      mine.dispose();
    });
  });
  it('gives scores as soft attention, which the caller frees', async () => {
    await expectNoLeak(async () => {
      const attend = networkStages(({ image }) => ({ image, scores: tf.ones<tf.Rank.R4>([1, 3, 4, 12]), other: tf.ones([3]), more: [tf.ones([2])] }));
      const attending: FillNetwork = { ...tiny, layers: [], stages: attend };
      const mine = networkGenerator(attending, fileOf({}));
      await withRequest(async (request) => {
        const { image, correspondence } = await mine.fill(request);
        expect(correspondence).toMatchObject({ kind: 'soft-attention' });
        if (correspondence?.kind !== 'soft-attention') return;
        expect(correspondence.scores.shape).toEqual([3, 4, 12]);
        expectClose(await values(image), colours, 0);
        tf.dispose([image, correspondence.scores]);
      });
      mine.dispose();
    });
  });
});

it.skipIf(tf.getBackend() !== 'webgpu')('a second fill compiles no program (only webgpu compiles any)', async () => {
  const compiled = () => Object.keys((tf.backend() as unknown as { pipelineCache: Record<string, unknown> }).pipelineCache);
  const generator = networkGenerator(tiny, fileOf(seededWeights(1), [['colour_order', 'bgr']]));
  await filledBy(generator);
  const after = compiled();
  expect(after.length).toBeGreaterThan(0);
  await filledBy(generator);
  generator.load(fileOf(seededWeights(2), [['colour_order', 'bgr']]));
  await filledBy(generator);
  expect(compiled()).toEqual(after);
  generator.dispose();
});

describe('networkStages', () => {
  it('leaves what it was as it was, so that networks may begin alike', async () => {
    const [one, other] = [1, 2].map((times) => start.next(() => ({ image: tf.fill([1, 1, 1, 1], times) as tf.Tensor4D })));
    expect([start.list.length, one!.list.length, other!.list.length]).toEqual([1, 2, 2]);
    expect(one!.list[0]).toBe(other!.list[0]);
    expect(await values(runStage(one!.list[1]!, {}, {}).image as tf.Tensor)).toEqual([1]);
  });
  it('has TypeScript refuse stages that do not fit', () => {
    const begun = networkStages(({ image }) => ({ features: image, mean: tf.mean<tf.Tensor1D>(image, [0, 1, 2]) }));
    // @ts-expect-error: the stage before returns no such tensor
    begun.next(({ edges }) => ({ image: edges }));
    // @ts-expect-error: it is of another rank
    begun.next(({ mean }: { mean: tf.Tensor4D }) => ({ image: mean }));
    // @ts-expect-error: the first is given no features
    networkStages(({ features }) => ({ image: features }));
    // @ts-expect-error: the last must return an image
    const unfinished: FillNetwork = { ...tiny, stages: begun };
    expect(unfinished.stages.list).toHaveLength(1);
  });
});
