import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { Photo } from '../../src/cra/kinds';
import type { InpaintOptions, Progress, Stage } from '../../src/cra/options';
import { AbortError, ArgumentError, MaskError, ShapeError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import type { Warning } from '../../src/warning';
import { disc, expectFailure, hasty, maskOf, meanColour, painted, scene } from './support';

const W = 48;
const H = 40;
const hole = disc(18, 22, 6);
const mask = maskOf(W, H, hole);
const photo = painted(scene(W, H), hole);
const options: InpaintOptions = { workingSize: 32, grow: 1, feather: 2, thin: 0, generator: hasty() };
const fails = (
  args: { photo?: unknown; mask?: unknown; options?: object },
  type: Parameters<typeof expectFailure>[1],
  code: Parameters<typeof expectFailure>[2],
) =>
  expectFailure(
    () =>
      inpaint((args.photo === undefined ? photo : args.photo) as Photo, (args.mask === undefined ? mask : args.mask) as Photo, { ...options, ...args.options }),
    type,
    code,
  );

describe('the mask', () => {
  it('of another size', async () => {
    const error = await fails({ mask: maskOf(H, W, hole) }, MaskError, 'mask-size');
    expect(error.expected).toEqual({ width: W, height: H });
    expect(error.actual).toEqual({ width: H, height: W });
    expect(error.message).toMatch(/40 x 48.*48 x 40/);
  });

  it('that marks most of the photo: a warning that names its share and colour, and a fill', async () => {
    const warnings: Warning[] = [];
    const most = maskOf(W, H, (y) => y < 30);
    await inpaint(photo, most, { ...options, grow: 0, onWarning: (warning) => warnings.push(warning) });
    await inpaint(photo, mask, { ...options, grow: 0, onWarning: (warning) => warnings.push(warning) });
    expect(warnings.map(({ code }) => code)).toEqual(['mask-mostly-hole']);
    expect(warnings[0].message).toBe("the mask marks 75 % of the photo as hole (its white pixels): is that meant? hole: 'black' would mark 25 %");
  });

  it.each(['white', 'black', 'alpha', 'opaque'] as const)('that marks nothing (%s): a warning, and the photo unchanged', async (colour) => {
    const nothing: Record<typeof colour, Picture> = {
      white: maskOf(W, H, () => false),
      black: maskOf(W, H, () => true),
      alpha: { width: W, height: H, channels: 4, data: new Uint8Array(W * H * 4).fill(255) },
      opaque: { width: W, height: H, channels: 4, data: new Uint8Array(W * H * 4).map((_, i) => (i % 4 === 3 ? 0 : 255)) },
    };
    const warnings: Warning[] = [];
    const steps: Progress[] = [];
    const tensors = tf.memory().numTensors;
    const result = await inpaint(photo, nothing[colour], {
      ...options,
      hole: colour,
      onWarning: (warning) => warnings.push(warning),
      onProgress: (step) => steps.push(step),
    });
    expect(warnings.map(({ code }) => code)).toEqual(['mask-without-hole']);
    expect(warnings[0].message).toContain('unchanged');
    expect(result).toEqual(photo);
    expect(result.data.buffer).not.toBe(photo.data.buffer);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('that marks nothing: the warning goes to the console where nobody asked for it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const tensor = tf.tensor3d(Array.from(photo.data), [H, W, 3], 'int32');
      const result = await inpaint(
        tensor,
        maskOf(W, H, () => false),
        options,
      );
      expect(Array.from(await result.data())).toEqual(Array.from(photo.data));
      expect(result).not.toBe(tensor);
      tf.dispose([tensor, result]);
      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn.mock.calls[0][0]).toMatch(/no hole/);
    } finally {
      warn.mockRestore();
    }
  });

  it('that marks everything, by itself or by growing', async () => {
    const error = await fails({ mask: maskOf(W, H, () => true) }, MaskError, 'mask-full');
    expect(error.actual).toBe(W * H);
    await fails({ options: { grow: W } }, MaskError, 'mask-full');
  });

  it.each(['alpha', 'opaque'] as const)("without alpha, for hole: '%s'", async (colour) => {
    const error = await fails({ options: { hole: colour } }, ArgumentError, 'argument');
    expect(error.message).toBe(`inpaint: mask must be of 2 or 4 channels, one of them alpha, for hole: '${colour}', got 1`);
  });

  it('not given', async () => {
    const error = await fails({ mask: null }, ArgumentError, 'argument');
    expect(error.message).toContain('mask');
    await fails({ mask: 'mask.png' }, ArgumentError, 'argument');
  });

  it('NaN in a tensor', async () => {
    const bad = tf.tensor3d(new Float32Array(W * H).fill(Number.NaN), [H, W, 1]);
    const error = await fails({ mask: bad }, ArgumentError, 'not-finite');
    expect(error.message).toContain('mask');
    bad.dispose();
  });
});

