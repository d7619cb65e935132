import { channelMaximum, colourChannels, hasAlpha, type Picture } from '../picture';
import { widened } from './box';
import { compositor } from './composite';
import { runsOfValue } from './runs';
import { HOLE } from './seam';
import { copyOf, layoutOf } from './view';
import type { Retouch } from './window';

/** How {@link heal} works. */
export interface HealOptions {
  /** Awaited every few milliseconds: to give way, or to throw so as to stop. Default: neither. */
  pause?: () => Promise<void>;
}

// Holes are healed in blocks of one place each: a small one whole, a long one cell by cell of this side.
const CELL = 16;
// Known pixels around a block that tell which places resemble it.
const RIM = 4;
// Places are looked for as far as this beyond the block, in steps, and then beside the best of them.
const REACH = 24;
const STEP = 3;
const REFINED = 3;
// How many of the pixels around a block are compared first, and how many places are looked at closely.
const SAMPLED = 32;
const LIKELY = 16;
// How many of the pixels around a block are compared then, at most.
const COMPARED_CLOSELY = 192;
// Places that differ by no more than this variance of each colour, in squares of levels of 255, are alike: no better ones are looked for.
const ALIKE = 2;
// How many places a block is the mean of, at most.
const PLACES = 8;
// How much of the difference between a block and a place may be that of their brightness.
const BRIGHTNESS = 0.95;
// The least part of a block's rim that must be known at a place.
const COMPARED = 0.7;
// How much of a block is the best place alone.
const CRISP = 0.5;
// How much of a membrane is mixed in: it is the least wrong where the places have little in common.
const MEMBRANE = 0.25;
// Rounds of relaxation, and the change, in levels of 255, below which they end.
const ROUNDS = 400;
const SETTLED = 0.05;
// Thin holes are hardly thicker.
const MOST_THICK = 16;
// Where a window has more pieces than this, those of fewer pixels are dust: a membrane of what is known between them says as much as
// places that are strewn with it too, at a cost that goes by their pixels.
const MOST_PIECES = 512;
const DUST = 64;
// Blocks between two pauses.
const AT_ONCE = 8;

/** How far beyond what it heals a window must look, in pixels: as far as places are taken from. */
export const HEAL_MARGIN = 2 * CELL + RIM + REACH + STEP;

/**
 * Heals thin holes at full size: specks, scratches, wires. Of such a hole's surroundings nearly all is known, so neither a first guess
 * nor several sizes are needed.
 *
 * For each block of the hole, places nearby are found whose pixels are as those around it, but for their brightness: by the least
 * variance d of the difference over the known pixels within 4 of the block. The block is these places' mean, weighted by
 * exp(1 - d / least d), the best one more than that: a mean alone has no grain. The difference that it leaves at the hole's rim is taken
 * out of it by a membrane (Laplace's equation). A part of a membrane of the rim's own colours is mixed in; where there are no such
 * places, it is all there is.
 *
 * A healed hole meets the photo at its rim, so its seam is left as it is. What is barred has no part in it: it is neither copied nor met.
 *
 * Its twin is `membrane`, which it is where no place is found.
 *
 * @param retouch the photo within the window, its hole, and the patch: the pixels of full weight there are healed. The view
 * should reach {@link HEAL_MARGIN} beyond them.
 * @param options pauses.
 * @example
 * ```ts
 * await heal(await openWindow(sourceOf(photo), weights, window));
 * ```
 * Source: Pérez et al., Poisson image editing (SIGGRAPH 2003), for taking out the difference; Buades et al., A non-local algorithm for
 * image denoising (CVPR 2005), for means of places that resemble each other.
 */
