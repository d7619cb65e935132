import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions } from '../../src/cra/options';
import { ArgumentError, MaskError } from '../../src/errors';
import type { FillRequest, Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import { maskFrom } from '../../src/shapes';
import { disc, expectFailure, hasty, magentaIn, maskOf, meadow, meanColour, near, painted, pictureOf, type Rule, rectangle, scene } from './support';

const W = 112;
const H = 96;
const either =
  (...rules: Rule[]): Rule =>
  (y, x) =>
    rules.some((rule) => rule(y, x));
const not =
  (rule: Rule): Rule =>
  (y, x) =>
    !rule(y, x);

/** The pixels of a picture where a rule holds, in one row. */
function pixelsWhere(picture: Picture, rule: Rule): Picture {
  const { width, channels, data } = picture;
  const places = Array.from({ length: width * picture.height }, (_, p) => p).filter((p) => rule(Math.floor(p / width), p % width));
  const values = places.flatMap((p) => Array.from(data.subarray(p * channels, (p + 1) * channels)));
  return { width: places.length, height: 1, channels, data: data instanceof Uint16Array ? Uint16Array.from(values) : Uint8Array.from(values) };
}

/** The hole as it is once it has grown by a pixel. */
const grown = (hole: Rule): Rule => {
  const marks = near(W, H, hole, 1);
  return (y, x) => marks[y * W + x] === 1;
};

/** A generator that paints the mean colour of what may be copied, and says where its look comes from, if asked. */
const cleanPainter = (correspondence?: (request: FillRequest) => NonNullable<Awaited<ReturnType<Generator['fill']>>['correspondence']>): Generator => ({
  ...meanColour(),
  async fill(request) {
    const { image, hole, sources = tf.sub(1, hole) } = request;
    const mean = tf.tidy(() => tf.add(tf.zerosLike(image), tf.div(tf.sum(tf.mul(image, sources), [0, 1]), tf.sum(sources))) as tf.Tensor3D);
    return { image: mean, correspondence: correspondence?.(request) };
  },
});

/** All copies from the place that is farthest away, in each direction, by half the picture: into the avoided strip and out of it. */
const halfAway = (request: FillRequest) => {
  const [height, width] = request.image.shape;
  const offsets = new Int32Array(2 * height * width);
  for (let p = 0; p < height * width; p++) offsets[2 * p + 1] = p % width < width / 2 ? width >> 1 : -(width >> 1);
  return { kind: 'nearest-field' as const, offsets: tf.tensor3d(offsets, [height, width, 2], 'int32') };
};

const everywhere = ({ image }: FillRequest) => {
  const [height, width] = image.shape;
  const [rows, columns] = [height / 8, width / 8];
  return { kind: 'soft-attention' as const, scores: tf.fill([rows, columns, rows * columns], 1 / (rows * columns)) as tf.Tensor3D };
};

const generators: [string, () => Generator, InpaintOptions][] = [
  ['exemplar()', hasty, {}],
  ['exemplar() without detail', hasty, { detail: false }],
  ['a network that is rebuilt', () => meanColour(), {}],
  ['a network that is kept', () => cleanPainter(), { detail: 'residual' }],
  ['a network alone', () => cleanPainter(), { detail: false }],
  ['copies that lead into it', () => cleanPainter(halfAway), {}],
  ['attention to all', () => ({ ...cleanPainter(everywhere), multiple: 8 }), {}],
];

// A strip of magenta down the middle, and what lies in it, beside it and across it.
const strip = rectangle(0, 50, H, 74);
const holes: [string, Rule][] = [
  ['beside it', disc(48, 36, 13)],
  ['across its edge', rectangle(30, 40, 56, 62)],
  ['within it', disc(48, 62, 8)],
  ['a wire across it', (y, x) => Math.abs(y - 30 - x / 8) <= 1 && x > 6 && x < 106],
  ['specks in it and beside it', either(disc(20, 62, 2), disc(60, 48, 2), disc(70, 20, 2), disc(90, 76, 1))],
  ['a wire along it', rectangle(8, 46, 88, 50)],
];

// A GPU made of software takes minutes for all of them; its own search and votes are the same for any hole.
const isGpu = tf.getBackend() === 'webgpu';
const sizes = isGpu ? [W] : [W, 56];

describe('nothing of what is to be avoided comes into the fill', () => {
  for (const [name, generator, options] of generators) {
    it.each(isGpu ? holes.slice(1, 2) : holes)(`${name}: %s`, async (_, hole) => {
      const photo = painted(meadow(W, H), strip);
      const avoid = maskOf(W, H, strip);
      for (const workingSize of sizes) {
        const result = await inpaint(photo, maskOf(W, H, hole), { workingSize, grow: 1, feather: 2, avoid, generator: generator(), ...options });
        expect(magentaIn(pixelsWhere(result, grown(hole))), `working size ${workingSize}`).toBeLessThan(24);
      }
    });
  }
});

describe('what is marked', () => {
  const photo = scene(W, H);
  const hole = disc(48, 50, 10);
  const mask = maskOf(W, H, hole);
  const right = rectangle(0, 70, H, W);
  const fill = (more: InpaintOptions): Promise<Picture> => inpaint(photo, mask, { workingSize: 56, grow: 1, feather: 2, generator: hasty(), ...more });
  const white = maskOf(W, H, right);
  const whole = (value: number): Picture => maskOf(W, H, () => value > 0);

  it('sources are the rest of what is to be avoided, in whatever way either is marked', async () => {
    const expected = (await fill({ avoid: white })).data;
    expect(expected).not.toEqual((await fill({})).data);
    const inverse = maskOf(W, H, not(right));
    const clear = (rule: Rule) => pictureOf(W, H, 4, (y, x, c) => (c === 3 ? (rule(y, x) ? 255 : 0) : 40 * c));
    const ways: [string, InpaintOptions][] = [
      ['sources in white', { sources: inverse }],
      ['sources on transparent', { sources: clear(not(right)) }],
      ['what to avoid on transparent', { avoid: clear(right) }],
      ['what to avoid in white, opaque', { avoid: pictureOf(W, H, 2, (y, x, c) => (c === 1 || right(y, x) ? 255 : 0)) }],
      ['what to avoid in grey', { avoid: pictureOf(W, H, 1, (y, x) => (right(y, x) ? 70 : 20)) }],
      ['sources that are grey where they end', { sources: pictureOf(W, H, 1, (y, x) => (right(y, x) ? 180 : 240)) }],
      ['what to avoid in 16 bits', { avoid: pictureOf(W, H, 3, (y, x) => (right(y, x) ? 255 : 0), 16) }],
      ['a mask of shapes', { avoid: maskFrom({ box: [70, 0, W - 70, H] }, { width: W, height: H }) }],
      ['both', { sources: maskOf(W, H, rectangle(0, 0, H, 90)), avoid: white }],
    ];
    for (const [name, more] of ways) expect((await fill(more)).data, name).toEqual(expected);
    const tensor = tf.tensor3d(
      Float32Array.from(white.data, (v) => v / 255),
      [H, W, 1],
    );
    expect((await fill({ avoid: tensor })).data).toEqual(expected);
    tensor.dispose();
  });

  it('does not hang on the colour that the hole is marked in', async () => {
    const black = maskOf(W, H, not(hole));
    expect((await inpaint(photo, black, { workingSize: 56, grow: 1, feather: 2, generator: hasty(), hole: 'black', avoid: white })).data).toEqual(
      (await fill({ avoid: white })).data,
    );
  });

  it('sources that are all of it, and nothing to avoid, change nothing', async () => {
    const expected = (await fill({})).data;
    expect((await fill({ sources: whole(255), avoid: whole(0) })).data).toEqual(expected);
    expect((await fill({ avoid: maskFrom([], { width: W, height: H }) })).data).toEqual(expected);
  });

  it.each([
    ['', hole],
    ['a wire: ', rectangle(48, 10, 50, 100)],
  ] as [string, Rule][])('%sthe fill is made of sources alone, wherever they lie', async (_, hole) => {
    // Only in the lower left corner is anything but magenta.
    const corner = rectangle(62, 0, H, 40);
    const only = painted(meadow(W, H), not(corner));
    const result = await inpaint(only, maskOf(W, H, hole), { workingSize: W, grow: 1, generator: hasty(), sources: maskOf(W, H, corner) });
    expect(magentaIn(pixelsWhere(result, grown(hole)))).toBeLessThan(24);
  });

  it('what is beyond the seam stays, bit for bit', async () => {
    const result = await fill({ avoid: white });
    const touched = near(W, H, hole, 3);
    for (let i = 0; i < photo.data.length; i++) if (!touched[Math.floor(i / 3)]) expect(result.data[i]).toBe(photo.data[i]);
  });

  it('a generator is told, at its own size', async () => {
    let told: Float32Array | undefined;
    const { fill: mean, ...rest } = meanColour({ multiple: 16 });
    const generator: Generator = {
      ...rest,
      async fill(request) {
        if (request.sources) expect(request.sources.shape).toEqual(request.hole.shape);
        told = (await request.sources?.data()) as Float32Array | undefined;
        const unknown = (await request.hole.data()) as Float32Array;
        expect(told?.every((source, p) => source === 0 || unknown[p] === 0) ?? true).toBe(true);
        return mean(request);
      },
    };
    await fill({ avoid: white, generator, detail: false });
    expect(new Set(told)).toEqual(new Set([0, 1]));
    told = undefined;
    await fill({ generator, detail: false });
    expect(told).toBe(undefined);
  });
});

describe('what can be wrong', () => {
  const photo = scene(W, H);
  const hole = disc(48, 50, 10);
  const mask = maskOf(W, H, hole);
  const fill = (more: InpaintOptions): Promise<Picture> => inpaint(photo, mask, { workingSize: 56, generator: hasty(), ...more });

  it('nothing that may be copied', async () => {
    for (const more of [
      { sources: maskOf(W, H, () => false) },
      { avoid: maskOf(W, H, () => true) },
      { sources: maskOf(W, H, disc(48, 50, 5)) },
      { sources: maskOf(W, H, rectangle(0, 0, H, 20)), avoid: maskOf(W, H, rectangle(0, 0, H, 30)) },
    ]) {
      const { message } = await expectFailure(() => fill(more), MaskError, 'no-sources');
      expect(message).toMatch(/^inpaint: sources and avoid leave no pixel outside the hole/);
    }
  });

  it('sources so narrow that none is left at the working size', async () => {
    const { message } = await expectFailure(() => fill({ sources: maskOf(W, H, (y) => y === 9) }), MaskError, 'no-sources');
    expect(message).toMatch(/^exemplar: brought down to 56 x \d+, no pixel lies wholly in what may be copied/);
    await fill({ sources: maskOf(W, H, (y) => y === 9), generator: meanColour() });
  });

  it('masks of another size, and shapes that are none', async () => {
    const small = maskOf(W - 1, H, () => true);
    expect((await expectFailure(() => fill({ sources: small }), MaskError, 'mask-size')).message).toMatch(
      /the mask of sources is 111 x 96, the photo 112 x 96/,
    );
    expect((await expectFailure(() => fill({ avoid: small }), MaskError, 'mask-size')).message).toMatch(/the mask of what to avoid is/);
    await expectFailure(() => fill({ avoid: { shapes: [] } as never }), ArgumentError, 'argument');
    expect((await expectFailure(() => fill({ avoid: 'a.png' as never }), ArgumentError, 'argument')).message).toMatch(/avoid must be a Picture/);
    expect((await expectFailure(() => fill({ sources: 3 as never }), ArgumentError, 'argument')).message).toMatch(/sources must be a Picture/);
  });
});
