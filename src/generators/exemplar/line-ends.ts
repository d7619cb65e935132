import { type EdgeField, edgeField } from './edge-field';

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
  /** How much of the path counts as straight from the rim on, in pixels: what its direction was taken from, or all of it if its first part is. */
  straight: number;
  /** Whether the line bends soon after the rim. */
  bent: boolean;
  /** How many times as small the picture was that it was found in. */
  scale: number;
}

// An edge changes the colour (of [-1, 1], as a vector) by this much a pixel at least.
const LEAST_SLOPE = 0.04;
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
// Of a line that bends sooner, a shorter part may be; it is an outline then.
const SHORTER = 0.7;
/** The contrast of an outline, an object's and not a crease or a shadow. */
export const OUTLINE = 1;
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
  const field = edgeField(colours, hole, height, width, LONGEST);
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
    else if (end.straight > ends[twin].straight) ends[twin] = end;
    if (ends.length === MOST_ENDS) break;
  }
  return ends;
}

/** Whether an end has been found from another pixel: wires have two edges a few pixels apart, an edge is nearer to itself. */
const areOne = (a: LineEnd, b: LineEnd) => {
  const reach = SAME * Math.max(a.scale, b.scale);
  return dot2(a.out, b.out) > 0 && (passes(a, b.path[1], reach) || passes(b, a.path[1], reach));
};

function passes({ path }: LineEnd, [y, x]: Point, reach: number): boolean {
  for (let n = 0; n < path.length; ) {
    const away = length2(path[n][0] - y, path[n][1] - x);
    if (away < reach) return true;
    // From one point to the next are less than two pixels.
    n += Math.max(1, Math.floor((away - reach) / 2));
  }
  return false;
}

/**
 * Those of a picture's line ends that were found at half its size alone, where what is soft is an edge, and what wriggles straight.
 * @param ends of the picture itself
 * @param halved of the picture at half its size
 */
export function foundHalved(ends: readonly LineEnd[], halved: readonly LineEnd[]): LineEnd[] {
  return halved.map(doubled).filter((end) => !ends.some((other) => areOne(end, other)));
}

/** An end at twice its size. */
function doubled(end: LineEnd): LineEnd {
  const at = ([y, x]: Point): Point => [2 * y + 0.5, 2 * x + 0.5];
  const between = ([y0, x0]: Point, [y1, x1]: Point): Point => at([(y0 + y1) / 2, (x0 + x1) / 2]);
  const path = end.path.flatMap((point, n) => (n + 1 < end.path.length ? [at(point), between(point, end.path[n + 1])] : [at(point)]));
  return { ...end, at: at(end.at), path, straight: 2 * end.straight, scale: 2 * end.scale };
}

/** Pixels near the rim that lie on an edge which leads into the hole, the steepest first, with the direction out of it. */
function edgesAtRim({ width, away, slopes, rim, tensors }: EdgeField): { p: number; out: Point }[] {
  const found: { p: number; slope: number; out: Point }[] = [];
  for (let n = 0; n < rim.length; n++) {
    const p = rim[n];
    const [yy, yx, xx] = [tensors[3 * n], tensors[3 * n + 1], tensors[3 * n + 2]];
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
  return found.sort((a, b) => b.slope - a.slope || a.p - b.p);
}

/** Follows an edge out of the hole, from pixel to pixel; none where it is short or crooked at once. */
function follow(field: EdgeField, start: Point, out: Point): LineEnd | undefined {
  const { height, width, hole } = field;
  let [y, x] = start;
  let [dy, dx] = out;
  const path: Point[] = [];
  // No arrays are made on the way, but for its points: there are hundreds of ends, and a hundred steps from each.
  const sums = { left: new Float64Array(3), right: new Float64Array(3) };
  const across = new Float64Array(3);
  const slopes = new Float64Array(7);
  // How the colours change across the line at the rim: what is followed is the same all along.
  let first: Float64Array | undefined;
  while (path.length < LONGEST) {
    if (y < 3 || x < 3 || y >= height - 4 || x >= width - 4 || hole[Math.round(y) * width + Math.round(x)]) break;
    const ny = -dx;
    const nx = dy;
    // The steepest place up to 1.5 px to either side, between the places looked at by a parabola.
    let best = 0;
    for (let i = 0; i <= 6; i++) {
      takeSlope(across, field, y + (i / 2 - 1.5) * ny, x + (i / 2 - 1.5) * nx, ny, nx);
      slopes[i] = first ? Math.max(0, dot(across, first)) / length(first) : length(across);
      if (slopes[i] > slopes[best]) best = i;
    }
    let steepest = best / 2 - 1.5;
    if (first === undefined) first = takeSlope(new Float64Array(3), field, y + steepest * ny, x + steepest * nx, ny, nx);
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
      const { direction } = fitLine(path, Math.max(0, path.length - STEERED_BY), path.length);
      const forth = direction[0] * dy + direction[1] * dx < 0 ? -1 : 1;
      dy = forth * direction[0];
      dx = forth * direction[1];
    }
    y += dy;
    x += dx;
  }
  if (path.length < SHORTEST || first === undefined) return undefined;
  let straight = path.length;
  let line = fitLine(path, 0, Math.min(straight, FITTED));
  while (line.apart > STRAIGHT && straight > SHORTEST) {
    straight = Math.max(SHORTEST, Math.floor(SHORTER * Math.min(straight, FITTED)));
    line = fitLine(path, 0, straight);
  }
  const { middle, direction, apart } = line;
  if (apart > STRAIGHT) return undefined;
  const along: Point = dot2(direction, out) < 0 ? [-direction[0], -direction[1]] : direction;
  const back = dot2([path[0][0] - middle[0], path[0][1] - middle[1]], along);
  const counted = Math.min(path.length, COLOURED);
  const [left, right] = [sums.left, sums.right].map((sum): Colour => [sum[0] / counted, sum[1] / counted, sum[2] / counted]);
  const contrast = Math.max(EDGE_WIDTH * length(first), colourDistance(left, right));
  const bent = straight < path.length;
  if (bent && contrast < OUTLINE) return undefined;
  return { at: [middle[0] + back * along[0], middle[1] + back * along[1]], out: along, path, left, right, contrast, straight, bent, scale: 1 };
}

