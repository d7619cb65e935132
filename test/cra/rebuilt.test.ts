import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { Detail, InpaintOptions } from '../../src/cra/options';
import type { Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import { seeded } from '../support/values';
import { disc, maskOf } from './support';

const W = 96;
const H = 72;
const hole = disc(36, 48, 15);
const mask = maskOf(W, H, hole);
const grain = seeded(3, W * H);

/** Coarse grain, dark and reddish on the left, light and bluish on the right of a line. */
const field = (line: number): Picture => ({
  width: W,
  height: H,
  channels: 3,
  data: Uint8Array.from({ length: W * H * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    const [y, x] = [Math.floor(p / W), p % W];
    const light = 40 * grain[(y >> 1) * W + (x >> 1)]!;
    const base = x < line ? [100, 60, 50] : [150, 160, 190];
    return base[i % 3]! + light;
  }),
});
const photo = field(48);

/** Paints the right colours of both sides in the right places, without any grain, as a network might; with the line where it is told. */
const soft = (line: number, generator: Partial<Generator> = {}): Generator => ({
  name: 'soft',
  multiple: 1,
  fill: async ({ image }) => {
    const [height, width] = image.shape;
    const flat = [
      [100, 60, 50],
      [150, 160, 190],
    ];
    const values = Float32Array.from({ length: height * width * 3 }, (_, i) => flat[Math.floor(i / 3) % width < line ? 0 : 1]![i % 3]! / 127.5 - 1);
    return { image: tf.tensor3d(values, [height, width, 3]) };
  },
  ...generator,
});

const options: InpaintOptions = { workingSize: W, grow: 0, feather: 0 };
const filled = (detail: Detail, line: number) => inpaint(photo, mask, { ...options, detail, generator: soft(line) });

/** Mean and deviation of the green of those hole pixels for which a rule holds. */
function spread({ data }: Picture, rule: (x: number) => boolean): { mean: number; deviation: number } {
  const values: number[] = [];
  for (let p = 0; p < W * H; p++) if (hole(Math.floor(p / W), p % W) && rule(p % W)) values.push(data[3 * p + 1]!);
  const mean = values.reduce((a, b) => a + b) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
}

describe('a fill without a correspondence', () => {
  it('is rebuilt with the grain of the picture, each side with its own colours', async () => {
    const sides = [(x: number) => x < 44, (x: number) => x > 51];
    const deviations = [0, 0];
    const seeds = [0, 1, 2, 3, 4, 5];
    for (const seed of seeds) {
      const result = await inpaint(photo, mask, { ...options, detail: true, generator: soft(48), seed });
      for (const [n, side] of sides.entries()) {
        const [found, wanted] = [spread(result, side), spread(photo, side)];
        deviations[n] += found.deviation / wanted.deviation / seeds.length;
        expect(found.deviation).toBeLessThan(1.3 * wanted.deviation);
        expect(Math.abs(found.mean - wanted.mean)).toBeLessThan(15);
      }
    }
    // Of a network that paints none at all. It is .68 on the left and .61 on the right.
    for (const deviation of deviations) expect(deviation).toBeGreaterThan(0.6);
    const flat = await filled(false, 48);
    expect(spread(flat, (x) => x < 44).deviation).toBeLessThan(1);
  });

  it('is laid out as the generator painted it, not as the surroundings would have it', async () => {
    // The hole reaches the lower border, where no line comes out again. In the hole the line is 8 pixels further right: up to there the result is dark.
    const open = (y: number, x: number) => y >= 40 && Math.abs(x - 48) <= 16;
    const result = await inpaint(photo, maskOf(W, H, open), { ...options, generator: soft(56) });
    const mean = (rule: (x: number) => boolean) => {
      const greens = Array.from({ length: W * H }, (_, p) => p).filter((p) => open(Math.floor(p / W), p % W) && rule(p % W));
      return greens.reduce((sum, p) => sum + result.data[3 * p + 1]!, 0) / greens.length;
    };
    expect(mean((x) => x >= 49 && x < 54)).toBeLessThan(95);
    expect(mean((x) => x > 60)).toBeGreaterThan(130);
  });

  it("keeps the generator's own colours with 'residual', and has grain", async () => {
    const result = await filled('residual', 48);
    const left = spread(result, (x) => x < 44);
    expect(Math.abs(left.mean - 60)).toBeLessThan(4);
    expect(left.deviation).toBeGreaterThan(0.4 * spread(photo, (x) => x < 44).deviation);
  });

  it('is laid in as it is where there are no known patches to copy from', async () => {
    // Known is a frame one pixel wide.
    const almostAll = maskOf(W, H, (y, x) => y > 0 && x > 0 && y < H - 1 && x < W - 1);
    const result = await inpaint(photo, almostAll, { ...options, generator: soft(48), onWarning: () => {} });
    expect(Array.from(result.data.slice(3 * (30 * W + 20), 3 * (30 * W + 20) + 3))).toEqual([100, 60, 50]);
  });

  it('leaves no tensors, also when aborted while it is rebuilt', async () => {
    const before = tf.memory().numTensors;
    await filled(true, 48);
    expect(tf.memory().numTensors).toBe(before);
    const stop = new AbortController();
    const generator = soft(48);
    const { fill } = generator;
    generator.fill = async (request) => {
      const result = await fill(request);
      stop.abort();
      return result;
    };
    await expect(inpaint(photo, mask, { ...options, generator, signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses other words for detail', async () => {
    await expect(filled('more' as 'residual', 48)).rejects.toThrow(/detail must be true, false or 'residual'/);
  });
});
