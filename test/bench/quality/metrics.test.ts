import { describe, expect, it } from 'vitest';
import type { Case, Pixels } from '../../../bench/quality/cases';
import { distanceTo, signedDistance } from '../../../bench/quality/geometry';
import { labOf, laplacian, laplacianEnergy, score } from '../../../bench/quality/metrics';
import { coverage, drawShape, paintStrokes, random } from '../../../bench/quality/shapes';

const [width, height] = [160, 120];

/** A coloured texture in which every place looks alike. */
function texture(seed: number): Pixels {
  const next = random(seed);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([90 + next() * 80, 110 + next() * 80, 100 + next() * 80], i);
  return { width, height, data };
}

function blurred(picture: Pixels, radius: number): Pixels {
  const data = new Uint8Array(picture.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let [sum, count] = [0, 0];
        for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
          for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++, count++) sum += picture.data[(v * width + u) * 3 + c];
        }
        data[(y * width + x) * 3 + c] = sum / count;
      }
    }
  }
  return { width, height, data };
}

const truth = texture(1);
const hole = paintStrokes(width, height, [[60, 60, 100, 55, 22]]);

/** Two samples of some 4000 pixels in 32 bins differ by about 0.05 by chance alone. */
const noise = 0.1;

/** `outside` with the hole taken from `inside`. */
function composed(inside: Pixels, outside: Pixels = truth): Pixels {
  const data = Uint8Array.from(outside.data);
  hole.data.forEach((value, i) => {
    if (value) data.set(inside.data.subarray(3 * i, 3 * i + 3), 3 * i);
  });
  return { width, height, data };
}

const flat = (r: number, g: number, b: number): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => [r, g, b][i % 3]),
});
const input = composed(flat(255, 0, 255));
const which: Case = { name: 'texture', input, hole, truth, hasTruth: true };