describe('the photo', () => {
  it.each([
    ['null', null],
    ['a string', 'photo.jpg'],
    ['a number', 7],
    ['an array', [1, 2, 3]],
    ['an empty object', {}],
    ['bytes', new Uint8Array(9)],
  ])('is none: %s', async (_, bad) => {
    const error = await fails({ photo: bad }, ArgumentError, 'argument');
    expect(error.message).toContain('photo');
  });

  it.each([
    ['too few values', { width: W, height: H, channels: 3, data: new Uint8Array(W * H * 3 - 1) }],
    ['too many channels', { width: W, height: H, channels: 5, data: new Uint8Array(W * H * 5) }],
    ['no height', { width: W, height: 0, channels: 3, data: new Uint8Array(0) }],
    ['half a pixel', { width: 2.5, height: 2, channels: 1, data: new Uint8Array(5) }],
    ['an ImageData cut short', { width: W, height: H, data: new Uint8ClampedArray(W * H * 3) }],
  ])('is inconsistent: %s', async (_, bad) => {
    await fails({ photo: bad }, ShapeError, 'shape');
  });

  it.each([
    ['no data', { width: W, height: H, channels: 3, data: undefined }, 'undefined'],
    ['floats', { width: W, height: H, channels: 3, data: new Float32Array(W * H * 3) }, 'a Float32Array'],
    ['a plain array', { width: W, height: H, channels: 3, data: Array.from(photo.data) }, 'an Array'],
    ['an ImageData of floats', { width: W, height: H, data: new Float32Array(W * H * 4) }, 'a Float32Array'],
  ])('has pixels of a wrong type: %s', async (_, bad, kind) => {
    const error = await fails({ photo: bad }, ArgumentError, 'argument');
    expect(error.message).toContain(`inpaint: photo: data must be a Uint8Array or Uint8ClampedArray (0..255) or a Uint16Array (0..65535), got ${kind}`);
    expect(error.actual).toBe(kind);
    await fails({ mask: bad }, ArgumentError, 'argument');
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
  ])('a tensor with %s, wherever it is', async (_, value) => {
    const data = Float32Array.from(photo.data, (v) => v / 255);
    data[3 * (W * H - 1) + 2] = value;
    const bad = tf.tensor3d(data, [H, W, 3]);
    const error = await fails({ photo: bad }, ArgumentError, 'not-finite');
    expect(error.message).toContain(String(3 * W * H - 1));
    expect(bad.isDisposed).toBe(false);
    bad.dispose();
  });

  it.each([
    ['rank 2', [H, W]],
    ['rank 4', [1, H, W, 3]],
    ['five channels', [H, W, 5]],
    ['no channel', [H, W, 0]],
  ])('a tensor of the wrong shape: %s', async (_, shape) => {
    const bad = tf.zeros(shape as [number, number, number]);
    const error = await fails({ photo: bad }, ShapeError, 'shape');
    expect(error.actual).toEqual(shape);
    bad.dispose();
  });

  it('a tensor of strings', async () => {
    const bad = tf.tensor3d(new Array(12).fill('x'), [2, 2, 3], 'string');
    await fails({ photo: bad }, ArgumentError, 'argument');
    bad.dispose();
  });

  it('a tensor that was disposed', async () => {
    const gone = tf.zeros([H, W, 3]);
    gone.dispose();
    await expect(inpaint(gone as tf.Tensor3D, mask, options)).rejects.toThrow(/disposed/);
  });
});

