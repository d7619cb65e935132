import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { blendCopies } from '../../src/generators/exemplar/blend';
import { type PixelFiller, plainFiller, vectorFiller } from '../../src/generators/exemplar/fill-pixel';
import { peelOnion } from '../../src/generators/exemplar/onion-peel';
import { patchCentres } from '../../src/generators/exemplar/patch-centres';
import { buildPyramid, CHANNELS, type Level } from '../../src/generators/exemplar/pyramid';
import { reusePrices } from '../../src/generators/exemplar/reuse';

const W = 64;
const H = 48;
const still = () => Promise.resolve();
const inBox = (p: number, [top, left, bottom, right]: number[]) => p >= top * W && p < bottom * W && p % W >= left && p % W < right;
const marks = (box: number[]) => Float32Array.from({ length: W * H }, (_, p) => (inBox(p, box) ? 1 : 0));
const HOLE = [16, 8, 30, 22];
/** A sea of small grey ripples, red wherever the test says. */
const sea = (isRed: (p: number) => boolean) =>
  Float32Array.from({ length: W * H * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    return isRed(p) ? [0.9, -0.8, -0.8][i % 3] : 0.1 * Math.sin(p * 0.7) + 0.05 * Math.cos(p * 0.13);
  });
const sourcesIn = ({ sources }: Level, box: number[]) => sources.filter((source, p) => source > 0 && inBox(p, box)).length;

describe('sources', () => {
  const far = [4, 46, 20, 60];

  it('are none of a colour that is nowhere around the hole, at any level', () => {
    const { levels } = buildPyramid(
      sea((p) => inBox(p, far)),
      marks(HOLE),
      H,
      W,
      8,
    );
    expect(levels.length).toBeGreaterThan(1);
    expect(sourcesIn(levels[0], far)).toBe(0);
    expect(levels[0].sourceCount).toBeGreaterThan(500);
    // At half the size the red rectangle is far / 2; its inside must be no source either.
    const { sources, width } = levels[1];
    for (let y = 3; y < 9; y++) for (let x = 24; x < 29; x++) expect(sources[y * width + x], `${y}, ${x}`).toBe(0);
  });

  it('are of that colour too where it also lies beside the hole', () => {
    const beside = [HOLE[0], HOLE[3], HOLE[2], HOLE[3] + 6];
    const { levels } = buildPyramid(
      sea((p) => inBox(p, far) || inBox(p, beside)),
      marks(HOLE),
      H,
      W,
      8,
    );
    expect(sourcesIn(levels[0], [8, 50, 16, 56])).toBe(48);
  });

  it('are all there are where nearly everything is strange', () => {
    // Grey as far as the ring reaches, a fourteenth of the picture; all else is red.
    const width = 320;
    const colours = Float32Array.from({ length: H * width * 3 }, (_, i) => (Math.floor(i / 3) % width < 22 ? 0.1 * Math.sin(i) : [0.9, -0.8, -0.8][i % 3]));
    const hole = Float32Array.from({ length: H * width }, (_, p) => (p % width < 4 && p >= 20 * width && p < 26 * width ? 1 : 0));
    const [{ sources }] = buildPyramid(colours, hole, H, width, 40).levels;
    expect(sources[24 * width + 200]).toBe(1);
    expect(sources.filter((source) => source > 0).length).toBeGreaterThan(0.9 * (width - 6) * (H - 6));
  });
});

describe('blended copies', () => {
  const hole = marks(HOLE);
  const { levels } = buildPyramid(new Float32Array(W * H * 3), hole, H, W, 40);
  /** Flat grey around the hole, and every hole pixel copied from a flat place that is `step` brighter. */
  const blend = (step: number) => {
    const away = 30;
    const colours = Float32Array.from({ length: W * H * 3 }, (_, i) => (Math.floor(i / 3) % W >= 30 ? step : 0));
    const offsets = new Int32Array(W * H * 2);
    for (let p = 0; p < W * H; p++) if (hole[p]) offsets[2 * p + 1] = away;
    return blendCopies(colours, levels[0], offsets, new Float32Array(W * H), still);
  };
  const middle = 3 * (23 * W + 15);

  it('lose a step of light against the surroundings', async () => {
    const blended = await blend(0.2);
    for (let p = 0; p < W * H; p++) if (hole[p]) expect(Math.abs(blended[3 * p]), `pixel ${p}`).toBeLessThan(0.02);
  });

  it('keep a step that must be an edge', async () => {
    const blended = await blend(0.95);
    expect(blended[middle]).toBeGreaterThan(0.7);
  });

  it('leave what is known as it is, to the bit', async () => {
    const blended = await blend(0.2);
    for (let p = 0; p < W * H; p++) if (!hole[p]) expect(blended[3 * p]).toBe(Math.fround(p % W >= 30 ? 0.2 : 0));
  });
});