export async function heal(retouch: Retouch, { pause = () => Promise.resolve() }: HealOptions = {}): Promise<void> {
  const { target, patch } = retouch;
  const area = areaOf(retouch);
  const { width, count, channels, colours, pieces } = area;
  // Sums of what the blocks say of the hole's pixels and of the known ones at its rim, and how many do.
  const said: Said = { sums: new Float32Array(area.scratch.length), times: new Uint8Array(area.unknown.length) };
  const compose = compositor(patch);
  const smallest = pieces.length > MOST_PIECES ? DUST : 0;
  let done = 0;
  for (const piece of pieces) {
    if (++done % AT_ONCE === 0) await pause();
    for (const block of piece.length < smallest ? [] : blocksOf(piece, width)) {
      addPlaces(area, block, said);
      if (++done % AT_ONCE === 0) await pause();
    }
    const ties = tiesOf(area, piece);
    // Two membranes in one, for a sum of solutions solves the sum: of the difference at the rim, and a share of the rim's own colours.
    const spread = (share: number) =>
      relax(
        area,
        piece,
        ties,
        (p, c) => {
          const colour = colours[p * channels + c];
          return said.times[p] > 0 ? colour - ((1 - share) * said.sums[p * count + c]) / said.times[p] : share * colour;
        },
        () => meanOf(area).map((mean) => share * mean),
      );
    const found = piece.some((p) => said.times[p] > 0) ? spread(MEMBRANE) : undefined;
    const bare = !found || piece.some((p) => said.times[p] === 0) ? spread(1) : found;
    for (let n = 0; n < piece.length; n++) {
      const p = piece[n];
      const y = Math.floor(p / width) - target.top;
      const x = (p % width) - target.left;
      if (y < 0 || x < 0 || y >= patch.picture.height || x >= patch.picture.width) continue;
      const own = y * patch.picture.width + x;
      if (patch.weights.data[own] !== HOLE) continue;
      const times = said.times[p];
      for (let c = 0; c < count; c++) {
        const at = n * count + c;
        compose(own, c, found && times > 0 ? ((1 - MEMBRANE) * said.sums[p * count + c]) / times + found[at] : bare[at]);
      }
    }
  }
}

/** What the blocks say of pixels: the sums of it, [height, width, count], and how many do. */
interface Said {
  sums: Float32Array;
  times: Uint8Array;
}

/** What is looked at, and which of its pixels are healed. */
interface Area {
  width: number;
  height: number;
  /** Colours of a pixel: 1 or 3. */
  count: number;
  /** Levels of the photo in one of 255. */
  level: number;
  channels: number;
  /** [height, width, channels], in the photo's levels: its own values, row by row. */
  colours: Picture['data'];
  /** [height, width]: 1 where nothing is known. */
  unknown: Uint8Array;
  /** [height, width]: 1 where nothing may be copied: what is unknown, and what is to be looked at only. */
  barred: Uint8Array;
  /**
   * The places that are healed, in pieces that touch, diagonally too; of each, by rows: the patch's own, and what of their hole lies
   * beside them, so that windows agree where they meet.
   */
  pieces: Int32Array[];
  /** [height, width]: 1 where a pixel is among them. */
  healed: Uint8Array;
  /** [height, width, count]: to work in. */
  scratch: Float32Array;
}

function areaOf({ photo, weights, barred: marks, target, patch }: Retouch): Area {
  const { width, height, channels } = photo;
  const { start, stride } = layoutOf(photo);
  // Values stay of the photo's kind: a tile has many more of them than are looked at.
  const colours = start === 0 && stride === width * channels ? photo.data : copyOf(photo).data;
  const unknown = new Uint8Array(width * height);
  for (const run of runsOfValue(weights, HOLE)) unknown.fill(1, run.row * width + run.start, run.row * width + run.end);
  if (hasAlpha(photo)) for (let p = 0; p < unknown.length; p++) if (colours[p * channels + channels - 1] === 0) unknown[p] = 1;
  const barred = marks ? unknown.slice() : unknown;
  if (marks) for (const run of runsOfValue(marks, HOLE)) barred.fill(1, run.row * width + run.start, run.row * width + run.end);
  const healed = new Uint8Array(width * height);
  const { top, left, bottom, right } = widened(target, CELL, photo);
  const own = patch.weights;
  const pieces: Int32Array[] = [];
  for (let q = 0; q < own.data.length; q++) {
    if (own.data[q] !== HOLE) continue;
    const first = (target.top + Math.floor(q / own.width)) * width + target.left + (q % own.width);
    if (healed[first]) continue;
    const piece = [first];
    healed[first] = 1;
    for (let n = 0; n < piece.length; n++) {
      const y = Math.floor(piece[n] / width);
      const x = piece[n] - y * width;
      for (let v = Math.max(top, y - 1); v <= Math.min(bottom - 1, y + 1); v++) {
        for (let u = Math.max(left, x - 1); u <= Math.min(right - 1, x + 1); u++) {
          const p = v * width + u;
          if (healed[p] || !unknown[p]) continue;
          healed[p] = 1;
          piece.push(p);
        }
      }
    }
    pieces.push(Int32Array.from(piece).sort());
  }
  pieces.sort((a, b) => a[0] - b[0]);
  const count = colourChannels(photo);
  const level = channelMaximum(photo) / 255;
  return { width, height, count, channels, level, colours, unknown, barred, pieces, healed, scratch: new Float32Array(width * height * count) };
}

