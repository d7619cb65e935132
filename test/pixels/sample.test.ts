import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import { mirrored, sampleColours, upsampler, upsampling } from '../../src/pixels/sample';

describe('upsampler', () => {
  it('takes half-pixel centres and repeats the edges', () => {
    const image = Float32Array.of(0, 10, 20, 4, 50, 60);
    const sample = upsampler({ height: 1, width: 2 }, 3, 4);
    expect([0, 1, 2, 3].map((x) => sample(image, 2, x, 0))).toEqual([0, 1, 3, 4]);
    expect(sample(image, 0, 3, 2)).toBe(60);
  });

  it('gives the three colours at once, to the bit', () => {
    const [low, out] = [{ height: 3, width: 5 }, new Float64Array(3)];
    const image = Float32Array.from({ length: 45 }, (_, i) => Math.sin(i * i));
    const [one, all] = [upsampler(low, 7, 13), upsampling(low, 7, 13)];
    for (let p = 0; p < 7 * 13; p++) {
      const [y, x] = [Math.floor(p / 13), p % 13];
      sampleColours(all, image, y, x, out);
      expect([...out]).toEqual([0, 1, 2].map((c) => one(image, y, x, c)));
    }
  });

  it.each([
    [0, 2, 3, 4],
    [1, 0, 3, 4],
    [1, 2, Number.NaN, 4],
    [1, 2, 3, 4.5],
  ])('refuses sizes that are none: %d x %d to %d x %d', (lowHeight, lowWidth, height, width) => {
    expect(() => upsampler({ height: lowHeight, width: lowWidth }, height, width)).toThrow(ArgumentError);
  });
});

it('a line goes on as its mirror image, and that as its own', () => {
  expect(Array.from({ length: 10 }, (_, i) => mirrored(i, 3))).toEqual([0, 1, 2, 2, 1, 0, 0, 1, 2, 2]);
});