describe('scores', () => {
  it('are ideal for the truth itself', () => {
    const scores = score(which, truth, 0);
    expect(scores.energy).toBe(1);
    expect(scores.energySquared).toBe(1);
    expect(scores.histogram).toBeLessThan(noise);
    expect(scores.histogramFine).toBeLessThan(noise);
    expect(scores.seam).toBeGreaterThan(0.9);
    expect(scores.seam).toBeLessThan(1.1);
    expect(scores.lab).toBe(0);
    expect(scores.psnr).toBe(Number.POSITIVE_INFINITY);
    expect(scores.ssim).toBeCloseTo(1, 6);
    expect(scores).toMatchObject({ reach: 0, touched: 0, leak: 0 });
  });

  it('do not punish another sample of the same texture', () => {
    const scores = score(which, composed(texture(2)), 0);
    expect(scores.energy).toBeGreaterThan(0.95);
    expect(scores.energy).toBeLessThan(1.05);
    expect(scores.histogram).toBeLessThan(noise);
    expect(scores.histogramFine).toBeLessThan(noise);
    expect(scores.seam).toBeGreaterThan(0.9);
    expect(scores.seam).toBeLessThan(1.1);
  });

  it('tell a blurred hole', () => {
    const scores = score(which, composed(blurred(truth, 2)), 0);
    expect(scores.energy).toBeLessThan(0.3);
    expect(scores.energySquared).toBeLessThan(0.1);
    expect(scores.histogram).toBeGreaterThan(0.5);
    expect(scores.histogramFine).toBeGreaterThan(0.5);
    expect(scores.energySmooth).toBeLessThan(0.3);
    expect(scores.labCells).toBeLessThan(3);
    expect(scores.lab).toBeGreaterThan(scores.labCells);
  });

  it('count no rounding to 8 bits as detail', () => {
    const ramp = (offset: number): Pixels => ({
      width,
      height,
      data: truth.data.map((_, i) => 100 + offset + (Math.floor(i / 3) % width) / 5 + Math.floor(i / 3 / width) / 7),
    });
    const rounding = laplacianEnergy(laplacian(ramp(0)), ramp(0), signedDistance(hole), -100, -3, 2);
    expect(laplacianEnergy(laplacian(ramp(0), true), ramp(0), signedDistance(hole), -100, -3, 2)).toBeLessThan(0.1 * rounding);
  });

  it('tell lines that are found again from those that are lost, faint, turned over or turned round', () => {
    const stripes = (contrast: number, isAcross = false): Pixels => ({
      width,
      height,
      data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
        return 128 + contrast * ((isAcross ? 2 * y - x : 2 * x + y) % 40 < 20 ? 1 : -1);
      }),
    });
    const lined = stripes(60);
    const linesOf = (filled: Pixels) => score({ ...which, truth: lined }, composed(filled, lined), 0).lines;
    expect(linesOf(lined)).toBe(1);
    // Lines on the hole's edge are seen with what lies outside, which is right in any case.
    expect(linesOf(stripes(30))).toBeGreaterThan(0.45);
    expect(linesOf(stripes(30))).toBeLessThan(0.6);
    expect(linesOf(stripes(110))).toBeGreaterThan(0.95);
    expect(linesOf(stripes(110))).toBeLessThanOrEqual(1);
    for (const lost of [flat(128, 128, 128), stripes(-60), stripes(60, true)]) expect(linesOf(lost)).toBeLessThan(0.2);
    expect(score({ ...which, truth: flat(90, 90, 90) }, flat(90, 90, 90), 0).lines).toBeNaN();
  });

  it('tell a step at the edge', () => {
    const brighter: Pixels = { width, height, data: truth.data.map((value) => value + 60) };
    const scores = score(which, composed(brighter), 0);
    expect(scores.energy).toBeGreaterThan(0.99);
    expect(scores.seam).toBeGreaterThan(1.5);
    expect(scores.lab).toBeGreaterThan(15);
  });

  it('tell magenta left in the hole, pure or blended', () => {
    const pixels = hole.data.reduce((sum, value) => sum + value, 0);
    expect(score(which, input, 0).leak).toBe(pixels);
    const mixed: Pixels = { width, height, data: truth.data.map((value, i) => 0.5 * value + 0.5 * [255, 0, 255][i % 3]) };
    expect(score(which, composed(mixed), 0).leak).toBeGreaterThan(0.9 * pixels);
  });

  it('tell pixels changed outside the seam', () => {
    const data = Uint8Array.from(truth.data);
    data[0]++;
    expect(score(which, { width, height, data }, 4)).toMatchObject({ touched: 1 });
    const besideHole = hole.data.indexOf(1) - width * 2;
    const near = Uint8Array.from(truth.data);
    near[besideHole * 3]++;
    expect(score(which, { width, height, data: near }, 4)).toMatchObject({ reach: 2, touched: 0 });
  });

  it('compare with the surroundings where there is no truth', () => {
    const scores = score({ ...which, hasTruth: false }, composed(texture(2)), 0);
    expect(scores.energy).toBeGreaterThan(0.9);
    expect(scores.energy).toBeLessThan(1.1);
    expect([scores.lab, scores.psnr, scores.ssim]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('geometry', () => {
  it('gives the exact distance', () => {
    const inside = [5 + 3 * 20, 17 + 11 * 20];
    const distance = distanceTo(20, 15, (i) => inside.includes(i));
    for (let i = 0; i < distance.length; i++) {
      const each = inside.map((j) => Math.hypot((i % 20) - (j % 20), Math.floor(i / 20) - Math.floor(j / 20)));
      expect(distance[i]).toBeCloseTo(Math.min(...each), 4);
    }
  });

  it('signs the distance by side', () => {
    const distance = signedDistance(hole);
    expect(distance[60 * width + 60]).toBeLessThan(-15);
    expect(distance[0]).toBeGreaterThan(40);
  });

  it('draws a shape at the asked size, the same each time', () => {
    for (const kind of ['person', 'blob'] as const) {
      const drawn = drawShape(400, 300, { kind, at: [0.5, 0.5], area: 0.05, seed: 3 });
      expect(coverage(drawn)).toBeCloseTo(0.05, 2);
      expect(drawShape(400, 300, { kind, at: [0.5, 0.5], area: 0.05, seed: 3 }).data).toEqual(drawn.data);
    }
  });
});

it('knows the L*a*b* of white and red', () => {
  expect(labOf(255, 255, 255)[0]).toBeCloseTo(100, 1);
  const [l, a, b] = labOf(255, 0, 0);
  expect([l, a, b].map(Math.round)).toEqual([53, 80, 67]);
});
