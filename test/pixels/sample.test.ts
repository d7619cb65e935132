import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { composer, upsampler } from '../../src/pixels/sample';
import { HOLE } from '../../src/pixels/seam';

describe('composer', () => {
  for (const kind of [Uint8Array, Uint8ClampedArray, Uint16Array]) {
    it(`rounds to the nearest level, once: ${kind.name}`, () => {
      const photo: Picture = { width: 4, height: 1, channels: 1, data: new kind(4) };
      const result = { ...photo, data: photo.data.slice() };
      const compose = composer(photo, result, new Uint8Array(4).fill(HOLE));
      for (const [pixel, value] of [100.4, 100.6, -3, 1e6].entries()) compose(pixel, 0, value);
      expect(Array.from(result.data)).toEqual([100, 101, 0, kind === Uint16Array ? 65535 : 255]);
    });
  }

  it('fades across the seam', () => {
    const photo: Picture = { width: 1, height: 1, channels: 2, data: Uint8Array.of(200, 9) };
    const result = { ...photo, data: photo.data.slice() };
    composer(photo, result, Uint8Array.of(51))(0, 0, 100);
    expect(Array.from(result.data)).toEqual([180, 9]);
  });
});

describe('upsampler', () => {
  it('takes half-pixel centres and repeats the edges', () => {
    const image = Float32Array.of(0, 10, 20, 4, 50, 60);
    const sample = upsampler({ height: 1, width: 2 }, 3, 4);
    expect([0, 1, 2, 3].map((x) => sample(image, 2, x, 0))).toEqual([0, 1, 3, 4]);
    expect(sample(image, 0, 3, 2)).toBe(60);
  });
});
