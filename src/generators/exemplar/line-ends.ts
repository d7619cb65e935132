import { squaredDistances } from '../../arrays/distance-transform';

/** A place in a picture, in pixels: row and column. */
export type Point = readonly [y: number, x: number];

type Colour = readonly [number, number, number];

/** Where a line or an edge runs into a hole. */
export interface LineEnd {
  /** The place at the hole's rim, and the unit vector that leads along the line, out of the hole. */
  at: Point;
  out: Point;
  /** The line as it was followed out of the hole, a point a pixel. */
  path: Point[];
  /** Mean colours beside it, to the left and right of one who looks out of the hole. */
  left: Colour;
  right: Colour;
  /** How far apart these are, or how steep the edge is, in units of colours. */
  contrast: number;
}

// Ends are looked for in this ring around the hole: nearer to it, slopes can't be taken. Units: pixels.
const NEAREST = 2;
const FARTHEST = 4.5;
// An edge changes the colour (of [-1, 1], as a vector) by this much a pixel at least, and mostly in one direction.
const LEAST_SLOPE = 0.04;
const LEAST_COHERENCE = 0.6;
// Edges that lean more against the rim than this (as a sine) run along the hole, not into it.
const LEAST_INWARD = 0.3;
// A line is followed so far, in pixels, and is none where that is shorter than the least. Its direction is that of its first part.
const LONGEST = 120;
const SHORTEST = 10;
const FITTED = 40;
// While it is followed, its direction is that of the last points.
const STEERED_BY = 16;
const STEERED_FROM = 6;
// It ends where its slope falls to this share of what it was at the rim, or where it leaps aside, in pixels.
const FADED = 0.4;
const LEAP = 1.3;
// A line's first part is this straight: the root of its points' mean squared distance from it, in pixels.
const STRAIGHT = 0.6;
// Colours beside a line are taken so far from it, along so much of it, in pixels.
const BESIDE = 2.5;
const COLOURED = 30;
// An edge's slope, times this, is about the step in colour that it makes.
const EDGE_WIDTH = 4;
const MOST_ENDS = 300;
// Two ends are one where one's path passes the other's first points by less, in pixels.
const SAME = 0.8;

/**
 * Lines and edges that run into a hole, the strongest first, each followed out of it as far as it goes.
 * @param colours [height, width, 3] in [-1, 1]; what they hold in the hole doesn't matter
 * @param hole [height, width]: 1 in the hole
 */
export function findLineEnds(colours: Float32Array, hole: Float32Array, height: number, width: number): LineEnd[] {
  const field = edgeField(colours, hole, height, width);
  const taken = new Uint8Array(height * width);
  const ends: LineEnd[] = [];
  for (const { p, out } of edgesAtRim(field)) {
    if (taken[p]) continue;
    const end = follow(field, [Math.floor(p / width), p % width], out);
    // Neighbours are the same edge.
    for (let dy = -2; dy <= 2; dy++) taken.fill(1, p + dy * width - 2, p + dy * width + 3);
    if (!end) continue;
    const twin = ends.findIndex((other) => areOne(end, other));
    if (twin < 0) ends.push(end);
    else if (end.path.length > ends[twin].path.length) ends[twin] = end;
    if (ends.length === MOST_ENDS) break;
  }
  return ends;
}

/** Whether an end has been found from another pixel: wires have two edges a few pixels apart, an edge is nearer to itself. */
const areOne = (a: LineEnd, b: LineEnd) => dot2(a.out, b.out) > 0 && (passes(a, b.path[1]) || passes(b, a.path[1]));

function passes({ path }: LineEnd, [y, x]: Point): boolean {
  for (let n = 0; n < path.length; ) {
    const away = length2(path[n][0] - y, path[n][1] - x);
    if (away < SAME) return true;
    // From one point to the next are less than two pixels.
    n += Math.max(1, Math.floor((away - SAME) / 2));
  }
  return false;
}

interface EdgeField {
  height: number;
  width: number;
  hole: Float32Array;
  /** [height, width]: squared distance to the hole. */
  away: Float32Array;
  /** [height, width, 3]: the known colours, smoothed. */
  colours: Float32Array;
  /** [height, width, 3, 2]: how they change from row to row and from column to column; 0 beside the hole. */
  slopes: Float32Array;
}

function edgeField(colours: Float32Array, hole: Float32Array, height: number, width: number): EdgeField {
  const away = squaredDistances(hole, height, width);
  const soft = smoothKnown(colours, hole, height, width);
  const slopes = new Float32Array(height * width * 6);
  const farthest = (LONGEST + FARTHEST) ** 2;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, p = y * width + 1; x < width - 1; x++, p++) {
      if (hole[p] || away[p] > farthest || hole[p - 1] || hole[p + 1] || hole[p - width] || hole[p + width]) continue;
      for (let c = 0; c < 3; c++) {
        slopes[6 * p + 2 * c] = (soft[3 * (p + width) + c] - soft[3 * (p - width) + c]) / 2;
        slopes[6 * p + 2 * c + 1] = (soft[3 * (p + 1) + c] - soft[3 * (p - 1) + c]) / 2;
      }
    }
  }
  return { height, width, hole, away, colours: soft, slopes };
}

