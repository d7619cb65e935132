import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions } from '../../src/cra/options';
import type { InpaintError } from '../../src/errors';
import { exemplar } from '../../src/generators/exemplar';
import type { FillRequest, Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import { seeded } from '../support/values';

/** Where a pixel is: its row and its column. */
export type Rule = (y: number, x: number) => boolean;

const colourCount = (channels: number) => (channels < 3 ? 1 : 3);
const maximumOf = ({ data }: Picture) => (data instanceof Uint16Array ? 65535 : 255);

/** A picture from a rule that gives each value, alpha included, in 0..255; 16 bits are finer, not just scaled. */
export function pictureOf(
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
  value: (y: number, x: number, c: number) => number,
  bits: 8 | 16 = 8,
): Picture {
  const data = bits === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const p = Math.floor(i / channels);
    data[i] = Math.round(Math.min(Math.max(value(Math.floor(p / width), p % width, i % channels), 0), 255) * (bits === 16 ? 257 : 1));
  }
  return { width, height, channels, data };
}

/** A photo-like texture: slow waves, of another phase in each colour, with some grain. Alpha is uneven, never 0. */
export function scene(width: number, height: number, channels: 1 | 2 | 3 | 4 = 3, bits: 8 | 16 = 8, seed = 1): Picture {
  const grain = seeded(seed, width * height * 4);
  const value = (y: number, x: number, c: number) => {
    if (channels % 2 === 0 && c === channels - 1) return 255 - ((x + 2 * y) % 100);
    return 120 + 40 * Math.sin(x * 0.35 + c) + 30 * Math.cos(y * 0.27 + 0.1 * x) + 14 * grain[4 * (y * width + x) + c];
  };
  return pictureOf(width, height, channels, value, bits);
}

// How much greener than red and blue each pixel of a meadow is, in 255ths.
const GREENER = 45;

/**
 * A texture in which each pixel is greener than red and blue by the same amount. So is whatever is mixed of its pixels;
 * a trace of magenta shows.
 */
export function meadow(width: number, height: number, channels: 3 | 4 = 3, bits: 8 | 16 = 8): Picture {
  const grain = seeded(3, width * height);
  const leaf = (y: number, x: number) => 100 + 25 * Math.sin(x * 0.35 + 0.2 * y) + 20 * Math.cos(y * 0.27) + 12 * grain[y * width + x];
  return pictureOf(width, height, channels, (y, x, c) => (c === 3 ? 255 : Math.round(leaf(y, x)) + (c === 1 ? GREENER : 0)), bits);
}

/** How much magenta there is at most in a picture made of meadow alone, in 255ths; a few by rounding, 300 for magenta itself. */
export function magentaIn({ data, channels, ...rest }: Picture): number {
  const levels = maximumOf({ data, channels, ...rest }) / 255;
  let worst = -GREENER;
  for (let i = 0; i < data.length; i += channels) worst = Math.max(worst, (Math.min(data[i], data[i + 2]) - data[i + 1]) / levels);
  return worst + GREENER;
}

/** A mask from a rule: 255 where it holds, else 0. */
export const maskOf = (width: number, height: number, rule: Rule): Picture => pictureOf(width, height, 1, (y, x) => (rule(y, x) ? 255 : 0));

/** A disc. */
export const disc =
  (cy: number, cx: number, radius: number): Rule =>
  (y, x) =>
    (y - cy) ** 2 + (x - cx) ** 2 <= radius * radius;

/** A rectangle, the far edges not included. */
export const rectangle =
  (top: number, left: number, bottom: number, right: number): Rule =>
  (y, x) =>
    y >= top && y < bottom && x >= left && x < right;

/** A copy with the colour, in full range, wherever the rule holds. Alpha stays unless given. */
export function painted(picture: Picture, rule: Rule, colour: number[] = [1, 0, 1], alpha?: number): Picture {
  const { width, height, channels } = picture;
  const data = picture.data.slice();
  for (let p = 0; p < width * height; p++) {
    if (!rule(Math.floor(p / width), p % width)) continue;
    for (let c = 0; c < colourCount(channels); c++) data[p * channels + c] = colour[c] * maximumOf(picture);
    if (alpha !== undefined && channels % 2 === 0) data[p * channels + channels - 1] = alpha;
  }
  return { ...picture, data };
}