/** A piece in blocks: a small one is one, of a long one what lies in each cell. */
function blocksOf(piece: Int32Array, width: number): Int32Array[] {
  const { top, left, bottom, right } = extentOf(piece, width);
  if (bottom - top < 2 * CELL && right - left < 2 * CELL) return [piece];
  const cells = new Map<number, number[]>();
  for (const p of piece) {
    const y = Math.floor(p / width);
    const key = Math.floor(y / CELL) * width + Math.floor((p - y * width) / CELL);
    const cell = cells.get(key);
    if (cell) cell.push(p);
    else cells.set(key, [p]);
  }
  return [...cells.values()].map((cell) => Int32Array.from(cell));
}

/** The first and last rows and columns of some pixels. */
function extentOf(pixels: Int32Array, width: number) {
  let [top, left, bottom, right] = [Number.POSITIVE_INFINITY, width, 0, 0];
  for (const p of pixels) {
    const y = Math.floor(p / width);
    const x = p - y * width;
    if (y < top) top = y;
    if (x < left) left = x;
    if (y > bottom) bottom = y;
    if (x > right) right = x;
  }
  return { top, left, bottom, right };
}

/** Finds the places that a block resembles, and adds their mean to the sums of its pixels and of its rim. */
function addPlaces({ width, height, count, channels, level, colours, unknown, barred }: Area, block: Int32Array, { sums, times }: Said): void {
  let { top, left, bottom, right } = extentOf(block, width);
  const reach = Math.floor(Math.max(bottom - top, right - left) / 2) + REACH;
  top = Math.max(0, top - RIM);
  left = Math.max(0, left - RIM);
  bottom = Math.min(height - 1, bottom + RIM);
  right = Math.min(width - 1, right + RIM);
  const known: number[] = [];
  const asked: number[] = [];
  for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) (unknown[y * width + x] ? asked : known).push(y * width + x);
  if (known.length === 0) return;
  const lies = (dy: number, dx: number) => top + dy >= 0 && left + dx >= 0 && bottom + dy < height && right + dx < width;

  // Some of the rim says which places are worth a closer look.
  const spread = spreadOut(known, COMPARED_CLOSELY);
  const sample = spread.subarray(0, SAMPLED);
  const likely = new Best(LIKELY);
  const first = varianceOf(colours, channels, barred, count, sample);
  const enough = ALIKE * count * level * level;
  for (const [dy, dx] of waysWithin(reach)) {
    if (!lies(dy, dx)) continue;
    likely.add(dy * width + dx, first(dy * width + dx, likely.limit));
    if (likely.limit < enough) break;
  }
  const best = new Best(PLACES);
  const all = varianceOf(colours, channels, barred, count, spread);
  const attempt = (offset: number) => {
    if (best.has(offset) || asked.some((p) => barred[p + offset])) return;
    best.add(offset, all(offset, best.limit));
  };
  for (let n = 0; n < likely.size; n++) attempt(likely.offsets[n]);
  for (const offset of best.offsets.slice(0, Math.min(REFINED, best.size))) {
    const dy = Math.round(offset / width);
    const dx = offset - dy * width;
    for (let v = dy - 1; v <= dy + 1; v++) for (let u = dx - 1; u <= dx + 1; u++) if ((v !== 0 || u !== 0) && lies(v, u)) attempt(v * width + u);
  }
  const { offsets, costs, size } = best;
  if (size === 0) return;

  // A level of noise is nothing to tell places apart by.
  const scale = costs[0] + level * level;
  const shares = Float64Array.from({ length: size }, (_, n) => Math.exp((costs[0] - costs[n]) / scale));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const p = y * width + x;
      const isRim = (x > left && unknown[p - 1]) || (x < right && unknown[p + 1]) || (y > top && unknown[p - width]) || (y < bottom && unknown[p + width]);
      if (!unknown[p] && !isRim) continue;
      let total = 0;
      for (let n = 0; n < size; n++) if (!barred[p + offsets[n]]) total += shares[n];
      if (total === 0) continue;
      times[p]++;
      // The best place counts for more than its share of the mean: a mean alone has no grain.
      const crisp = barred[p + offsets[0]] ? 0 : CRISP;
      for (let n = 0; n < size; n++) {
        const q = p + offsets[n];
        const share = ((1 - crisp) * shares[n]) / total + (n === 0 ? crisp : 0);
        if (!barred[q]) for (let c = 0; c < count; c++) sums[p * count + c] += share * colours[q * channels + c];
      }
    }
  }
}

