import type { Case, Pixels } from './cases';
import { cut, holeBox, signedDistance } from './geometry';
import type { Hole } from './shapes';

/** A case's picture round the hole, its truth and the signed distance to the hole's edge (negative inside). */
export interface Region {
  result: Pixels;
  truth: Pixels;
  hole: Hole;
  distance: Float32Array;
}

/** What is printed of a result. */
export interface Scores {
  energy: number;
  energySquared: number;
  /** The squared one after a blur of 1 px. */
  energySmooth: number;
  /** In bins of 4 grey levels a pixel: sees structure, hardly film grain. */
  histogram: number;
  /** In bins that are narrow for small gradients: sees lost grain too. */
  histogramFine: number;
  seam: number;
  /** Pixel by pixel. */
  lab: number;
  /** The same between means over cells of 16 px: a colour cast, not a difference of texture. */
  labCells: number;
  /** How much of the truth's lines is found again. */
  lines: number;
  psnr: number;
  ssim: number;
  /** Distance from the hole of the farthest pixel that differs from the input. */
  reach: number;
  /** Differing pixels farther out than the method may touch. */
  touched: number;
  /** Pixels that show magenta which the truth has not. */
  leak: number;
}

/** Rec. 601 luma. */
export function luma({ width, height, data }: Pixels): Float32Array {
  const out = new Float32Array(width * height);
  for (let i = 0, j = 0; i < out.length; i++, j += 3) out[i] = 0.299 * data[j] + 0.587 * data[j + 1] + 0.114 * data[j + 2];
  return out;
}

/** Mean of `value` over the pixels that `chosen` takes; NaN where there is none. */
function meanWhere(length: number, chosen: (i: number) => boolean, value: (i: number) => number): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < length; i++) {
    if (!chosen(i)) continue;
    sum += value(i);
    count++;
  }
  return sum / count;
}

/** Whether a pixel has all four neighbours. */
const inner = (i: number, width: number, height: number): boolean => {
  const [x, y] = [i % width, Math.floor(i / width)];
  return x > 0 && y > 0 && x < width - 1 && y < height - 1;
};

/** Gaussian blur (7 taps each way for a deviation of 1 px); edge pixels are repeated. */
function smoothed(grey: Float32Array, width: number, height: number, sigma = 1): Float32Array {
  const reach = Math.ceil(3 * sigma);
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const pass = (from: Float32Array, step: number, place: (i: number) => number, length: number) => {
    const out = new Float32Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const at = place(i);
      let total = 0;
      for (let d = -reach; d <= reach; d++) total += taps[d + reach] * from[i + (Math.max(0, Math.min(length - 1, at + d)) - at) * step];
      out[i] = total / sum;
    }
    return out;
  };
  const rows = pass(grey, 1, (i) => i % width, width);
  return pass(rows, width, (i) => Math.floor(i / width), height);
}

/** The luma's Laplacian; with `smooth`, after a blur of 1 px, so that the rounding to 8 bits of smooth places counts for nothing. */
export function laplacian(picture: Pixels, smooth = false): Float32Array {
  const { width, height } = picture;
  const grey = smooth ? smoothed(luma(picture), width, height) : luma(picture);
  const out = new Float32Array(grey.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) out[i] = 4 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - width] - grey[i + width];
  }
  return out;
}

/** Mean of the Laplacian's magnitude (to the given power) over the pixels whose distance to the hole lies in [from, to]. */
export function laplacianEnergy(values: Float32Array, { width, height }: Pixels, distance: Float32Array, from: number, to: number, power = 1): number {
  return meanWhere(
    values.length,
    (i) => distance[i] >= from && distance[i] <= to && inner(i, width, height),
    (i) => Math.abs(values[i]) ** power,
  );
}

/** Gradient magnitude of the luma by central differences, in grey levels a pixel. */
export function gradientMagnitude(picture: Pixels): Float32Array {
  const { width, height } = picture;
  const grey = luma(picture);
  const out = new Float32Array(grey.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = grey[x < width - 1 ? i + 1 : i] - grey[x > 0 ? i - 1 : i];
      const dy = grey[y < height - 1 ? i + width : i] - grey[y > 0 ? i - width : i];
      out[i] = Math.hypot(dx, dy) / 2;
    }
  }
  return out;
}

// The truth has a line or an edge where its smoothed luma changes by more than this many grey levels a pixel.
const LINE = 6;
const LINE_SIGMA = 1.5;

/**
 * How much of the truth's lines and edges is found again in the hole, in place and direction: over hole pixels on them, the part of
 * the result's gradient along the truth's, from 0 to the whole of it, weighed by the truth's. 1: all; NaN where the truth has none.
 */
