import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { atOnce } from '../../src/pixels/steps';
import { luminanceOf, topHat } from '../../src/pixels/top-hat';

/** An opening by a square, place by place: the greatest, over all squares that hold a pixel, of their least values. The border is widened by itself. */
function naiveTopHat(values: Uint8Array, width: number, height: number, size: number, dark: boolean): number[] {
  const at = (y: number, x: number) => {
    const v = values[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))]!;
    return dark ? 255 - v : v;
  };
  const out: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let greatest = 0;
      for (let top = y - size + 1; top <= y; top++) {
        for (let left = x - size + 1; left <= x; left++) {
          let least = 255;
          for (let v = top; v < top + size; v++) for (let u = left; u < left + size; u++) least = Math.min(least, at(v, u));
          greatest = Math.max(greatest, least);
        }
      }
      out.push(at(y, x) - greatest);
    }
  }
  return out;
}

describe('the top-hat', () => {
  it.each([1, 2, 3, 5, 7, 8])('by a square of %i is what an opening leaves', (size) => {
    const random = randomIntegers(size);
    const [width, height] = [17, 13];
    const values = Uint8Array.from({ length: width * height }, () => random() % 256);
    for (const dark of [false, true]) {
      expect([...atOnce(topHat(values, width, height, size, dark))]).toEqual(naiveTopHat(values, width, height, size, dark));
    }
  });

  it('goes on across the bands that it works in, and takes pictures that are smaller than its square', () => {
    const random = randomIntegers(3);
    const values = Uint8Array.from({ length: 5 * 300 }, () => random() % 256);
    expect([...atOnce(topHat(values, 5, 300, 7, false))]).toEqual(naiveTopHat(values, 5, 300, 7, false));
    expect([...atOnce(topHat(values, 1, 3, 9, true))]).toEqual(naiveTopHat(values, 1, 3, 9, true));
  });
});

it('luminance is that of 8 bits, whatever the picture has', () => {
  const colours = { width: 2, height: 1, channels: 3 as const, data: new Uint8Array([255, 0, 0, 10, 20, 30]) };
  expect([...atOnce(luminanceOf(colours, undefined))]).toEqual([76, 18]);
  const deep = { width: 2, height: 1, channels: 2 as const, data: new Uint16Array([65535, 1, 32768, 0]) };
  const nothing = new Uint8Array(2);
  expect([...atOnce(luminanceOf(deep, nothing))]).toEqual([255, 128]);
  expect([...nothing]).toEqual([0, 1]);
});