const ways = new Map<number, [number, number][]>();

/** The ways to go and look, the nearest first. */
function waysWithin(reach: number): [number, number][] {
  let found = ways.get(reach);
  if (!found) {
    found = [];
    for (let dy = -reach; dy <= reach; dy += STEP) for (let dx = -reach; dx <= reach; dx += STEP) if (dy !== 0 || dx !== 0) found.push([dy, dx]);
    found.sort((a, b) => a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2);
    ways.set(reach, found);
  }
  return found;
}

/** Some pixels, `most` of them at most, in such an order that any first few of them are from all over. */
function spreadOut(pixels: number[], most: number): Int32Array {
  const { length } = pixels;
  let step = Math.max(1, Math.round(0.618 * length));
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  while (divides(step, length) !== 1) step++;
  const spread = new Int32Array(Math.min(length, most));
  for (let n = 0; n < spread.length; n++) spread[n] = pixels[(n * step) % length];
  return spread;
}

/** The places with the least costs, the best first. */
class Best {
  readonly offsets: Int32Array;
  readonly costs: Float64Array;
  size = 0;
  /** What a place must cost less than. */
  limit = Number.POSITIVE_INFINITY;

  constructor(private readonly most: number) {
    this.offsets = new Int32Array(most);
    this.costs = new Float64Array(most);
  }

  has(offset: number): boolean {
    for (let n = 0; n < this.size; n++) if (this.offsets[n] === offset) return true;
    return false;
  }

  add(offset: number, cost: number): void {
    if (!(cost < this.limit)) return;
    let n = this.size < this.most ? this.size++ : this.most - 1;
    for (; n > 0 && this.costs[n - 1] > cost; n--) {
      this.costs[n] = this.costs[n - 1];
      this.offsets[n] = this.offsets[n - 1];
    }
    this.costs[n] = cost;
    this.offsets[n] = offset;
    if (this.size === this.most) this.limit = this.costs[this.most - 1];
  }
}

/**
 * Measures how much pixels differ from those at an offset, but for brightness: the variance of the difference; infinity where less is
 * known there than must be, or any value of `limit` or more. What must not be copied counts as unknown.
 */
function varianceOf(
  colours: Picture['data'],
  channels: number,
  unknown: Uint8Array,
  count: number,
  pixels: Int32Array,
): (offset: number, limit: number) => number {
  const length = pixels.length;
  const own = new Float32Array(3 * length);
  for (let n = 0; n < length; n++) for (let c = 0; c < count; c++) own[3 * n + c] = colours[pixels[n] * channels + c];
  const missing = Math.floor((1 - COMPARED) * length);
  return (offset, limit) => {
    let [squares, red, green, blue, unseen] = [0, 0, 0, 0, 0];
    for (let n = 0; n < length; n++) {
      const q = pixels[n] + offset;
      if (unknown[q]) {
        if (++unseen > missing) return Number.POSITIVE_INFINITY;
        continue;
      }
      const i = q * channels;
      const a = own[3 * n] - colours[i];
      squares += a * a;
      red += a;
      if (count === 3) {
        const b = own[3 * n + 1] - colours[i + 1];
        const c = own[3 * n + 2] - colours[i + 2];
        squares += b * b + c * c;
        green += b;
        blue += c;
      }
      // The sum of squares about the mean only grows.
      if ((n & 15) === 15 && squares - (BRIGHTNESS * (red * red + green * green + blue * blue)) / (n + 1 - unseen) > limit * length) return limit;
    }
    const compared = length - unseen;
    return (squares - (BRIGHTNESS * (red * red + green * green + blue * blue)) / compared) / compared;
  };
}