/** The straight line nearest to some of a path's points, in the sense of least squares. */
function fitLine(path: readonly Point[], from: number, to: number): { middle: Point; direction: Point; apart: number } {
  let my = 0;
  let mx = 0;
  for (let n = from; n < to; n++) {
    my += path[n][0] / (to - from);
    mx += path[n][1] / (to - from);
  }
  let yy = 0;
  let yx = 0;
  let xx = 0;
  for (let n = from; n < to; n++) {
    const y = path[n][0] - my;
    const x = path[n][1] - mx;
    yy += y * y;
    yx += y * x;
    xx += x * x;
  }
  const angle = 0.5 * Math.atan2(2 * yx, xx - yy);
  const least = (yy + xx - length2(yy - xx, 2 * yx)) / 2;
  return { middle: [my, mx], direction: [Math.sin(angle), Math.cos(angle)], apart: Math.sqrt(Math.max(0, least) / (to - from)) };
}

/** How each colour changes along (ny, nx) at a place between pixels. */
function takeSlope(out: Float64Array, { slopes, width }: EdgeField, y: number, x: number, ny: number, nx: number): Float64Array {
  for (let c = 0; c < 3; c++) out[c] = between(slopes, width, 6, 2 * c, y, x) * ny + between(slopes, width, 6, 2 * c + 1, y, x) * nx;
  return out;
}

/** Adds the colours at a place between pixels, or at the picture's edge where it lies beyond. */
function addTo(sums: Float64Array, { colours, height, width }: EdgeField, y: number, x: number): void {
  const row = held(y, height);
  const column = held(x, width);
  for (let c = 0; c < 3; c++) sums[c] += between(colours, width, 3, c, row, column);
}

/** A coordinate between two pixels of so many. */
const held = (v: number, size: number) => Math.min(Math.max(v, 0), size - 1.001);

/** A channel of a picture at a place between four pixels. */
function between(values: Float32Array, width: number, channels: number, channel: number, y: number, x: number): number {
  const top = Math.floor(y);
  const left = Math.floor(x);
  const down = y - top;
  const across = x - left;
  const p = channels * (top * width + left) + channel;
  const q = p + channels * width;
  return (
    (1 - down) * (1 - across) * values[p] + (1 - down) * across * values[p + channels] + down * (1 - across) * values[q] + down * across * values[q + channels]
  );
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const dot2 = (a: Point, b: Point) => a[0] * b[0] + a[1] * b[1];
// Not Math.hypot(), which is slow, and not the same to the last bit everywhere.
const length2 = (y: number, x: number) => Math.sqrt(y * y + x * x);
const length = (a: ArrayLike<number>) => Math.sqrt(dot(a, a));

/** How far apart two colours are. */
export const colourDistance = (a: Colour, b: Colour) => length([a[0] - b[0], a[1] - b[1], a[2] - b[2]]);
