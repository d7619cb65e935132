import { colourDistance, findLineEnds, foundHalved, type LineEnd, OUTLINE, type Point } from './line-ends';
import { CHANNELS, type Level } from './pyramid';

/** What looks like one line behind the hole. */
export interface Guide {
  from: LineEnd;
  /** Where it comes out again; none where it ends at another guide. */
  to?: LineEnd;
  /** Where it goes, from the one to the other, in straight pieces. */
  way: readonly Point[];
  /** Which of its ends its pixels are copied from. */
  copied: readonly [from: boolean, to: boolean];
}

// A gap is at most so many times as wide as the shorter end is long.
const WIDEST_GAP = 8;
const NARROWEST_GAP = 4;
// How far off an end may point from the other one: by a pixel at its far end, and a bit.
const SLACK = (2.5 * Math.PI) / 180;
const STEADY = 40;
// What is left and right of one end is so of the other, up to this share of the weaker one's contrast.
const MOST_UNLIKE = 0.8;
// A guide that runs over more known pixels than this is none: the line can be seen not to be there.
const MOST_KNOWN = 10;

// Of an outline more can be told. Its one end, if it is straight for so many of its pixels and points past the other by no more than so many, needs none of the other's direction. The
// gap is no more times as wide as that end is long.
const SURE = 30;
const MISSES = 3;
const WIDEST_FROM_ONE = 5;
const MOST_UNLIKE_OUTLINE = 0.6;
const MOST_BENT = Math.PI / 4;
// Or it goes on in a curve, if both ends are so long and the gap is no more times as wide, and both turn the same way, by no more than this.
const LEAST_CURVED = 30;
const WIDEST_CURVED = 4;
const MOST_TURNED = 0.7;
const MOST_UNLIKE_CURVE = 0.4;
// Its direction at the rim is that of so many pixels.
const CURVE_TOLD_BY = 25;
// A curve is drawn by pieces of so many pixels.
const PIECE = 3;
// Or it ends where it meets another guide, no more times as far off as it is straight, and not at too acute an angle (as a sine).
const LEAST_STRAIGHT = 20;
const FARTHEST_MEETING = 3;
const LEAST_MEETING = 0.3;

/**
 * Pairs the lines that run into a hole: those that point at each other, with the same colours on both sides. What lies between is
 * where they likely go on (Sun et al., Image completion with structure propagation, SIGGRAPH 2005, where a person draws it). Outlines of
 * strong contrast may bend on the way, or end at another line.
 * @param colours [height, width, 3] in [-1, 1]
 * @param hole [height, width]: 1 in the hole
 * @param halved the same at half its size, where lines are looked for as well
 */
export function findGuides(colours: Float32Array, hole: Float32Array, height: number, width: number, halved?: Level): Guide[] {
  const own = findLineEnds(colours, hole, height, width);
  const ends = halved ? own.concat(foundHalved(own, findLineEnds(coloursOf(halved), halved.hole, halved.height, halved.width))) : own;
  const isHidden = (way: readonly Point[]) => knownAlong(way, hole, width) <= MOST_KNOWN;
  const gaps = gapsBetween(ends);
  const found: Guide[] = [];
  const taken = new Set<LineEnd>();
  for (const joined of [straightOn, straightFromOne, inACurve]) {
    const pairs: Joined[] = [];
    for (const gap of gaps) {
      const pair = taken.has(gap.from) || taken.has(gap.to) ? undefined : joined(gap);
      if (pair && isHidden(pair.guide.way)) pairs.push(pair);
    }
    for (const { guide } of pairs.sort((a, b) => a.cost - b.cost)) {
      const { from, to, way } = guide;
      if (taken.has(from) || taken.has(to)) continue;
      // Wires cross each other, outlines don't.
      if (joined !== straightOn && found.some((other) => cross(way, other.way))) continue;
      taken.add(from).add(to);
      found.push(guide);
    }
  }
  const across = found.map(({ way }) => way);
  for (const end of ends) {
    const way = taken.has(end) ? undefined : wayToMeeting(end, across);
    if (way && isHidden(way)) found.push({ from: end, way, copied: [true, false] });
  }
  return found;
}

