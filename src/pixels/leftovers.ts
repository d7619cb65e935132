import { unlessAborted } from '../abort';
import { squaredDistances } from '../arrays/distance-transform';
import { placesOf } from '../arrays/places';
import { channelMaximum, colourChannels, hasAlpha } from '../picture';
import { type Box, widened } from './box';
import { type Run, runsWithin, sampledRuns } from './runs';
import { layoutOf, type PhotoSource, type Pixels } from './view';

// No more samples than this from the hole to as far as a leftover may reach: where that is further, every second row and column is looked at, or every third.
const SAMPLES = 16;
// The rim is looked at in cells of twice that side, each twice: with so many times as much around it. In a narrow view less explains a leftover, in a wide one it is whole.
const AROUND = [2, 3];
// Colours are told apart by so many levels of a channel, of three at most.
const LEVELS = 16;
const COLOURS = 3;
// A colour is explained by what lies further out where this share of it has that colour or one a level off; plainly it is not where it hasn't even one two levels off.
const EXPLAINED = 0.002;
const NEAR = 1;
const WIDE = 2;
// Fewer samples of colours that are plainly unexplained are grain.
const LEAST = 6;
// In a view that is so wide, a colour is common where this share of what lies further out has it or one a level off: the grass between a hole and a trunk, behind
// which there is more, is nothing that was left. Of what was left, at least this share is plainly unexplained, and not common either. (In all of a large
// hole's surroundings nearly any colour is common: there hair before trees was explained by the sky.)
const WIDEST = 5;
const COMMON = 0.005;
const RARE = 0.2;
// What lies along the hole for so many times its depth is its surroundings, of which other things hide what goes on: ground between a hole and a bench.
const BROAD = 5;

/**
 * What is left of an object where a mask cuts through it, a knee or the tip of a shoe: pixels that hang on the hole, stand out from it rather than
 * lie along it, and have colours that nothing around there has which lies further out than `reach` pixels, and in part little in a
 * wider view. The hole's own pixels are not looked at.
 *
 * The rim is looked at in cells, whose number goes by its length. Their surroundings overlap, and what one of them finds counts.
 *
 * @returns the pixels, as runs that are to grow by `by`.
 */
export async function leftoversOf(
  photo: PhotoSource,
  runs: Run[],
  hole: Map<number, Run[]>,
  reach: number,
  { pause = async () => {}, signal }: { pause?: () => Promise<void>; signal?: AbortSignal } = {},
): Promise<{ runs: Run[]; by: number }> {
  const { step, around, side } = cellsFor(reach);
  // An outline is blurred; and between samples nothing is to stay.
  const by = Math.max(2, step);
  const out: Run[] = [];
  const view = async (cell: Box, times: number) => {
    await pause();
    const box = widened(cell, times * around * step, photo);
    return { pixels: await unlessAborted(() => photo.read(box), signal), beside: { photo, box, hole, step, limit: around } };
  };
  for (const cell of rimCells(runs, hole, side, photo)) {
    const found: Leftover[] = [];
    for (const times of AROUND) {
      const { pixels, beside } = await view(cell, times);
      for (const leftover of unexplained(pixels, beside)) found.push(leftover);
    }
    if (found.length === 0) continue;
    const { pixels, beside } = await view(cell, WIDEST);
    for (const { runs } of rareOf(found, pixels, beside)) for (const run of runs) out.push(run);
  }
  return { runs: out, by };
}

/** How far apart samples are, how many a leftover may reach, and how large cells are, in pixels. */
function cellsFor(reach: number) {
  const step = Math.ceil(reach / SAMPLES);
  const around = Math.ceil(reach / step);
  return { step, around, side: 2 * around * step };
}

/** How far from a hole it is looked for what is left beside it, in pixels. */
export function leftoversSeen(reach: number): number {
  const { step, around, side } = cellsFor(reach);
  return side + WIDEST * around * step;
}