export function linesFound({ result, truth, distance }: Region): number {
  const { width, height } = truth;
  const [ours, theirs] = [result, truth].map((picture) => smoothed(luma(picture), width, height, LINE_SIGMA));
  let [found, all] = [0, 0];
  for (let i = 0; i < distance.length; i++) {
    if (distance[i] >= 0 || !inner(i, width, height)) continue;
    const [tx, ty] = [(theirs[i + 1] - theirs[i - 1]) / 2, (theirs[i + width] - theirs[i - width]) / 2];
    const squared = tx * tx + ty * ty;
    if (squared <= LINE * LINE) continue;
    const along = tx * ((ours[i + 1] - ours[i - 1]) / 2) + ty * ((ours[i + width] - ours[i - width]) / 2);
    found += Math.max(0, Math.min(along, squared));
    all += squared;
  }
  return all > 0 ? found / all : Number.NaN;
}

/** A bin's number for a gradient. `coarse`: 64 equal bins of 4 grey levels a pixel. `fine`: 32 in equal steps of the square root up to 64, as most gradients are small. */
const binOf = {
  coarse: (gradient: number): number => Math.min(63, Math.floor(gradient / 4)),
  fine: (gradient: number): number => Math.min(31, Math.floor(Math.sqrt(gradient / 64) * 32)),
};

/** Normalised histogram of the gradients where `chosen`. */
export function histogram(gradients: Float32Array, chosen: (i: number) => boolean, bins: keyof typeof binOf): Float64Array {
  const out = new Float64Array(64);
  let count = 0;
  for (let i = 0; i < gradients.length; i++) {
    if (!chosen(i)) continue;
    out[binOf[bins](gradients[i])]++;
    count++;
  }
  return out.map((n) => n / Math.max(1, count));
}

/** Half the summed difference of two normalised histograms: 0 the same, 1 nothing in common. */
export const histogramDistance = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / 2;

/** Mean luma step between neighbours across the contour `at`, over the mean step between neighbours near it on both sides (2..16 px). */
export function seamRatio(picture: Pixels, distance: Float32Array, at = 0): number {
  const { width } = picture;
  const grey = luma(picture);
  let [across, crossings, near, pairs] = [0, 0, 0, 0];
  const visit = (i: number, j: number) => {
    const [a, b] = [distance[i] - at, distance[j] - at];
    const step = Math.abs(grey[i] - grey[j]);
    if (a > 0 !== b > 0) {
      across += step;
      crossings++;
    } else if (Math.min(Math.abs(a), Math.abs(b)) > 2 && Math.max(Math.abs(a), Math.abs(b)) < 16) {
      near += step;
      pairs++;
    }
  };
  for (let i = 0; i < grey.length; i++) {
    if ((i + 1) % width) visit(i, i + 1);
    if (i + width < grey.length) visit(i, i + width);
  }
  return across / crossings / (near / pairs);
}