function coloursOf({ features, hole }: Level): Float32Array {
  const colours = new Float32Array(3 * hole.length);
  for (let p = 0; p < hole.length; p++) for (let c = 0; c < 3; c++) colours[3 * p + c] = features[CHANNELS * p + c];
  return colours;
}

/** Two ends whose edges have the same polarity, as far as that can be said of them alone. */
interface Gap {
  from: LineEnd;
  to: LineEnd;
  width: number;
  /** By how much one who goes from the one to the other has to turn to the right at the first, and at the second, in radians. */
  turns: readonly [number, number];
  /** How far apart the colours beside them are, as a share of the weaker one's contrast. */
  unlike: number;
}

/** A guide, and what speaks against it: the least first. */
interface Joined {
  guide: Guide & Required<Pick<Guide, 'to'>>;
  cost: number;
}

/** By how much one has to turn to the right, in radians, to go on in another direction. */
const turn = ([ay, ax]: Point, [by, bx]: Point) => Math.atan2(ay * bx - ax * by, ax * bx + ay * by);

function gapsBetween(ends: readonly LineEnd[]): Gap[] {
  const gaps: Gap[] = [];
  ends.forEach((from, n) => {
    for (const to of ends.slice(n + 1)) {
      const [y, x] = [to.at[0] - from.at[0], to.at[1] - from.at[1]];
      const width = Math.hypot(y, x);
      if (width < NARROWEST_GAP || width > WIDEST_GAP * Math.max(from.path.length, to.path.length)) continue;
      // Both look out of the hole: the one's left is the other's right.
      if (from.left.reduce((sum, left, c) => sum + (left - from.right[c]) * (to.right[c] - to.left[c]), 0) <= 0) continue;
      const unlike = (colourDistance(from.left, to.right) + colourDistance(from.right, to.left)) / (2 * Math.min(from.contrast, to.contrast));
      if (unlike > MOST_UNLIKE) continue;
      gaps.push({ from, to, width, turns: [turn([-from.out[0], -from.out[1]], [y, x]), turn(to.out, [y, x])], unlike });
    }
  });
  return gaps;
}

const shorter = ({ from, to }: Gap) => Math.min(from.path.length, to.path.length);
const weaker = ({ from, to }: Gap) => Math.min(from.contrast, to.contrast);

/** How far off an end points, as a share of how far it may. */
const off = ({ straight, scale }: LineEnd, turn: number) => Math.abs(turn) / (Math.atan(scale / Math.min(straight, STEADY * scale)) + SLACK);

/** Each points at the other. */
function straightOn(gap: Gap): Joined | undefined {
  const { from, to, turns, unlike } = gap;
  const worse = Math.max(off(from, turns[0]), off(to, turns[1]));
  if (from.bent || to.bent || gap.width > WIDEST_GAP * shorter(gap) || worse > 1) return undefined;
  return { guide: { from, to, way: [from.at, to.at], copied: [true, true] }, cost: (worse + unlike) / 2 };
}

/** One points at the other, which bends there. */
function straightFromOne(gap: Gap): Joined | undefined {
  const { from, to, turns, unlike } = gap;
  if (weaker(gap) < OUTLINE || unlike > MOST_UNLIKE_OUTLINE) return undefined;
  const isSure = (end: LineEnd, turn: number, other: number) => {
    if (end.straight < SURE * end.scale || gap.width > WIDEST_FROM_ONE * end.path.length || Math.abs(other) > MOST_BENT) return false;
    return off(end, turn) <= 1 && gap.width * Math.abs(Math.sin(turn)) <= MISSES * end.scale;
  };
  const copied = [isSure(from, turns[0], turns[1]), isSure(to, turns[1], turns[0])] as const;
  if (!copied[0] && !copied[1]) return undefined;
  const least = Math.min(copied[0] ? off(from, turns[0]) : 1, copied[1] ? off(to, turns[1]) : 1);
  return { guide: { from, to, way: [from.at, to.at], copied }, cost: (least + unlike) / 2 };
}

