import { unlessAborted } from '../abort';
import { squaredDistances } from '../arrays/distance-transform';
import { randomIntegers } from '../arrays/random';
import { channelMaximum, colourChannels, hasAlpha } from '../picture';
import { type Box, widened } from './box';
import { heldSource } from './held';
import { leftoversOf, leftoversSeen } from './leftovers';
import { joinedRuns, type Piece, piecesOf, type Run, rowsOf, runsWithin, sampledRuns } from './runs';
import { thicknessOf } from './thickness';
import { layoutOf, type PhotoSource, type Pixels } from './view';

/** Runs of a hole, by how many pixels they are to grow. One may be in several: the most counts. */
export type Growth = Map<number, Run[]>;

function add(growth: Growth, by: number, runs: Iterable<Run>): void {
  const same = growth.get(by);
  if (!same) growth.set(by, [...runs]);
  else for (const run of runs) same.push(run);
}

// A hole grows by this share of its thickness, and by this share of the photo's short side at most, where the photo can't be looked at; by a pixel at least: what an antialiased or compressed edge leaves beside an exact mask.
const BLIND = 0.05;
const MOST_BLIND = 0.004;
// The most that it grows by where an outline is seen.
const SEEN = 0.1;
const MOST_SEEN = 0.008;
// How far what is left of an object may reach. (With .25 and .02, and before it had to stand out from the hole, so much of photos with lines
// was taken for such that a tenth fewer of their lines were found again.)
const LEFT = 0.16;
const MOST_LEFT = 0.012;

/** How much each piece of a hole grows where its photo is not looked at. */
export function growthByThickness(runs: Run[], shortSide: number): Growth {
  const growth: Growth = new Map();
  for (const piece of piecesOf(runs)) add(growth, share(thicknessOf(piece), shortSide, BLIND, MOST_BLIND), piece.runs);
  return growth;
}

const share = (thickness: number, shortSide: number, own: number, most: number): number =>
  Math.max(1, Math.min(Math.round(own * thickness), Math.round(most * shortSide)));

// So many pieces are looked at, the largest ones, each at so many places.
const PIECES = 256;
const PLACES = 64;
// No more rings than twice as many: where a piece may grow further, a ring is several pixels wide.
const RINGS = 24;
// A step is between the ring before and the ring behind one: an outline is hardly ever sharper.
const LAG = 2;
// A place has a step where the largest one within reach is so many times the largest one beyond it, and so many 255ths; a plain one where
// it is more than that. Of photos without an outline up to 30 and 9 % of places have them, and as many have them the other way round.
const STEP = { ratio: 1.5, least: 3 };
const PLAIN_STEP = { ratio: 3, least: 8 };
// A piece has an outline where places with a step outnumber those the other way round by so many standard deviations of a toss; in some places only, where those with a plain one do.
const CERTAIN = 2.5;
// This share of an outline's places may stay outside.
const OUTSIDE = 0.15;

/**
 * How much each piece of a hole grows, by what the photo shows beside it: an object's outline outside the mask is a step between the
 * mean colours of rings around the hole, which the rings further out don't have. Where there is one, the piece grows past it, and where only
 * some places of the rim show one, plainly and more often than there is one further out, only these do. A knee or a shadow that a mask cuts through is no step around the hole:
 * what hangs on the hole and has colours that nothing further out has, and little in a wider view ({@link leftoversOf}), is hole, too. Else it grows by a pixel.
 * The hole's own pixels are not looked at.
 *
 * A piece's surroundings are read once, or, where they are large, in boxes that are no larger than a few times what the piece may grow by; those
 * of an outline are of a bounded number, those of leftovers go by the rim's length.
 */
