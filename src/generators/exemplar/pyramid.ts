import { squaredDistances } from '../../arrays/distance-transform';
import { shared } from '../../threads/shared';
import type { Threads } from '../../threads/task';

/** Colours (3) and texture (2) of a pixel; patches are compared by all of them. */
export const CHANNELS = 5;

/** One size of the picture. All arrays are row-major, one value a pixel unless said otherwise. */
export interface Level {
  height: number;
  width: number;
  /** [height, width, 5]: colours in [-1, 1], weighted texture. */
  features: Float32Array;
  /** 1 where a pixel is not wholly known. */
  hole: Float32Array;
  /** 1 where a pixel must not be copied: in the hole, and where else nothing may be taken from. */
  barred: Float32Array;
  /** 1 where a patch of pixels that may be copied, of colours at home around the hole, is centred. */
  sources: Float32Array;
  /** 1 where a patch touches the hole. */
  queries: Float32Array;
  /** Distance to the nearest known pixel, in pixels. */
  depth: Float32Array;
  /** How much of a pixel's colour is strange to the hole's surroundings, from 0 to 1. */
  strange: Float32Array;
  sourceCount: number;
}

/** The side of patches, in pixels, where the picture is not too small for it. */
export const PATCH_SIZE = 7;
/** How much texture counts beside colour (Newson et al. 2014 weigh its square by 50). */
export const TEXTURE_WEIGHT = Math.sqrt(50);
// Half the side of the square that texture is averaged over, in pixels of the finest level.
const TEXTURE_RADIUS = 3;
// The ring around the hole whose colours are at home there, in pixels of the finest level, and how finely they are told
// apart: bins a channel, and the share of the ring below which a colour is a stranger.
const RING = 16;
const COLOUR_BINS = 12;
const STRANGE_SHARE = 2e-4;
// A patch with more than this share of strangers is no source.
const MOST_STRANGE = 0.1;
// The least share of the picture's patches that must be left.
const LEAST_AT_HOME = 0.1;
// A hole of more pixels than this goes one level coarser, if it is thicker than two patches: first guesses take long.
const MOST_AT_COARSEST = 4000;
const THIN = 14;
// Coarser levels stop where fewer patches than this are left to copy from.
const FEWEST_SOURCES = 30;

/**
 * Mean |dx| and |dy| of luma around each pixel, over pairs of known pixels: what tells sand from sky where the colours
 * agree, so that averaged, flat patches don't win.
 */
export function texture(colours: Float32Array, hole: Float32Array, height: number, width: number): Float32Array {
  const luma = new Float32Array(height * width);
  for (let p = 0; p < luma.length; p++) luma[p] = 0.299 * colours[3 * p] + 0.587 * colours[3 * p + 1] + 0.114 * colours[3 * p + 2];
  const out = new Float32Array(height * width * 2);
  for (const [channel, step] of [1, width].entries()) {
    const slope = new Float32Array(height * width);
    const pairs = new Float32Array(height * width);
    for (let p = 0; p + step < slope.length; p++) {
      if (hole[p] || hole[p + step] || (step === 1 && (p + 1) % width === 0)) continue;
      slope[p] = Math.abs(luma[p + step] - luma[p]);
      pairs[p] = 1;
    }
    const sums = boxSums(slope, height, width, TEXTURE_RADIUS);
    const counts = boxSums(pairs, height, width, TEXTURE_RADIUS);
    for (let p = 0; p < sums.length; p++) out[2 * p + channel] = counts[p] > 0.5 ? sums[p] / counts[p] : 0;
  }
  return out;
}