const { fround } = Math;

// A Gaussian of .8 px, so that one pixel's noise makes no edge.
const TAPS = [-2, -1, 0, 1, 2].map((d) => Math.exp(-(d * d) / (2 * 0.8 * 0.8)));

/** Known colours, each the Gaussian mean of the known ones around it. */
function smoothKnown(colours: Float32Array, hole: Float32Array, height: number, width: number): Float32Array {
  let sums = new Float32Array(height * width * 4);
  for (let p = 0; p < height * width; p++) {
    if (hole[p]) continue;
    for (let c = 0; c < 3; c++) sums[4 * p + c] = colours[3 * p + c];
    sums[4 * p + 3] = 1;
  }
  for (const step of [1, width]) {
    const from = sums;
    sums = new Float32Array(from.length);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to += 4) {
        const at = step === 1 ? x : y;
        const last = Math.min(2, (step === 1 ? width : height) - 1 - at);
        // Four sums at a time, in single precision from term to term: they wait neither for each other nor for memory.
        let [a, b, c, known] = [0, 0, 0, 0];
        for (let d = Math.max(-2, -at); d <= last; d++) {
          const tap = TAPS[d + 2];
          const q = to + 4 * d * step;
          a = fround(a + tap * from[q]);
          b = fround(b + tap * from[q + 1]);
          c = fround(c + tap * from[q + 2]);
          known = fround(known + tap * from[q + 3]);
        }
        sums[to] = a;
        sums[to + 1] = b;
        sums[to + 2] = c;
        sums[to + 3] = known;
      }
    }
  }
  const out = new Float32Array(height * width * 3);
  for (let p = 0; p < height * width; p++) {
    const share = sums[4 * p + 3];
    if (share > 0) for (let c = 0; c < 3; c++) out[3 * p + c] = sums[4 * p + c] / share;
  }
  return out;
}

/** Pixels near the rim that lie on an edge which leads into the hole, the steepest first, with the direction out of it. */
function edgesAtRim({ height, width, hole, away, slopes }: EdgeField): { p: number; out: Point }[] {
  const found: { p: number; slope: number; out: Point }[] = [];
  for (let y = 3; y < height - 3; y++) {
    for (let x = 3, p = y * width + 3; x < width - 3; x++, p++) {
      if (hole[p] || away[p] < NEAREST * NEAREST || away[p] > FARTHEST * FARTHEST) continue;
      // The structure tensor of all three colours (Di Zenzo 1986) over 5 x 5 pixels.
      let [yy, yx, xx] = [0, 0, 0];
      for (let dy = -2; dy <= 2; dy++) {
        for (let i = 6 * (p + dy * width - 2), end = i + 30; i < end; i += 2) {
          yy += slopes[i] * slopes[i];
          yx += slopes[i] * slopes[i + 1];
          xx += slopes[i + 1] * slopes[i + 1];
        }
      }
      if (length2(yy - xx, 2 * yx) < LEAST_COHERENCE * (yy + xx)) continue;
      const angle = 0.5 * Math.atan2(2 * yx, xx - yy);
      const [ny, nx] = [Math.sin(angle), Math.cos(angle)];
      let slope = 0;
      for (let i = 6 * p; i < 6 * p + 6; i += 2) slope += (slopes[i] * ny + slopes[i + 1] * nx) ** 2;
      if (slope < LEAST_SLOPE * LEAST_SLOPE) continue;
      const outY = Math.sqrt(away[p + width]) - Math.sqrt(away[p - width]);
      const outX = Math.sqrt(away[p + 1]) - Math.sqrt(away[p - 1]);
      const outward = nx * outY - ny * outX;
      if (Math.abs(outward) < LEAST_INWARD * length2(outY, outX)) continue;
      found.push({ p, slope, out: outward < 0 ? [-nx, ny] : [nx, -ny] });
    }
  }
  return found.sort((a, b) => b.slope - a.slope || a.p - b.p);
}