/** Both turn the same way. */
function inACurve(gap: Gap): Joined | undefined {
  const { from, to, unlike } = gap;
  if (weaker(gap) < OUTLINE || unlike > MOST_UNLIKE_CURVE || shorter(gap) < LEAST_CURVED || gap.width > WIDEST_CURVED * shorter(gap)) return undefined;
  // What is fitted to a longer part would leave a curve too early, and at too steep an angle.
  const [a, b] = [from.path[0], to.path[0]];
  const [p, q] = [from, to].map(({ path }): Point => {
    const [[y0, x0], [y1, x1]] = [path[0], path[CURVE_TOLD_BY]];
    const length = Math.hypot(y1 - y0, x1 - x0);
    return [(y1 - y0) / length, (x1 - x0) / length];
  });
  const chord: Point = [b[0] - a[0], b[1] - a[1]];
  const turns = [turn([-p[0], -p[1]], chord), turn(q, chord)];
  const [first, second] = turns.map(Math.abs);
  if (Math.max(first, second) > MOST_TURNED || turns[0] * turns[1] > 0) return undefined;
  // A cubic of Bézier's, which leaves and arrives as the ends do.
  const pull = gap.width / 3;
  const pieces = Math.ceil(gap.width / PIECE);
  const way = Array.from({ length: pieces + 1 }, (_, i): Point => {
    const t = i / pieces;
    const at = (c: 0 | 1) => (1 - t) ** 3 * a[c] + 3 * t * (1 - t) ** 2 * (a[c] - pull * p[c]) + 3 * t * t * (1 - t) * (b[c] - pull * q[c]) + t ** 3 * b[c];
    return [at(0), at(1)];
  });
  return { guide: { from, to, way, copied: [true, true] }, cost: first + second + unlike };
}

/** The way from an end straight on to where it meets the first of some others. */
function wayToMeeting({ at, out, contrast, straight }: LineEnd, others: readonly (readonly Point[])[]): Point[] | undefined {
  if (contrast < OUTLINE || straight < LEAST_STRAIGHT) return undefined;
  const far = FARTHEST_MEETING * straight;
  let nearest = far;
  for (const way of others) {
    for (let i = 1; i < way.length; i++) {
      const [[ay, ax], [by, bx]] = [way[i - 1], way[i]];
      const [ey, ex] = [by - ay, bx - ax];
      const sine = out[0] * ex - out[1] * ey;
      if (Math.abs(sine) < LEAST_MEETING * Math.hypot(ey, ex)) continue;
      const [y, x] = [at[0] - ay, at[1] - ax];
      const here = (y * ex - x * ey) / sine;
      const there = (y * out[1] - x * out[0]) / -sine;
      if (here > NARROWEST_GAP && here < nearest && there >= 0 && there <= 1) nearest = here;
    }
  }
  return nearest < far ? [at, [at[0] - nearest * out[0], at[1] - nearest * out[1]]] : undefined;
}

/** About how many pixels of a way are known, or not of the picture: what leaves it does not come back. */
function knownAlong(way: readonly Point[], hole: Float32Array, width: number): number {
  let known = 0;
  for (let n = 1; n < way.length; n++) {
    const [[y0, x0], [y1, x1]] = [way[n - 1], way[n]];
    const steps = Math.ceil(Math.hypot(y1 - y0, x1 - x0));
    for (let i = n > 1 ? 1 : 0; i <= steps; i++) {
      const x = Math.round(x0 + ((x1 - x0) * i) / steps);
      if (x < 0 || x >= width || !hole[Math.round(y0 + ((y1 - y0) * i) / steps) * width + x]) known++;
    }
  }
  return known;
}

/** Whether two ways cross. */
function cross(a: readonly Point[], b: readonly Point[]): boolean {
  const side = (p: Point, q: Point, [y, x]: Point) => Math.sign((q[0] - p[0]) * (x - p[1]) - (q[1] - p[1]) * (y - p[0]));
  const areApart = (p: Point, q: Point, r: Point, s: Point) => side(p, q, r) * side(p, q, s) < 0;
  for (let i = 1; i < a.length; i++) {
    for (let j = 1; j < b.length; j++) if (areApart(a[i - 1], a[i], b[j - 1], b[j]) && areApart(b[j - 1], b[j], a[i - 1], a[i])) return true;
  }
  return false;
}