/** The cells of a grid that some of the hole's rim lies in. */
function* rimCells(runs: Run[], hole: Map<number, Run[]>, side: number, { width, height }: { width: number; height: number }): Generator<Box> {
  const columns = Math.ceil(width / side);
  const cells = new Set<number>();
  for (const { row, start, end } of runs) {
    for (let x = Math.floor(start / side); x * side < end; x++) cells.add(Math.floor(row / side) * columns + x);
  }
  for (const cell of cells) {
    const [top, left] = [Math.floor(cell / columns) * side, (cell % columns) * side];
    const box = { top, left, bottom: Math.min(height, top + side), right: Math.min(width, left + side) };
    if (!isCovered(hole, widened(box, 1, { width, height }))) yield box;
  }
}

function isCovered(hole: Map<number, Run[]>, { top, left, bottom, right }: Box): boolean {
  for (let row = top; row < bottom; row++) {
    const { value } = runsWithin(hole.get(row), left, right).next();
    if (!value || value.start > left || value.end < right) return false;
  }
  return true;
}

interface Beside {
  photo: { width: number; height: number };
  box: Box;
  hole: Map<number, Run[]>;
  step: number;
  /** How far a leftover may reach, in samples. */
  limit: number;
}

/** Something that hangs on the hole: a run for each sample, and the colours of those that are plainly unexplained. */
interface Leftover {
  runs: Run[];
  plain: number[];
}

/** The samples of a box: their colours, how far they lie from the hole, squared, and how many of each colour, and in all, lie further out than a leftover may reach. */
function samplesOf(pixels: Pixels, { box, hole, step, limit }: Beside) {
  const width = Math.ceil((box.right - box.left) / step);
  const height = Math.ceil((box.bottom - box.top) / step);
  const distances = squaredDistances(sampledRuns(hole, box, step, width, height), height, width);
  const { bins, colours } = colourBins(pixels, step, width, height);
  const counts = new Uint32Array(LEVELS ** colours);
  const further = countFurther(bins, distances, limit ** 2, counts);
  return { width, height, distances, bins, colours, counts, further };
}

/** What of a box hangs on the hole and is of colours that nothing further out in it has. */
function unexplained(pixels: Pixels, beside: Beside): Leftover[] {
  const { photo, box, step, limit } = beside;
  const { width, height, distances, bins, colours, counts, further } = samplesOf(pixels, beside);
  // Between holes there may be nothing to compare with.
  if (further < 4 * limit) return [];
  const least = Math.max(2, EXPLAINED * further);
  const isExplained = remembered(counts.length, (bin) => countNear(counts, bin, colours, NEAR) >= least);
  const isPlain = remembered(counts.length, (bin) => countNear(counts, bin, colours, WIDE) < least);
  const open = openPlaces(bins, distances, limit ** 2, isExplained);
  // What goes on beyond the box may go on for long.
  const [cutAbove, cutLeft, cutBelow, cutRight] = [box.top > 0, box.left > 0, box.bottom < photo.height, box.right < photo.width];
  const isCut = (p: number) =>
    (cutAbove && p < width) || (cutBelow && p >= bins.length - width) || (cutLeft && p % width === 0) || (cutRight && p % width === width - 1);
  const isBeside = (p: number) => distances[p] <= 2;

  const leftovers: Leftover[] = [];
  for (const first of placesOf(open)) {
    if (!isBeside(first) || open[first] === 0) continue;
    const found = spread(first, width, height, open);
    const plain = found.map((p) => bins[p]).filter(isPlain);
    if (plain.length < LEAST) continue;
    if (found.some(isCut)) continue;
    if (found.filter(isBeside).length > BROAD * Math.sqrt(found.reduce((depth, p) => Math.max(depth, distances[p]), 0))) continue;
    const runs = found.map((p) => {
      const start = box.left + (p % width) * step;
      return { row: box.top + Math.floor(p / width) * step, start, end: start + 1 };
    });
    leftovers.push({ runs, plain });
  }
  return leftovers;
}