describe('options', () => {
  it.each<[string, object]>([
    ['grow', { grow: -1 }],
    ['grow', { grow: Number.POSITIVE_INFINITY }],
    ['grow', { grow: 'much' }],
    ['feather', { feather: Number.NaN }],
    ['feather', { feather: -2 }],
    ['feather', { feather: W + 1 }],
    ['workingSize', { workingSize: 3 }],
    ['workingSize', { workingSize: 64.5 }],
    ['thin', { thin: -1 }],
    ['thin', { thin: 2.5 }],
    ['thin', { thin: 65 }],
    ['hole', { hole: 'pink' }],
    ['seed', { seed: 1.5 }],
    ['seed', { seed: -1 }],
    ['memory', { memory: 0 }],
    ['memory', { memory: Number.NaN }],
  ])('%s: %o', async (name, bad) => {
    const error = await fails({ options: bad }, ArgumentError, 'argument');
    expect(error.message).toMatch(new RegExp(`inpaint: ${name} must be`));
    expect(error.actual).toBe(Object.values(bad)[0]);
    expect(error.expected).toBeTruthy();
  });
});

describe('abort', () => {
  const isAbort = async (f: (signal: AbortSignal, abort: () => void) => Promise<unknown>) => {
    const reason = new Error('no more');
    const controller = new AbortController();
    const error = await expectFailure(() => f(controller.signal, () => controller.abort(reason)), AbortError, 'aborted');
    expect(error.name).toBe('AbortError');
    expect(error.cause).toBe(reason);
  };

  it('before the start', async () => {
    await isAbort((signal, abort) => {
      abort();
      return inpaint(photo, mask, { ...options, signal });
    });
  });

  it.each<[Stage, number]>([
    ['plan', 1],
    ['low-resolution', 1],
    ['fill', 0],
    ['fill', 0.4],
    ['fill', 0.8],
    ['fill', 1],
    ['detail', 1],
    ['composite', 1],
  ])('in the stage %s, at %s', async (stage, from) => {
    const before = photo.data.slice();
    const after: Stage[] = [];
    let aborted = false;
    await isAbort((signal, abort) =>
      inpaint(photo, mask, {
        ...options,
        signal,
        onProgress: (step) => {
          if (aborted) after.push(step.stage);
          if (step.stage === stage && step.done >= from) {
            aborted = true;
            abort();
          }
        },
      }),
    );
    expect(aborted).toBe(true);
    // It stops at the stage it was told in: at most the rest of a step is reported.
    expect(after.filter((later) => later !== stage)).toEqual([]);
    expect(photo.data).toEqual(before);
  });

  it('from outside, while a fill is under way', async () => {
    await isAbort((signal, abort) => {
      setTimeout(abort, 0);
      return inpaint(photo, mask, { ...options, signal });
    });
  });

  it('where the generator takes no notice', async () => {
    await isAbort((signal, abort) => {
      const generator = meanColour();
      const { fill } = generator;
      return inpaint(photo, mask, {
        ...options,
        signal,
        generator: {
          ...generator,
          fill: (request) => {
            abort();
            return fill(request);
          },
        },
      });
    });
  });

  it('leaves nothing that would disturb the next call', async () => {
    const expected = await inpaint(photo, mask, options);
    await isAbort((signal, abort) => inpaint(photo, mask, { ...options, signal, onProgress: ({ stage, done }) => stage === 'fill' && done > 0.5 && abort() }));
    expect((await inpaint(photo, mask, options)).data).toEqual(expected.data);
  });
});

it('an error thrown by onProgress passes, and nothing is left', async () => {
  for (const stage of ['plan', 'low-resolution', 'fill', 'detail', 'composite']) {
    const own = new Error(stage);
    const tensors = tf.memory().numTensors;
    const onProgress = (step: Progress) => {
      if (step.stage === stage) throw own;
    };
    await expect(inpaint(photo, mask, { ...options, onProgress })).rejects.toBe(own);
    expect(tf.memory().numTensors).toBe(tensors);
  }
});