/** CIE L*a*b* (D65) of sRGB bytes. */
export function labOf(r: number, g: number, b: number): [number, number, number] {
  const linear = (v: number) => (v <= 10.31475 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const curve = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29);
  const [R, G, B] = [linear(r), linear(g), linear(b)];
  const x = curve((0.4124 * R + 0.3576 * G + 0.1805 * B) / 0.95047);
  const y = curve(0.2126 * R + 0.7152 * G + 0.0722 * B);
  const z = curve((0.0193 * R + 0.1192 * G + 0.9505 * B) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/**
 * How far colours just inside the hole are from the truth's: mean L*a*b* distance (CIE 1976) over the band within 16 px of
 * the edge. With a `cell` larger than a pixel, means over cells of that side are compared, which spares another sample of the same texture.
 */
export function labShift({ result, truth, distance }: Region, cell = 1, depth = 16): number {
  const { width } = result;
  const columns = Math.ceil(width / cell);
  const cells = new Map<number, Float64Array>();
  for (let i = 0; i < distance.length; i++) {
    if (distance[i] >= 0 || distance[i] < -depth) continue;
    const key = Math.floor(Math.floor(i / width) / cell) * columns + Math.floor((i % width) / cell);
    const sums = cells.get(key) ?? new Float64Array(4);
    cells.set(key, sums);
    const a = labOf(result.data[3 * i], result.data[3 * i + 1], result.data[3 * i + 2]);
    const b = labOf(truth.data[3 * i], truth.data[3 * i + 1], truth.data[3 * i + 2]);
    for (let c = 0; c < 3; c++) sums[c] += a[c] - b[c];
    sums[3]++;
  }
  let [total, count] = [0, 0];
  for (const [l, a, b, n] of cells.values()) {
    total += Math.hypot(l, a, b);
    count += n;
  }
  return total / count;
}

/** Peak signal to noise ratio in dB over the hole's box. */
export function psnr(a: Pixels, b: Pixels): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2;
  return 10 * Math.log10((255 * 255 * a.data.length) / sum);
}

/** Mean structural similarity of the lumas, in windows of 8 x 8 every 4 pixels. */
export function ssim(a: Pixels, b: Pixels): number {
  const [x, y, { width, height }] = [luma(a), luma(b), a];
  let [total, windows] = [0, 0];
  for (let top = 0; top + 8 <= height; top += 4) {
    for (let left = 0; left + 8 <= width; left += 4) {
      let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
      for (let dy = 0; dy < 8; dy++) {
        for (let dx = 0, i = (top + dy) * width + left; dx < 8; dx++, i++) {
          sx += x[i];
          sy += y[i];
          sxx += x[i] * x[i];
          syy += y[i] * y[i];
          sxy += x[i] * y[i];
        }
      }
      const [mx, my] = [sx / 64, sy / 64];
      const [c1, c2] = [6.5025, 58.5225];
      total += ((2 * mx * my + c1) * (2 * (sxy / 64 - mx * my) + c2)) / ((mx * mx + my * my + c1) * (sxx / 64 - mx * mx + syy / 64 - my * my + c2));
      windows++;
    }
  }
  return total / windows;
}

/** How magenta a pixel is: (red + blue) / 2 - green. */
const magenta = (data: Uint8Array, i: number): number => (data[3 * i] + data[3 * i + 2]) / 2 - data[3 * i + 1];

/** Pixels that are clearly more magenta than anything in the truth's region: a leak of the painted hole, even when blended. */
export function magentaLeak(result: Pixels, truth: Pixels): number {
  let most = 0;
  for (let i = 0; i < truth.data.length / 3; i++) most = Math.max(most, magenta(truth.data, i));
  let count = 0;
  for (let i = 0; i < result.data.length / 3; i++) if (magenta(result.data, i) > most + 16) count++;
  return count;
}

/** The farthest differing pixel outside the hole, and how many differ farther out than `allowed`. */
export function touchedOutside(result: Pixels, truth: Pixels, hole: Hole, allowed: number): { reach: number; touched: number } {
  const box = holeBox(hole, Math.ceil(allowed) + 64);
  const distance = signedDistance(cut(hole, box));
  let [reach, touched] = [0, 0];
  for (let i = 0; i < hole.data.length; i++) {
    if (
      hole.data[i] ||
      (result.data[3 * i] === truth.data[3 * i] && result.data[3 * i + 1] === truth.data[3 * i + 1] && result.data[3 * i + 2] === truth.data[3 * i + 2])
    )
      continue;
    const [x, y] = [(i % hole.width) - box.left, Math.floor(i / hole.width) - box.top];
    const far = x < 0 || y < 0 || x >= box.width || y >= box.height ? allowed + 64 : distance[y * box.width + x];
    if (far > reach) reach = far;
    if (far > allowed) touched++;
  }
  return { reach, touched };
}

/** Width in pixels of the ring that counts as the hole's surroundings: 48 at a megapixel. */
export const ringWidth = ({ width, height }: { width: number; height: number }): number => Math.round(48 * Math.sqrt((width * height) / 1e6));

/** All scores of one result. `allowed`: how far outside the hole the method may change pixels. */
export function score({ truth, hole, hasTruth }: Case, result: Pixels, allowed: number): Scores {
  const ring = ringWidth(hole);
  const box = holeBox(hole, ring + 4);
  const region: Region = { result: cut(result, box), truth: cut(truth, box), hole: cut(hole, box), distance: new Float32Array() };
  region.distance = signedDistance(region.hole);
  const { distance } = region;
  // Where the hole lies over an object that is to go, its surroundings stand in for the truth.
  const [from, to] = hasTruth ? [-Infinity, -2] : [2, ring];
  const energy = (power: number, smooth: boolean) =>
    laplacianEnergy(laplacian(region.result, smooth), region.result, distance, -Infinity, -2, power) /
    laplacianEnergy(laplacian(region.truth, smooth), region.truth, distance, from, to, power);
  const [gradients, surroundings] = [gradientMagnitude(region.result), gradientMagnitude(region.truth)];
  const unlike = (bins: keyof typeof binOf) =>
    histogramDistance(
      histogram(gradients, (i) => distance[i] <= -2, bins),
      histogram(surroundings, (i) => distance[i] >= 2 && distance[i] <= ring, bins),
    );
  const tight = holeBox(hole);
  const compared = (f: (a: Pixels, b: Pixels) => number) => (hasTruth ? f(cut(result, tight), cut(truth, tight)) : Number.NaN);
  return {
    energy: energy(1, false),
    energySquared: energy(2, false),
    energySmooth: energy(2, true),
    histogram: unlike('coarse'),
    histogramFine: unlike('fine'),
    seam: seamRatio(region.result, distance),
    lab: hasTruth ? labShift(region) : Number.NaN,
    labCells: hasTruth ? labShift(region, 16) : Number.NaN,
    lines: hasTruth ? linesFound(region) : Number.NaN,
    psnr: compared(psnr),
    ssim: compared(ssim),
    ...touchedOutside(result, truth, hole, allowed),
    leak: magentaLeak(region.result, region.truth),
  };
}