export async function growthByOutline(
  photo: PhotoSource,
  runs: Run[],
  { pause = async () => {}, signal }: { pause?: () => Promise<void>; signal?: AbortSignal } = {},
): Promise<Growth> {
  const shortSide = Math.min(photo.width, photo.height);
  const growth: Growth = new Map();
  const large: { piece: Piece; thickness: number; most: number }[] = [];
  for (const piece of piecesOf(runs)) {
    const thickness = thicknessOf(piece);
    const most = share(thickness, shortSide, SEEN, MOST_SEEN);
    if (most > 1) large.push({ piece, thickness, most });
    else add(growth, 1, piece.runs);
  }
  if (large.length === 0) return growth;
  large.sort((a, b) => b.piece.pixels - a.piece.pixels);
  const hole = rowsOf(runs);
  for (const [n, { piece, thickness, most }] of large.entries()) {
    const reach = share(thickness, shortSide, LEFT, MOST_LEFT);
    const around = n < PIECES ? await heldSource(photo, widened(piece.box, Math.max(outlineSeen(most), leftoversSeen(reach)), photo), signal) : undefined;
    const seen = around && (await lookAround(around, piece, most));
    const all = seen?.all ?? share(thickness, shortSide, BLIND, MOST_BLIND);
    add(growth, all, piece.runs);
    if (!seen) continue;
    for (const { by, box } of seen.some) if (by > all) add(growth, by, inBox(hole, box));
    const left = await leftoversOf(around, piece.runs, hole, reach, { pause, signal });
    if (left.runs.length > 0) add(growth, left.by, joinedRuns(left.runs));
  }
  return growth;

  /** How much a piece grows by as a whole, and more by what lies in some boxes; undefined where there is nothing to look at. */
  async function lookAround(photo: PhotoSource, piece: Piece, most: number): Promise<{ all: number; some: { by: number; box: Box }[] } | undefined> {
    const { step, reach, rings } = ringsFor(most);
    const { places, apart } = rimPlaces(piece, hole, photo, Math.ceil((rings * step) / 2));
    const around = Math.max(rings * step, apart);
    const found: number[] = [];
    const some: { by: number; box: Box }[] = [];
    let [looked, beyond, plainlyBeyond] = [0, 0, 0];
    for (const { row, column } of places) {
      await pause();
      const box = widened(pixelAt(row, column), rings * step, photo);
      const pixels = await unlessAborted(() => photo.read(box), signal);
      const steps = stepsOf(ringColours(pixels, box, hole, { row, column, step, rings }));
      const [within, further] = [steps.slice(0, reach), steps.slice(reach)];
      // Beside another hole, or at the photo's border, there may be nothing to compare with.
      if (2 * further.filter((s) => s >= 0).length < further.length) continue;
      looked++;
      const [near, far] = [Math.max(...within), Math.max(...further)];
      if (isStep(far, near, STEP)) beyond++;
      if (isStep(far, near, PLAIN_STEP)) plainlyBeyond++;
      if (!isStep(near, far, STEP)) continue;
      const by = Math.min(most, endOfStep(within, far) * step);
      found.push(by);
      if (isStep(near, far, PLAIN_STEP)) some.push({ by, box: widened(pixelAt(row, column), around, photo) });
    }
    if (looked === 0) return undefined;
    return {
      all: isCertain(found.length, beyond) ? pastOutline(found, beyond, most) : 1,
      some: isCertain(some.length, plainlyBeyond) ? some : [],
    };
  }
}

/** How rings are laid where a piece may grow by so much, how many of them are within reach of that, and how many there are. */
function ringsFor(most: number) {
  const step = Math.ceil(most / RINGS);
  const reach = Math.ceil(most / step);
  return { step, reach, rings: 2 * reach + LAG };
}

/** How far from a piece its outline is looked for. */
function outlineSeen(most: number): number {
  const { step, rings } = ringsFor(most);
  return rings * step;
}

const isStep = (one: number, other: number, { ratio, least }: { ratio: number; least: number }): boolean => one > Math.max(least, ratio * other);

const isCertain = (within: number, beyond: number): boolean => within - beyond > CERTAIN * Math.sqrt(within + beyond);

/** The ring that the largest step ends with, counted from 1. */
function endOfStep(steps: number[], usual: number): number {
  const largest = Math.max(...steps);
  let end = steps.indexOf(largest);
  while (end + 1 < steps.length && steps[end + 1] > Math.max(usual, 0.3 * largest)) end++;
  // From the ring before to the ring behind the next one.
  return end + LAG;
}

/** The least growth that leaves few of an outline's places outside. Some of those found are chance: as many as the other way round, anywhere. */
function pastOutline(found: number[], byChance: number, most: number): number {
  let grow = 1;
  const left = () => found.filter((by) => by > grow).length - byChance * (1 - grow / most);
  while (grow < most && left() > OUTSIDE * (found.length - byChance)) grow++;
  return grow;
}

const pixelAt = (row: number, column: number): Box => ({ top: row, left: column, bottom: row + 1, right: column + 1 });

/** What of a hole lies between two columns of a row, cut off there. */
function* inRow(hole: Map<number, Run[]>, row: number, left: number, right: number): Generator<Run> {
  for (const { start, end } of runsWithin(hole.get(row), left, right)) yield { row, start: Math.max(left, start), end: Math.min(right, end) };
}

/** What of a hole lies in a box, row by row. */
function* inBox(hole: Map<number, Run[]>, { top, left, bottom, right }: Box): Generator<Run> {
  for (let row = top; row < bottom; row++) yield* inRow(hole, row, left, right);
}