/** Which neighbours of a piece's pixels take part in its equations: left 1, right 2, above 4, below 8. */
function tiesOf({ width, height, barred, healed }: Area, piece: Int32Array): Uint8Array {
  const counts = (p: number) => healed[p] || !barred[p];
  return Uint8Array.from(piece, (p) => {
    const y = Math.floor(p / width);
    const x = p - y * width;
    let ties = 0;
    if (x > 0 && counts(p - 1)) ties |= 1;
    if (x + 1 < width && counts(p + 1)) ties |= 2;
    if (y > 0 && counts(p - width)) ties |= 4;
    if (y + 1 < height && counts(p + width)) ties |= 8;
    return ties;
  });
}

/** The mean colour of what may be copied; 0 where nothing may. */
function meanOf({ count, channels, colours, barred }: Area): Float64Array {
  const sums = new Float64Array(count);
  let pixels = 0;
  for (let p = 0; p < barred.length; p++) {
    if (barred[p]) continue;
    pixels++;
    for (let c = 0; c < count; c++) sums[c] += colours[p * channels + c];
  }
  return sums.map((sum) => sum / Math.max(1, pixels));
}

/**
 * Solves Laplace's equation for the pixels of a piece by successive over-relaxation, from the values `known` of what lies around it,
 * given by pixel and channel. What lies by nothing known, as among transparent pixels, is as `otherwise` says. Returns [pixels, count].
 */
function relax(
  { width, count, level, unknown, scratch }: Area,
  piece: Int32Array,
  ties: Uint8Array,
  known: (pixel: number, channel: number) => number,
  otherwise: () => ArrayLike<number>,
): Float32Array {
  const below = width * count;
  const steps = [-1, 1, -width, width];
  let later: number[] = [];
  for (let n = 0; n < piece.length; n++) {
    const p = piece[n];
    // A start that is nearly right: each pixel as the one before it.
    let before = -1;
    for (let k = 3; k >= 0; k--) {
      const q = p + steps[k];
      if (!(ties[n] & (1 << k))) continue;
      if (!unknown[q]) for (let c = 0; c < count; c++) scratch[q * count + c] = known(q, c);
      if (!unknown[q] || k % 2 === 0) before = q;
    }
    for (let c = 0; c < count; c++) scratch[p * count + c] = before >= 0 ? scratch[before * count + c] : Number.NaN;
    if (Number.isNaN(scratch[p * count])) later.push(n);
  }
  // At the picture's border there may be nothing before: such pixels are as what comes after them, from the last to the first and back.
  while (later.length > 0) {
    const left: number[] = [];
    for (const n of later.reverse()) {
      const q = steps.findIndex((step, k) => ties[n] & (1 << k) && !Number.isNaN(scratch[(piece[n] + step) * count]));
      if (q < 0) left.push(n);
      else for (let c = 0; c < count; c++) scratch[piece[n] * count + c] = scratch[(piece[n] + steps[q]) * count + c];
    }
    if (left.length === later.length) {
      const values = otherwise();
      for (const n of left) for (let c = 0; c < count; c++) scratch[piece[n] * count + c] = values[c];
      break;
    }
    later = left;
  }
  // A value travels the piece's thickness in a few times as many rounds, given this factor.
  const { top, left, bottom, right } = extentOf(piece, width);
  const factor = 2 / (1 + Math.sin(Math.PI / (Math.min(bottom - top, right - left, MOST_THICK) + 3)));
  for (let round = 0; round < ROUNDS; round++) {
    let largest = 0;
    for (let n = 0; n < piece.length; n++) {
      const tie = ties[n];
      if (tie === 0) continue;
      const share = factor / DEGREES[tie];
      for (let c = 0; c < count; c++) {
        const i = piece[n] * count + c;
        let sum = 0;
        if (tie & 1) sum += scratch[i - count];
        if (tie & 2) sum += scratch[i + count];
        if (tie & 4) sum += scratch[i - below];
        if (tie & 8) sum += scratch[i + below];
        const change = share * sum - factor * scratch[i];
        scratch[i] += change;
        if (change > largest) largest = change;
        else if (-change > largest) largest = -change;
      }
    }
    if (largest < SETTLED * level) break;
  }
  const out = new Float32Array(piece.length * count);
  for (let n = 0; n < piece.length; n++) for (let c = 0; c < count; c++) out[n * count + c] = scratch[piece[n] * count + c];
  return out;
}

// How many bits of a number below 16 are set.
const DEGREES = Array.from({ length: 16 }, (_, ties) => (ties & 1) + ((ties >> 1) & 1) + ((ties >> 2) & 1) + (ties >> 3));