/** Sums over the square of 2 radius + 1 pixels a side around each pixel, as far as it lies in the picture. */
function boxSums(values: Float32Array, height: number, width: number, radius: number): Float32Array {
  const along = new Float32Array(values.length);
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const first = y * width;
    let sum = 0;
    for (let x = -radius; x < width; x++) {
      if (x + radius < width) sum += values[first + x + radius];
      if (x - radius - 1 >= 0) sum -= values[first + x - radius - 1];
      if (x >= 0) along[first + x] = sum;
    }
  }
  // All columns at once, row by row as they lie in memory.
  const sums = new Float64Array(width);
  for (let y = -radius; y < height; y++) {
    const comes = y + radius < height ? (y + radius) * width : -1;
    const goes = y - radius - 1 >= 0 ? (y - radius - 1) * width : -1;
    if (comes >= 0) for (let x = 0; x < width; x++) sums[x] += along[comes + x];
    if (goes >= 0) for (let x = 0; x < width; x++) sums[x] -= along[goes + x];
    if (y >= 0) for (let x = 0; x < width; x++) out[y * width + x] = sums[x];
  }
  return out;
}

/**
 * 1 where a known pixel's colour hardly occurs in the ring around the hole: what a hole is surrounded by is likely in it,
 * and a stranger from elsewhere in the picture, another person or a roof, is not.
 */
function findStrangers(colours: Float32Array, hole: Float32Array, height: number, width: number): Float32Array {
  const reach = squaredDistances(hole, height, width);
  const bin = (p: number, c: number) => Math.min(COLOUR_BINS - 1, Math.floor(((colours[3 * p + c] + 1) / 2) * COLOUR_BINS));
  // Each ring pixel counts for its bin and those beside it, so that no colour hangs on which side of an edge it falls.
  const counts = new Float32Array(COLOUR_BINS ** 3);
  let total = 0;
  for (let p = 0; p < hole.length; p++) {
    if (hole[p] || reach[p] > RING * RING) continue;
    total++;
    const [r, g, b] = [bin(p, 0), bin(p, 1), bin(p, 2)];
    for (let i = Math.max(r - 1, 0); i <= Math.min(r + 1, COLOUR_BINS - 1); i++) {
      for (let j = Math.max(g - 1, 0); j <= Math.min(g + 1, COLOUR_BINS - 1); j++) {
        for (let k = Math.max(b - 1, 0); k <= Math.min(b + 1, COLOUR_BINS - 1); k++) counts[(i * COLOUR_BINS + j) * COLOUR_BINS + k]++;
      }
    }
  }
  const out = new Float32Array(hole.length);
  for (let p = 0; p < out.length; p++) {
    const count = counts[(bin(p, 0) * COLOUR_BINS + bin(p, 1)) * COLOUR_BINS + bin(p, 2)];
    if (!hole[p] && count <= STRANGE_SHARE * total) out[p] = 1;
  }
  return out;
}

/** Which pixels are centres of patches that may be copied, wholly known unless told otherwise, and which of patches that touch the hole. */
export function patchCentres(
  hole: Float32Array,
  height: number,
  width: number,
  patchSize: number,
  barred = hole,
): { sources: Float32Array; queries: Float32Array } {
  const margin = patchSize >> 1;
  const touched = boxSums(hole, height, width, margin);
  const spoilt = barred === hole ? touched : boxSums(barred, height, width, margin);
  const sources = new Float32Array(height * width);
  const queries = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (touched[p] > 0.5) queries[p] = 1;
      else if (spoilt[p] < 0.5 && y >= margin && x >= margin && y < height - margin && x < width - margin) sources[p] = 1;
    }
  }
  return { sources, queries };
}

/** A level whose sources are all patches of this side that may be copied. */
function makeLevel(features: Float32Array, hole: Float32Array, barred: Float32Array, height: number, width: number, patchSize: number): Level {
  const { sources, queries } = patchCentres(hole, height, width, patchSize, barred);
  const known = hole.map((h) => 1 - h);
  const depth = squaredDistances(known, height, width).map(Math.sqrt);
  return { height, width, features, hole, barred, sources, queries, depth, strange: new Float32Array(height * width), sourceCount: count(sources) };
}

/** The level without the sources whose colours are strange to the hole's surroundings. */
function withoutStrangers(level: Level, strange: Float32Array, patchSize: number): Level {
  const strangeness = boxSums(strange, level.height, level.width, patchSize >> 1);
  const sources = level.sources.map((source, p) => (strangeness[p] <= MOST_STRANGE * patchSize * patchSize ? source : 0));
  return { ...level, sources, strange, sourceCount: count(sources) };
}

