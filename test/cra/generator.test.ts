import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions, Progress } from '../../src/cra/options';
import { ArgumentError, BackendError, MaskError, ShapeError } from '../../src/errors';
import type { Fill, FillRequest, Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import { changedWhere, disc, expectFailure, expectUntouched, magentaIn, maskOf, meadow, meanColour, near, painted, type Rule, scene } from './support';

const W = 52;
const H = 44;
const hole = disc(21, 28, 9);
const mask = maskOf(W, H, hole);
const photo = painted(meadow(W, H), hole);
// At its own size, so that what the generator says can be found again pixel by pixel.
const options: InpaintOptions = { workingSize: W, grow: 0, feather: 0 };

const generatorOf = (fill: (request: FillRequest) => Promise<Fill> | Fill, more: Partial<Generator> = {}): Generator => ({
  name: 'made up',
  multiple: 1,
  fill: async (request) => fill(request),
  ...more,
});
const constant = (value: number) => generatorOf(({ image }) => ({ image: tf.fill(image.shape, value) as tf.Tensor3D }));

/** Values of a channel where the rule holds. */
const valuesWhere = ({ data, channels }: Picture, rule: Rule, channel = 0) => {
  const out: number[] = [];
  for (let p = 0; p < W * H; p++) if (rule(Math.floor(p / W), p % W)) out.push(data[p * channels + channel]);
  return out;
};

describe('what the generator is given', () => {
  it('is the picture in [-1, 1], its hole 0 and marked by ones', async () => {
    let seen: { image: number[]; hole: number[] } | undefined;
    await inpaint(photo, mask, {
      ...options,
      generator: generatorOf(async ({ image, hole: marks }) => {
        seen = { image: Array.from(await image.data()), hole: Array.from(await marks.data()) };
        return { image: tf.zerosLike(image) };
      }),
    });
    expect(seen?.hole).toEqual(Array.from(mask.data, (v) => v / 255));
    const off = seen?.image.map((v, i) => (mask.data[Math.floor(i / 3)] ? Math.abs(v) : Math.abs((v + 1) * 127.5 - photo.data[i])));
    expect(Math.max(...(off as number[]))).toBeLessThan(1e-3);
  });

  it('is marked as hole wherever any hole pixel was averaged in', async () => {
    // 52 x 44 onto 20 x 17: each low-resolution pixel covers parts of 2.6 x 2.6.
    let low: { width: number; height: number; hole: number[] } | undefined;
    const generator = generatorOf(async ({ image, hole: marks }) => {
      low = { height: image.shape[0], width: image.shape[1], hole: Array.from(await marks.data()) };
      return { image: tf.zerosLike(image) };
    });
    await inpaint(photo, mask, { ...options, workingSize: 20, generator });
    const { width, height, hole: marks } = low as NonNullable<typeof low>;
    expect([height, width]).toEqual([17, 20]);
    for (let p = 0; p < W * H; p++) {
      if (mask.data[p]) expect(marks[Math.floor(((Math.floor(p / W) + 0.5) * height) / H) * width + Math.floor((((p % W) + 0.5) * width) / W)]).toBe(1);
    }
  });

  it('has the seed, and a signal that tells of the abort', async () => {
    const generator = meanColour();
    const controller = new AbortController();
    const onProgress = ({ stage }: Progress) => stage === 'fill' && controller.abort('enough');
    const running = inpaint(photo, mask, { ...options, generator, seed: 41, signal: controller.signal, onProgress });
    await expect(running).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    const [{ signal, ...asked }] = generator.requests;
    expect(asked).toEqual({ height: H, width: W, seed: 41 });
    expect([signal?.aborted, signal?.reason]).toEqual([true, 'enough']);
  });

  it.each([4, 7, 16, 64])('has sides that are multiples of %d, and the padding is cut off again', async (multiple) => {
    const sizes: number[][] = [];
    const place = (y: number, x: number) => ((y * 3 + x * 2) / 255) * 2 - 1;
    const generator = generatorOf(
      ({ image, hole: marks }) => {
        const [height, width] = image.shape;
        sizes.push([height, width]);
        expect(marks.shape).toEqual([height, width, 1]);
        return {
          image: tf.tensor3d(
            Float32Array.from({ length: height * width * 3 }, (_, i) => place(Math.floor(i / 3 / width), Math.floor(i / 3) % width)),
            image.shape,
          ),
        };
      },
      { multiple },
    );
    const tensors = tf.memory().numTensors;
    const result = await inpaint(photo, mask, { ...options, generator, detail: false });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(sizes).toEqual([[Math.ceil(H / multiple) * multiple, Math.ceil(W / multiple) * multiple]]);
    for (let p = 0; p < W * H; p++) if (mask.data[p]) expect(Math.abs(result.data[3 * p] - (3 * Math.floor(p / W) + 2 * (p % W)))).toBeLessThanOrEqual(1);
    expectUntouched(result.data, photo.data, 3, near(W, H, hole, 0));
  });

  it('is padded however small the picture is', async () => {
    const generator = meanColour({ multiple: 32 });
    const small = scene(3, 2);
    await inpaint(
      small,
      maskOf(3, 2, (y, x) => y + x === 0),
      { grow: 0, feather: 0, generator },
    );
    expect(generator.requests[0]).toMatchObject({ height: 32, width: 32 });
  });

  it("has the generator's own size, unless another is asked for", async () => {
    const generator = meanColour({ workingSize: 26 });
    await inpaint(photo, mask, { grow: 0, feather: 0, generator });
    await inpaint(photo, mask, { grow: 0, feather: 0, generator, workingSize: 39 });
    expect(generator.requests).toMatchObject([
      { height: 22, width: 26 },
      { height: 33, width: 39 },
    ]);
  });

  it('is never larger than the photo', async () => {
    const generator = meanColour({ workingSize: 512 });
    await inpaint(photo, mask, { grow: 0, feather: 0, generator });
    expect(generator.requests).toMatchObject([{ height: H, width: W }]);
  });
});

describe('what the generator gives', () => {
  it('a constant, without detail, is what fills the hole', async () => {
    const result = await inpaint(photo, mask, { ...options, generator: constant(0.2), detail: false });
    for (const channel of [0, 1, 2]) expect(new Set(valuesWhere(result, hole, channel))).toEqual(new Set([153]));
  });

  it('values beyond [-1, 1] end at black and white', async () => {
    for (const [value, level] of [
      [3, 255],
      [-3, 0],
    ]) {
      const result = await inpaint(photo, mask, { ...options, generator: constant(value), detail: false });
      expect(new Set(valuesWhere(result, hole))).toEqual(new Set([level]));
    }
  });

  it('a mean colour gets the detail of the nearest valid patches', async () => {
    const tensors = tf.memory().numTensors;
    const result = await inpaint(photo, mask, { ...options, generator: meanColour() });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(changedWhere(result.data, photo.data, photo, hole)).toBe(valuesWhere(photo, hole).length);
    expect(magentaIn(result)).toBeLessThanOrEqual(3);
    const spread = (all: number[]) => Math.max(...all) - Math.min(...all);
    expect(spread(valuesWhere(result, hole))).toBeGreaterThan(0.3 * spread(valuesWhere(meadow(W, H), hole)));
  });

  it.each([1, 16])('a field of copies is followed, and its tensors are disposed (multiple %d)', async (multiple) => {
    const [down, right] = [3, -22];
    const result = await (async () => {
      const tensors = tf.memory().numTensors;
      const generator = generatorOf(
        async ({ image, hole: marks }) => {
          const [height, width] = image.shape;
          const [colours, inHole] = [await image.data(), await marks.data()];
          const filled = new Float32Array(colours.length);
          const offsets = new Int32Array(height * width * 2);
          // Only where the picture itself is hole: what is beyond its border, by padding, has no say.
          for (let p = 0; p < inHole.length; p++) {
            if (!inHole[p] || p % width >= W || p >= width * H) continue;
            for (let c = 0; c < 3; c++) filled[3 * p + c] = colours[3 * (p + down * width + right) + c];
            offsets.set([down, right], 2 * p);
          }
          return {
            image: tf.tensor3d(filled, image.shape),
            correspondence: {
              kind: 'nearest-field' as const,
              offsets: tf.tensor3d(offsets, [height, width, 2], 'int32'),
              distances: tf.zeros<tf.Rank.R2>([height, width]),
            },
          };
        },
        { multiple },
      );
      const filled = await inpaint(photo, mask, { ...options, generator });
      expect(tf.memory().numTensors).toBe(tensors);
      return filled;
    })();
    // In the middle, where smoothing does not reach the rim, the copy is the source itself.
    const middle = disc(21, 28, 3);
    const source: Rule = (y, x) => middle(y - down, x - right);
    const [copied, original] = [valuesWhere(result, middle), valuesWhere(photo, source)];
    expect(Math.max(...copied.map((v, i) => Math.abs(v - original[i])))).toBeLessThanOrEqual(2);
  });

  it('a field that leads into the hole or out of the picture copies nothing from there', async () => {
    const generator = generatorOf(({ image }) => {
      const [height, width] = image.shape;
      const offsets = Int32Array.from({ length: height * width * 2 }, (_, i) => (i % 4 < 2 ? 1 : 1000));
      return {
        image: tf.tidy(
          () => tf.concat([tf.fill([height, width, 1], 0), tf.fill([height, width, 1], (2 * 45) / 255), tf.fill([height, width, 1], 0)], 2) as tf.Tensor3D,
        ),
        correspondence: { kind: 'nearest-field' as const, offsets: tf.tensor3d(offsets, [height, width, 2], 'int32') },
      };
    });
    for (const workingSize of [W, 20]) {
      const result = await inpaint(photo, mask, { ...options, workingSize, generator });
      expect(magentaIn(result)).toBeLessThanOrEqual(3);
      expectUntouched(result.data, photo.data, 3, near(W, H, hole, 0));
    }
  });

  it('only hole pixels are looked at', async () => {
    const generator = (rest: number) =>
      generatorOf(({ image, hole: marks }) => ({
        image: tf.tidy(() => tf.where(tf.cast(tf.tile(marks, [1, 1, 3]), 'bool'), tf.fill(image.shape, 0.1), tf.fill(image.shape, rest)) as tf.Tensor3D),
      }));
    const [zero, nan] = [
      await inpaint(photo, mask, { ...options, generator: generator(0) }),
      await inpaint(photo, mask, { ...options, generator: generator(Number.NaN) }),
    ];
    expect(nan.data).toEqual(zero.data);
  });

  it('progress is passed on, and the stage ends complete even if there was none', async () => {
    const follow = async (fractions: number[]) => {
      const steps: Progress[] = [];
      const generator = generatorOf(({ image, onProgress }) => {
        for (const fraction of fractions) onProgress?.(fraction);
        return { image: tf.zerosLike(image) };
      });
      await inpaint(photo, mask, { ...options, generator, onProgress: (step) => steps.push(step) });
      return steps.filter(({ stage }) => stage === 'fill').map(({ done }) => done);
    };
    expect((await follow([0.25, 0.5])).slice(0, 2)).toEqual([0.25, 0.5]);
    expect((await follow([0.25])).at(-1)).toBe(1);
    expect((await follow([])).at(-1)).toBe(1);
  });
});

describe('errors', () => {
  const failing = (generator: Generator, type: Parameters<typeof expectFailure>[1], code: Parameters<typeof expectFailure>[2]) =>
    expectFailure(() => inpaint(photo, mask, { ...options, generator }), type, code);

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('%s in the hole is not finite', async (value) => {
    const error = await failing(constant(value), ArgumentError, 'not-finite');
    expect(error.message).toContain('made up');
  });

  it.each([
    ['too small', [H - 1, W, 3]],
    ['one channel', [H, W, 1]],
    ['a batch', [1, H, W, 3]],
  ])('an image of another shape: %s', async (_, shape) => {
    const error = await failing(
      generatorOf(() => ({ image: tf.zeros(shape as [number, number, number]) as tf.Tensor3D })),
      ShapeError,
      'shape',
    );
    expect(error.expected).toEqual([H, W, 3]);
    expect(error.actual).toEqual(shape);
    expect(error.message).toContain('made up');
  });

  it('an image without the padding that was asked for', async () => {
    await failing(
      generatorOf(() => ({ image: tf.zeros([H, W, 3]) as tf.Tensor3D }), { multiple: 32 }),
      ShapeError,
      'shape',
    );
  });

  it('a field of another shape', async () => {
    const generator = generatorOf(({ image }) => ({
      image: tf.zerosLike(image),
      correspondence: { kind: 'nearest-field', offsets: tf.zeros([H, W - 1, 2], 'int32') as tf.Tensor3D, distances: tf.zeros([H, W - 1]) as tf.Tensor2D },
    }));
    const error = await failing(generator, ShapeError, 'shape');
    expect(error.expected).toEqual([H, W, 2]);
  });

  it('nothing at all', async () => {
    await failing(
      generatorOf(() => undefined as unknown as Fill),
      ArgumentError,
      'argument',
    );
    await failing(
      generatorOf(() => ({}) as unknown as Fill),
      ArgumentError,
      'argument',
    );
  });

  it('an error of its own passes as it is', async () => {
    const own = new RangeError('of my own');
    const typed = new MaskError('mask-full', 'too much');
    const tensors = tf.memory().numTensors;
    for (const error of [own, typed]) {
      const thrown = generatorOf(() => {
        throw error;
      });
      await expect(inpaint(photo, mask, { ...options, generator: thrown })).rejects.toBe(error);
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it.each([
    ['Out of memory', 'out-of-memory'],
    ['RuntimeError: memory access out of bounds', 'out-of-memory'],
    ['The device was lost', 'device-lost'],
  ] as const)("a backend's '%s' gets its type", async (message, code) => {
    const cause = new Error(message);
    const error = await failing(
      generatorOf(
        () => {
          throw cause;
        },
        { multiple: 8 },
      ),
      BackendError,
      code,
    );
    expect(error.cause).toBe(cause);
  });

  it.each([
    ['null', null],
    ['an object without fill', { name: 'x', multiple: 1 }],
    ['a multiple of 0', { ...meanColour(), multiple: 0 }],
    ['a multiple of 2.5', { ...meanColour(), multiple: 2.5 }],
  ])('no generator: %s', async (_, generator) => {
    await failing(generator as unknown as Generator, ArgumentError, 'argument');
  });
});