/** Follows an edge out of the hole, from pixel to pixel; none where it is short or crooked. */
function follow(field: EdgeField, start: Point, out: Point): LineEnd | undefined {
  const { height, width, hole } = field;
  let [y, x] = start;
  let [dy, dx] = out;
  const path: Point[] = [];
  const sums = { left: [0, 0, 0], right: [0, 0, 0] };
  // How the colours change across the line at the rim: what is followed is the same all along.
  let first: Colour | undefined;
  while (path.length < LONGEST) {
    if (y < 3 || x < 3 || y >= height - 4 || x >= width - 4 || hole[Math.round(y) * width + Math.round(x)]) break;
    const [ny, nx] = [-dx, dy];
    // The steepest place up to 1.5 px to either side, between the places looked at by a parabola.
    let best = 0;
    const slopes = new Float64Array(7);
    for (let i = 0; i <= 6; i++) {
      const across = slopeAcross(field, y + (i / 2 - 1.5) * ny, x + (i / 2 - 1.5) * nx, ny, nx);
      slopes[i] = first ? Math.max(0, dot(across, first)) / length(first) : length(across);
      if (slopes[i] > slopes[best]) best = i;
    }
    let steepest = best / 2 - 1.5;
    if (first === undefined) first = slopeAcross(field, y + steepest * ny, x + steepest * nx, ny, nx);
    else if (slopes[best] < FADED * length(first)) break;
    if (best > 0 && best < 6) {
      const curved = 2 * slopes[best] - slopes[best - 1] - slopes[best + 1];
      if (curved > 1e-9) steepest += (0.25 * (slopes[best + 1] - slopes[best - 1])) / curved;
    }
    if (path.length > 0 && Math.abs(steepest) > LEAP) break;
    // All the way at first, then only most of it, so that noise doesn't steer.
    const pull = path.length > 0 ? 0.6 : 1;
    y += pull * steepest * ny;
    x += pull * steepest * nx;
    if (path.length < COLOURED) {
      addTo(sums.left, field, y + BESIDE * ny, x + BESIDE * nx);
      addTo(sums.right, field, y - BESIDE * ny, x - BESIDE * nx);
    }
    path.push([y, x]);
    if (path.length >= STEERED_FROM) {
      const { direction } = fitLine(path.slice(-STEERED_BY));
      [dy, dx] = dot2(direction, [dy, dx]) < 0 ? [-direction[0], -direction[1]] : direction;
    }
    y += dy;
    x += dx;
  }
  if (path.length < SHORTEST || first === undefined) return undefined;
  const { middle, direction, apart } = fitLine(path.slice(0, FITTED));
  if (apart > STRAIGHT) return undefined;
  const along: Point = dot2(direction, out) < 0 ? [-direction[0], -direction[1]] : direction;
  const back = dot2([path[0][0] - middle[0], path[0][1] - middle[1]], along);
  const counted = Math.min(path.length, COLOURED);
  const [left, right] = [sums.left, sums.right].map((sum): Colour => [sum[0] / counted, sum[1] / counted, sum[2] / counted]);
  return {
    ...{ at: [middle[0] + back * along[0], middle[1] + back * along[1]], out: along, path, left, right },
    contrast: Math.max(EDGE_WIDTH * length(first), colourDistance(left, right)),
  };
}

/** The straight line nearest to some points, in the sense of least squares. */
function fitLine(points: readonly Point[]): { middle: Point; direction: Point; apart: number } {
  let [my, mx] = [0, 0];
  for (const [y, x] of points) {
    my += y / points.length;
    mx += x / points.length;
  }
  let [yy, yx, xx] = [0, 0, 0];
  for (const [y, x] of points) {
    yy += (y - my) ** 2;
    yx += (y - my) * (x - mx);
    xx += (x - mx) ** 2;
  }
  const angle = 0.5 * Math.atan2(2 * yx, xx - yy);
  const least = (yy + xx - length2(yy - xx, 2 * yx)) / 2;
  return { middle: [my, mx], direction: [Math.sin(angle), Math.cos(angle)], apart: Math.sqrt(Math.max(0, least) / points.length) };
}

/** How each colour changes along (ny, nx) at a place between pixels. */
function slopeAcross({ slopes, width }: EdgeField, y: number, x: number, ny: number, nx: number): Colour {
  const { p, q, shares } = between(width, y, x);
  const at = (i: number) =>
    shares[0] * slopes[6 * p + i] + shares[1] * slopes[6 * p + 6 + i] + shares[2] * slopes[6 * q + i] + shares[3] * slopes[6 * q + 6 + i];
  return [at(0) * ny + at(1) * nx, at(2) * ny + at(3) * nx, at(4) * ny + at(5) * nx];
}

/** Adds the colours at a place between pixels. */
function addTo(sums: number[], { colours, width }: EdgeField, y: number, x: number): void {
  const { p, q, shares } = between(width, y, x);
  for (let c = 0; c < 3; c++) {
    sums[c] += shares[0] * colours[3 * p + c] + shares[1] * colours[3 * p + 3 + c] + shares[2] * colours[3 * q + c] + shares[3] * colours[3 * q + 3 + c];
  }
}

/** The four pixels around a place, `p` and `q` and those behind them, and the share of each in it. */
function between(width: number, y: number, x: number): { p: number; q: number; shares: readonly [number, number, number, number] } {
  const top = Math.floor(y);
  const left = Math.floor(x);
  const down = y - top;
  const across = x - left;
  const p = top * width + left;
  return { p, q: p + width, shares: [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across] };
}

const dot = (a: Colour, b: Colour) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const dot2 = (a: Point, b: Point) => a[0] * b[0] + a[1] * b[1];
// Not Math.hypot(), which is slow, and not the same to the last bit everywhere.
const length2 = (y: number, x: number) => Math.sqrt(y * y + x * x);
const length = (a: Colour) => Math.sqrt(dot(a, a));

/** How far apart two colours are. */
export const colourDistance = (a: Colour, b: Colour) => length([a[0] - b[0], a[1] - b[1], a[2] - b[2]]);
