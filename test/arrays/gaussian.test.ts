import { describe, expect, it } from 'vitest';
import { gaussianBlurred, gaussianLine, gaussianSize, plainBlurred, vectorBlurred } from '../../src/arrays/gaussian';
import { randomIntegers } from '../../src/arrays/random';

const { fround } = Math;

/** Pixel by pixel, term by term. */
function naive(values: Float32Array, height: number, width: number, sigma: number): Float32Array {
  const channels = values.length / (height * width);
  const line = gaussianLine(gaussianSize(sigma), sigma);
  const along = (from: Float32Array, length: number, step: number) =>
    from.map((_, i) => {
      const at = Math.floor(i / step) % length;
      // Beyond the border stands the border pixel, whose weights are one.
      const weights = new Map<number, number>();
      for (const [k, weight] of line.entries()) {
        const place = Math.min(Math.max(at + k - (line.length >> 1), 0), length - 1);
        weights.set(place, (weights.get(place) ?? 0) + weight);
      }
      let sum = 0;
      for (const [place, weight] of weights) sum = fround(sum + weight * from[i + (place - at) * step]);
      return sum;
    });
  return along(along(values, height, width * channels), width, channels);
}

describe('a Gaussian blur', () => {
  it.each([
    [23, 31, 3, 1.5],
    [40, 900, 3, 1.5],
    [17, 12, 1, 0.8],
    [4, 3, 3, 1.5],
    [1, 1, 1, 2],
  ])('is the plain sum over %i x %i pixels of %i channels, sigma %f, to the bit', (height, width, channels, sigma) => {
    const random = randomIntegers(5);
    const values = new Float32Array(height * width * channels).map(() => (random() % 2001) / 1000 - 1);
    const expected = naive(values, height, width, sigma);
    expect(plainBlurred(values, height, width, sigma)).toEqual(expected);
    expect(vectorBlurred(values, height, width, sigma)).toEqual(expected);
  });

  it('leaves a flat picture flat', () => {
    const flat = gaussianBlurred(new Float32Array(300).fill(0.5), 10, 30, 1.5);
    for (const value of flat) expect(value).toBeCloseTo(0.5, 6);
  });
});