/** Those that are in part of colours which are rare in a box. */
function rareOf(found: Leftover[], pixels: Pixels, beside: Beside): Leftover[] {
  const { colours, counts, further } = samplesOf(pixels, beside);
  const isRare = remembered(counts.length, (bin) => countNear(counts, bin, colours, NEAR) < COMMON * further);
  return found.filter(({ plain, runs }) => plain.filter(isRare).length >= Math.max(LEAST, RARE * runs.length));
}

// These loops see every sample: functions of their own, whose arrays are always of the same types, are soon compiled and stay so.

/** Counts the colours of what lies further out than so far, and how much that is. */
function countFurther(bins: Int32Array, distances: Float32Array, limit: number, counts: Uint32Array): number {
  let further = 0;
  for (let p = 0; p < bins.length; p++) {
    if (bins[p] < 0 || distances[p] <= limit) continue;
    counts[bins[p]]++;
    further++;
  }
  return further;
}

/** Marks what lies no further out than so far, and is not explained. */
function openPlaces(bins: Int32Array, distances: Float32Array, limit: number, isExplained: (bin: number) => boolean): Uint8Array {
  const open = new Uint8Array(bins.length);
  for (let p = 0; p < bins.length; p++) {
    if (distances[p] > 0 && distances[p] <= limit && bins[p] >= 0 && !isExplained(bins[p])) open[p] = 1;
  }
  return open;
}

/** All open samples that hang together with the first one: they are open no longer. */
function spread(first: number, width: number, height: number, open: Uint8Array): number[] {
  const found = [first];
  open[first] = 0;
  for (let n = 0; n < found.length; n++) {
    const v = Math.floor(found[n] / width);
    const u = found[n] % width;
    for (let y = Math.max(0, v - 1); y <= Math.min(height - 1, v + 1); y++) {
      for (let p = y * width + Math.max(0, u - 1); p <= y * width + Math.min(width - 1, u + 1); p++) {
        if (open[p] === 0) continue;
        open[p] = 0;
        found.push(p);
      }
    }
  }
  return found;
}

/** The colour of each sample, as one number of {@link LEVELS} for each of its channels; -1 where it is wholly transparent. */
function colourBins(pixels: Pixels, step: number, width: number, height: number): { bins: Int32Array; colours: number } {
  const colours = Math.min(COLOURS, colourChannels(pixels));
  const alpha = hasAlpha(pixels) ? pixels.channels - 1 : undefined;
  const { start, stride } = layoutOf(pixels);
  const { data, channels } = pixels;
  const values = (channelMaximum(pixels) + 1) / LEVELS;
  const bins = new Int32Array(width * height).fill(-1);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const at = start + v * step * stride + u * step * channels;
      if (alpha !== undefined && data[at + alpha] === 0) continue;
      let bin = 0;
      for (let c = 0; c < colours; c++) bin = bin * LEVELS + ((data[at + c] / values) | 0);
      bins[v * width + u] = bin;
    }
  }
  return { bins, colours };
}

/** How many samples have a colour, or one that is no more than so many levels off in any channel. */
function countNear(counts: Uint32Array, bin: number, channels: number, within: number): number {
  if (channels === 0) return counts[bin];
  const unit = LEVELS ** (channels - 1);
  const level = Math.floor(bin / unit) % LEVELS;
  let sum = 0;
  for (let l = Math.max(0, level - within); l <= Math.min(LEVELS - 1, level + within); l++) {
    sum += countNear(counts, bin + (l - level) * unit, channels - 1, within);
  }
  return sum;
}

/** A function of a whole number below `count` that is worked out once for each. */
function remembered(count: number, of: (bin: number) => boolean): (bin: number) => boolean {
  const known = new Int8Array(count);
  return (bin) => {
    if (known[bin] === 0) known[bin] = of(bin) ? 1 : -1;
    return known[bin] > 0;
  };
}