/** The next level: 2 x 2 pixels become one, the mean of the known ones; it is hole, or barred, if any of them is. */
function halve({ features, hole, barred, height, width, strange }: Level, patchSize: number): Level {
  const h = (height + 1) >> 1;
  const w = (width + 1) >> 1;
  const small = new Float32Array(h * w * CHANNELS);
  const smallHole = new Float32Array(h * w);
  const smallBarred = barred === hole ? smallHole : new Float32Array(h * w);
  const smallStrange = new Float32Array(h * w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const o = y * w + x;
      let count = 0;
      for (let yy = 2 * y; yy < Math.min(2 * y + 2, height); yy++) {
        for (let xx = 2 * x; xx < Math.min(2 * x + 2, width); xx++) {
          const p = yy * width + xx;
          if (barred[p]) smallBarred[o] = 1;
          if (hole[p]) {
            smallHole[o] = 1;
            continue;
          }
          count++;
          smallStrange[o] += strange[p] / 4;
          for (let c = 0; c < CHANNELS; c++) small[o * CHANNELS + c] += features[p * CHANNELS + c];
        }
      }
      if (count > 1) for (let c = 0; c < CHANNELS; c++) small[o * CHANNELS + c] /= count;
    }
  }
  return withoutStrangers(makeLevel(small, smallHole, smallBarred, h, w, patchSize), smallStrange, patchSize);
}

/**
 * The picture at halving sizes, the finest first, down to where the hole is at most `thickness` pixels thick and, unless it
 * is thin, small. The patch side shrinks from 7 where a small picture has no whole patch of that size.
 * @param barred [height, width]: 1 in the hole and where else nothing may be copied from
 */
export function buildPyramid(
  colours: Float32Array,
  hole: Float32Array,
  height: number,
  width: number,
  thickness: number,
  barred = hole,
): { levels: Level[]; patchSize: number } {
  const grain = texture(colours, hole, height, width);
  const features = new Float32Array(height * width * CHANNELS);
  for (let p = 0; p < height * width; p++) {
    for (let c = 0; c < 3; c++) features[p * CHANNELS + c] = colours[p * 3 + c];
    for (let c = 0; c < 2; c++) features[p * CHANNELS + 3 + c] = TEXTURE_WEIGHT * grain[p * 2 + c];
  }
  let patchSize = PATCH_SIZE;
  let level = makeLevel(features, hole, barred, height, width, patchSize);
  while (patchSize > 1 && level.sourceCount < FEWEST_SOURCES) {
    patchSize -= 2;
    level = makeLevel(features, hole, barred, height, width, patchSize);
  }
  // Where nearly everything is strange, the ring says little, and all may be copied from.
  const choosy = withoutStrangers(level, findStrangers(colours, hole, height, width), patchSize);
  if (choosy.sourceCount >= Math.max(FEWEST_SOURCES, LEAST_AT_HOME * level.sourceCount)) level = choosy;
  const levels = [level];
  const isTooLarge = ({ depth, hole }: Level) => {
    const thick = 2 * largest(depth);
    return thick > thickness || (thick > THIN && count(hole) > MOST_AT_COARSEST);
  };
  while (isTooLarge(level)) {
    if (Math.min(level.height, level.width) < 2 * patchSize) break;
    level = halve(level, patchSize);
    if (level.sourceCount < FEWEST_SOURCES) break;
    levels.push(level);
  }
  return { levels, patchSize };
}

/** The levels, where all threads see them. */
export const levelsFor = ({ count }: Threads, levels: Level[]): Level[] => (count > 1 ? levels.map(sharedLevel) : levels);

const sharedLevel = ({ features, hole, barred, sources, queries, depth, ...level }: Level): Level => {
  const unknown = shared(hole);
  const marks = { hole: unknown, barred: barred === hole ? unknown : shared(barred), sources: shared(sources), queries: shared(queries) };
  return { ...level, ...marks, features: shared(features), depth: shared(depth) };
};

function count(marks: Float32Array): number {
  let sum = 0;
  for (const mark of marks) sum += mark;
  return sum;
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