describe('the first guess', () => {
  // Small whole numbers, so that sums of squares and penalties are exact in single precision, in any order. One hole lies at the border.
  const level = (patchSize: number) => {
    const random = randomIntegers(patchSize);
    const hole = Float32Array.from({ length: W * H }, (_, p) => (inBox(p, HOLE) || inBox(p, [40, 56, 48, 64]) ? 1 : 0));
    const features = Float32Array.from({ length: W * H * CHANNELS }, (_, i) => (hole[Math.floor(i / CHANNELS)] ? 0 : random() % 13));
    return { height: H, width: W, features, hole, ...patchCentres(hole, H, W, patchSize) };
  };
  const wholeLevel = () => ({
    ...buildPyramid(
      sea(() => false),
      marks(HOLE),
      H,
      W,
      40,
    ).levels[0],
    ...level(7),
  });
  const penalty: [number, number] = [(H * H) / 8, (W * W) / 2];
  // Prices are whole numbers too.
  const prices = Float32Array.from({ length: W * H }, (_, p) => p % 5);
  const how = (patchSize: number, seed: number) => ({ patchSize, offsetPenalty: penalty, prices, seed });
  const fillAll = ({ features, offsets, known, turn }: PixelFiller, share: number) => {
    while (turn(share) > 0);
    return { features: features.slice(), offsets: offsets.slice(), known: known.slice() };
  };

  it.each([
    [1, 1],
    [3, 0.25],
    [5, 0.01],
    [7, 0.25],
    [7, 1],
  ])('is the same in the compiled loops as in plain JavaScript, to the bit, with patches of %i and %f of the front at a time', (patchSize, share) => {
    const asked = level(patchSize);
    const plain = fillAll(plainFiller(asked, how(patchSize, 5)), share);
    expect(plain.known.every((known) => known === 1)).toBe(true);
    expect(fillAll(vectorFiller(asked, how(patchSize, 5))!, share)).toStrictEqual(plain);
  });

  it('leaves what is filled before it begins', () => {
    const asked = level(7);
    for (const filler of [plainFiller(asked, how(7, 5)), vectorFiller(asked, how(7, 5))!]) {
      const first = asked.hole.indexOf(1);
      filler.known[first] = 1;
      filler.features.fill(77, first * CHANNELS, (first + 1) * CHANNELS);
      expect(fillAll(filler, 1).features.slice(first * CHANNELS, (first + 1) * CHANNELS)).toEqual(new Float32Array(CHANNELS).fill(77));
    }
  });

  it('is peeled in the order that working out every priority anew at each turn gives', async () => {
    const asked = wholeLevel();
    const { offsets } = await peelOnion(asked, { ...how(7, 3), prices: new Float32Array(W * H).fill(0.05) }, 0.25, still);
    // Of a peel that remembers no priority.
    expect(offsets.reduce((sum, offset, i) => (Math.imul(sum, 31) + offset * (i + 1)) | 0, 7)).toBe(1944888067);
  });

  it('takes no source over and over where others are nearly as good', async () => {
    // Columns of ripples that repeat every six pixels, and a strip of hole across them: any phase can be had from many places.
    const random = randomIntegers(2);
    const colours = Float32Array.from({ length: W * H * 3 }, (_, i) => 0.5 * Math.sin((Math.floor(i / 3) % W) * (Math.PI / 3)) + (random() % 100) / 1000);
    const [level] = buildPyramid(colours, marks([20, 4, 28, 60]), H, W, 40).levels;
    const { offsets } = await peelOnion(level, { patchSize: 7, offsetPenalty: [0, 0], prices: reusePrices(level, 7), seed: 3 }, 1, still);
    const uses = new Map<number, number>();
    for (let p = 0; p < W * H; p++) {
      if (!level.hole[p]) continue;
      const s = p + offsets[2 * p] * W + offsets[2 * p + 1];
      uses.set(s, (uses.get(s) ?? 0) + 1);
    }
    // 448 pixels of more than 1600 sources; where taking one again costs nothing, some are taken four times.
    expect(Math.max(...uses.values())).toBe(1);
  });

  it('pays for what is rare and patterned, less for what is common or goes on along an edge', () => {
    // Ripples nearly everywhere; a chequered square beside the hole, and a bright bar across the picture.
    const random = randomIntegers(2);
    const chequered = (x: number, y: number) => x >= 14 && x < 28 && y >= 18 && y < 32;
    const colours = Float32Array.from({ length: W * H * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % W, Math.floor(i / 3 / W)];
      if (chequered(x, y)) return ((x >> 1) + (y >> 1)) % 2 ? 0.9 : -0.9;
      if (y >= 40 && y < 44) return 0.9;
      return 0.1 * Math.sin(x) * Math.cos(y) + (random() % 100) / 2000;
    });
    const [level] = buildPyramid(colours, marks([20, 30, 30, 50]), H, W, 40).levels;
    const prices = reusePrices(level, 7);
    const at = (x: number, y: number) => prices[y * W + x];
    expect(at(50, 8)).toBeCloseTo(0.025, 6);
    expect(at(21, 25)).toBeCloseTo(0.15, 6);
    expect(at(30, 42)).toBeLessThanOrEqual(0.06);
    // Of what is no source, nothing is said.
    expect(at(40, 25)).toBe(0);
  });

  it('is made without WebAssembly', async () => {
    const asked = wholeLevel();
    const guess = () => peelOnion(asked, how(7, 9), 1, still);
    const expected = await guess();
    const known = globalThis.WebAssembly;
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      expect(vectorFiller(asked, how(7, 9))).toBeUndefined();
      expect(await guess()).toStrictEqual(expected);
    } finally {
      Object.assign(globalThis, { WebAssembly: known });
    }
  });
});
