import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { beside, plainBeside, vectorBeside } from '../../src/generators/exemplar/beside';
import { halved, plainHalved, vectorHalved } from '../../src/generators/exemplar/halve';
import { depthsOf, patchCentres, plainCentres, plainDepths, vectorCentres, vectorDepths } from '../../src/generators/exemplar/patch-centres';
import { findStrangers, plainLeft, plainStrangers, vectorLeft, vectorStrangers, withoutStrangers } from '../../src/generators/exemplar/strangers';
import { plainTexture, texture, vectorTexture } from '../../src/generators/exemplar/texture';

// Sizes odd and even, of one row and of one column; holes at every side, that are all there is, and none.
const SIZES = [
  [1, 1],
  [1, 9],
  [9, 1],
  [23, 78],
  [48, 31],
];
const HOLES = { some: 0.04, most: 0.7, all: 1, none: 0 };
const cases = SIZES.flatMap(([height, width]) => Object.entries(HOLES).map(([hole, share]) => ({ height, width, hole, share })));

/** A picture of few colours, of which some are rare, and a hole of squares. */
function picture(height: number, width: number, share: number) {
  const random = randomIntegers(height * width + Math.round(100 * share));
  const fraction = () => random() / 2 ** 32;
  const pixels = height * width;
  const marks = (share: number) => {
    const out = new Float32Array(pixels);
    for (let p = 0; p < pixels; p++) if (fraction() < share) for (const q of [p, p + 1, p + width]) if (q < pixels) out[q] = 1;
    return out;
  };
  const colours = new Float32Array(3 * pixels).map((_, i) => (i % 3 || random() % 60 ? 0.3 : 2 * fraction() - 1) + fraction() / 50);
  colours.set([-0.9, 0.9, 0.2], colours.length - 3);
  // A few holes lie on the left, so that there is something far from them.
  const hole = marks(share).map((mark, p) => (share < 0.5 && p % width > width / 3 ? 0 : mark));
  const barred = marks(0.05).map((mark, p) => Math.max(mark, hole[p]));
  const strange = marks(0.1).map((mark) => mark / (1 + (random() % 4)));
  return { height, width, pixels, colours: colours.map((value) => Math.max(-1, Math.min(1, value))), hole, barred, strange, fraction };
}

describe.each(cases)('the parts of a pyramid over $height x $width pixels with $hole in the hole, compiled, are the plain ones, to the bit:', (given) => {
  const { height, width, pixels, colours, hole, barred, strange, fraction } = picture(given.height, given.width, given.share);

  it('texture', () => {
    expect(vectorTexture(colours, hole, height, width)).toStrictEqual(plainTexture(colours, hole, height, width));
  });

  it.each([1, 3, 7])("centres of patches of %i, and those that are not the strangers'", (patchSize) => {
    const centres = plainCentres(hole, height, width, patchSize);
    expect(vectorCentres(hole, height, width, patchSize)).toStrictEqual(centres);
    const kept = plainCentres(hole, height, width, patchSize, barred);
    expect(vectorCentres(hole, height, width, patchSize, barred)).toStrictEqual(kept);
    for (const { sources } of [centres, kept]) {
      const left = plainLeft(sources, strange, height, width, patchSize);
      expect(vectorLeft(sources, strange, height, width, patchSize)).toStrictEqual(left);
    }
  });

  it('depths', () => {
    expect(vectorDepths(hole, height, width)).toStrictEqual(plainDepths(hole, height, width));
  });

  it('strangers', () => {
    // Those out of range count as the darkest and the brightest.
    for (const factor of [1, 1.5]) {
      const given = colours.map((value) => factor * value);
      const within = given.map((value) => Math.max(-1, Math.min(1, value)));
      const strange = plainStrangers(given, hole, height, width);
      expect(strange).toStrictEqual(plainStrangers(within, hole, height, width));
      expect(vectorStrangers(given, hole, height, width)).toStrictEqual(strange);
    }
  });

  it('what is half as large', () => {
    const features = new Float32Array(5 * pixels).map(fraction);
    const all = { height, width, features, hole, strange };
    expect(vectorHalved({ ...all, barred })).toStrictEqual(plainHalved({ ...all, barred }));
    const small = vectorHalved({ ...all, barred: hole })!;
    expect(small).toStrictEqual(plainHalved({ ...all, barred: hole }));
    expect(small.barred).toBe(small.hole);
  });

  it('two kinds of features', () => {
    const [first, second] = [new Float32Array(5 * pixels).map(fraction), new Float32Array(2 * pixels).map(fraction)];
    expect(vectorBeside(first, second, pixels)).toStrictEqual(plainBeside(first, second, pixels));
  });
});

it('what is random here tells loops apart', () => {
  const { height, width, colours, hole, strange } = picture(23, 78, 0.04);
  const { sources, sourceCount } = plainCentres(hole, height, width, 3);
  expect(sourceCount).toBeGreaterThan(100);
  expect(plainLeft(sources, strange, height, width, 3).sourceCount).toBeLessThan(sourceCount);
  expect(plainLeft(sources, strange, height, width, 3).sourceCount).toBeGreaterThan(0);
  expect(plainStrangers(colours, hole, height, width)).toContain(1);
  expect(plainDepths(picture(48, 31, 0.7).hole, 48, 31).deepest).toBeGreaterThan(1);
});

it('the parts of a pyramid do without WebAssembly', () => {
  const { height, width, pixels, colours, hole, strange } = picture(23, 78, 0.04);
  const features = new Float32Array(5 * pixels).fill(1);
  const all = () => [
    texture(colours, hole, height, width),
    patchCentres(hole, height, width, 3),
    depthsOf(hole, height, width),
    findStrangers(colours, hole, height, width),
    withoutStrangers(hole, strange, height, width, 3),
    halved({ height, width, features, hole, barred: hole, strange }),
    beside(features, colours, pixels),
  ];
  const compiled = all();
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorTexture(colours, hole, height, width)).toBeUndefined();
    expect(all()).toStrictEqual(compiled);
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