/** Places along a piece's rim, chosen evenly and at random, and how far they are apart. The photo's border is no rim. */
function rimPlaces({ runs }: Piece, hole: Map<number, Run[]>, { width, height }: { width: number; height: number }, least: number) {
  // Stretches of pixels that are not hole all around.
  const rim: Run[] = [];
  let length = 0;
  const put = (row: number, start: number, end: number) => {
    if (start >= end) return;
    rim.push({ row, start, end });
    length += end - start;
  };
  for (const { row, start, end } of runs) {
    const [from, to] = [start > 0 ? start + 1 : start, end < width ? end - 1 : end];
    if (start > 0) put(row, start, start + 1);
    let bare = from;
    for (const covered of coveredBy(hole, row, from, to, height)) {
      put(row, bare, covered.start);
      bare = covered.end;
    }
    put(row, bare, to);
    if (end < width && end - 1 > start) put(row, end - 1, end);
  }
  const count = Math.min(PLACES, Math.ceil(length / least));
  const places: { row: number; column: number }[] = [];
  const next = randomIntegers(1);
  let [n, before] = [0, 0];
  for (let place = 0; place < count; place++) {
    // Not at even distances: row by row, these would hit one side only.
    const at = Math.floor(((place + next() / 2 ** 32) * length) / count);
    while (before + rim[n].end - rim[n].start <= at) before += rim[n].end - rim[n++].start;
    places.push({ row: rim[n].row, column: rim[n].start + at - before });
  }
  return { places, apart: Math.ceil(length / Math.max(1, count)) };
}

/** Where pixels of a row have hole, or the photo's border, above and below. */
function* coveredBy(hole: Map<number, Run[]>, row: number, left: number, right: number, height: number): Generator<Run> {
  const above = row > 0 ? [...inRow(hole, row - 1, left, right)] : [{ row, start: left, end: right }];
  const below = row + 1 < height ? [...inRow(hole, row + 1, left, right)] : [{ row, start: left, end: right }];
  for (let a = 0, b = 0; a < above.length && b < below.length; ) {
    const [start, end] = [Math.max(above[a].start, below[b].start), Math.min(above[a].end, below[b].end)];
    if (start < end) yield { row, start, end };
    if (above[a].end < below[b].end) a++;
    else b++;
  }
}

/** Mean colours, in 255ths, of the rings around a hole near a place of its rim, the innermost first; undefined of a ring that hardly shows. */
function ringColours(
  pixels: Pixels,
  box: Box,
  hole: Map<number, Run[]>,
  { row, column, step, rings }: { row: number; column: number; step: number; rings: number },
): (number[] | undefined)[] {
  // Every step-th pixel, the place among them. Twice as far as is looked: what lies nearest to a pixel must be in it.
  const half = 2 * rings;
  const side = 2 * half + 1;
  const corner = { top: row - half * step, left: column - half * step };
  const distances = squaredDistances(sampledRuns(hole, corner, step, side, side), side, side);
  const { channels, data } = pixels;
  const { start, stride } = layoutOf(pixels);
  const alpha = hasAlpha(pixels) ? channels - 1 : undefined;
  const colours = colourChannels(pixels);
  const sums = Array.from({ length: rings }, () => new Array<number>(colours).fill(0));
  const counts = new Uint32Array(rings);
  for (let v = rings; v < side - rings; v++) {
    const y = row + (v - half) * step;
    if (y < box.top || y >= box.bottom) continue;
    for (let u = rings; u < side - rings; u++) {
      const x = column + (u - half) * step;
      const ring = Math.ceil(Math.sqrt(distances[v * side + u])) - 1;
      if (x < box.left || x >= box.right || ring < 0 || ring >= rings) continue;
      const at = start + (y - box.top) * stride + (x - box.left) * channels;
      if (alpha !== undefined && data[at + alpha] === 0) continue;
      counts[ring]++;
      for (let c = 0; c < colours; c++) sums[ring][c] += data[at + c];
    }
  }
  const maximum = channelMaximum(pixels);
  return sums.map((sum, ring) => (counts[ring] >= rings / 2 ? sum.map((s) => (s * 255) / maximum / counts[ring]) : undefined));
}

/** The largest difference of a colour between each ring and the next but one; -1 where there is none. */
function stepsOf(colours: (number[] | undefined)[]): number[] {
  return colours.slice(0, -LAG).map((one, ring) => {
    const other = colours[ring + LAG];
    return one && other ? Math.max(...one.map((c, n) => Math.abs(c - other[n]))) : -1;
  });
}