/** 1 where a pixel lies within `reach` of one where the rule holds, looked at one by one. */
export function near(width: number, height: number, rule: Rule, reach: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const r = Math.floor(reach);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!rule(y, x)) continue;
      for (let v = Math.max(0, y - r); v <= Math.min(height - 1, y + r); v++) {
        for (let u = Math.max(0, x - r); u <= Math.min(width - 1, x + r); u++) if ((v - y) ** 2 + (u - x) ** 2 <= reach * reach) out[v * width + u] = 1;
      }
    }
  }
  return out;
}

/** Expects all values where `touched` is 0, and alpha everywhere, to be the same bits. */
export function expectUntouched(result: ArrayLike<number>, photo: ArrayLike<number>, channels: number, touched: Uint8Array): void {
  expect(result.length).toBe(photo.length);
  const wrong: number[] = [];
  for (let i = 0; i < photo.length; i++) {
    const alpha = channels % 2 === 0 && i % channels === channels - 1;
    if ((alpha || !touched[Math.floor(i / channels)]) && !Object.is(result[i], photo[i])) wrong.push(i);
  }
  expect(wrong.slice(0, 20), 'places of values changed beyond the seam').toEqual([]);
}

/** How many of the pixels where the rule holds differ. */
export function changedWhere(result: ArrayLike<number>, photo: ArrayLike<number>, { width, height, channels }: Omit<Picture, 'data'>, rule: Rule): number {
  let changed = 0;
  for (let p = 0; p < width * height; p++) {
    if (!rule(Math.floor(p / width), p % width)) continue;
    if (Array.from({ length: channels }, (_, c) => result[p * channels + c] !== photo[p * channels + c]).some(Boolean)) changed++;
  }
  return changed;
}

/** Runs `f`, expects it to fail with this class and code and to leave no tensor; returns the error. */
export async function expectFailure(f: () => Promise<unknown>, type: typeof InpaintError, code: InpaintError['code']): Promise<InpaintError> {
  const before = tf.memory().numTensors;
  let error: unknown = 'nothing was thrown';
  try {
    tf.dispose((await f()) as tf.TensorContainer);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(type);
  expect((error as InpaintError).code).toBe(code);
  expect(tf.memory().numTensors - before, 'tensors left').toBe(0);
  return error as InpaintError;
}

/** The built-in generator in a hurry: for what does not depend on how good the fill is. */
export const hasty = (): Generator => exemplar({ starts: 1, coarseRounds: 2, rounds: 2 });

/** inpaint() in a hurry, at a small working size and with a narrow seam of known width. */
export const fillSmall = (photo: Picture, mask: Picture, options: InpaintOptions = {}): Promise<Picture> =>
  inpaint(photo, mask, { workingSize: 48, grow: 1, feather: 2, thin: 0, generator: hasty(), ...options });

/** A generator that gives the mean colour of what is known, and keeps the requests' sizes and numbers. */
export function meanColour(
  options: { multiple?: number; workingSize?: number } = {},
): Generator & { requests: { height: number; width: number; seed: number; signal?: AbortSignal }[] } {
  const requests: { height: number; width: number; seed: number; signal?: AbortSignal }[] = [];
  return {
    name: 'mean colour',
    multiple: 1,
    ...options,
    requests,
    async fill({ image, hole, seed, signal }: FillRequest) {
      requests.push({ height: image.shape[0], width: image.shape[1], seed, signal });
      return {
        image: tf.tidy(() => {
          const known = tf.sub(1, hole);
          return tf.add(tf.zerosLike(image), tf.div(tf.sum(tf.mul(image, known), [0, 1]), tf.sum(known))) as tf.Tensor3D;
        }),
      };
    },
  };
}
