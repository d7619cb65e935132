import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { compositor } from '../../src/pixels/composite';
import { HOLE } from '../../src/pixels/seam';

const weightsOf = (...data: number[]): Picture => ({ width: data.length, height: 1, channels: 1, data: Uint8Array.from(data) });

describe('compositor', () => {
  for (const kind of [Uint8Array, Uint8ClampedArray, Uint16Array]) {
    it(`rounds to the nearest level, once: ${kind.name}`, () => {
      const picture: Picture = { width: 4, height: 1, channels: 1, data: new kind(4) };
      const compose = compositor({ top: 0, left: 0, picture, weights: weightsOf(HOLE, HOLE, HOLE, HOLE) });
      for (const [pixel, value] of [100.4, 100.6, -3, 1e6].entries()) compose(pixel, 0, value);
      expect(Array.from(picture.data)).toEqual([100, 101, 0, kind === Uint16Array ? 65535 : 255]);
    });
  }

  it('fades across the seam', () => {
    const picture: Picture = { width: 1, height: 1, channels: 2, data: Uint8Array.of(200, 9) };
    compositor({ top: 0, left: 0, picture, weights: weightsOf(51) })(0, 0, 100);
    expect(Array.from(picture.data)).toEqual([180, 9]);
  });
});
