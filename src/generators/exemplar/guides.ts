import { colourDistance, findLineEnds, type LineEnd, type Point } from './line-ends';
import type { Level } from './pyramid';

/** Two ends of what looks like one line behind the hole. */
export type Guide = readonly [from: LineEnd, to: LineEnd];

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

// The finest level at which patches are compared by guides too: where lines go on is settled by the coarser ones.
const FINEST_LED = 1;
// How much a guide counts beside a colour of the picture, and how wide it is, in pixels of each level.
const WEIGHT = 1.2;
const SIGMA = 1;
// Pixels so near to a guide are copied along it, in pixels of the level.
const BAND = 2.5;
// A patch there is copied from so far out of the hole at least.
const CLEAR = 4;

/**
 * Pairs the lines that run into a hole: those that point at each other, with the same colours on both sides. What lies between is
 * where they likely go on (Sun et al., Image completion with structure propagation, SIGGRAPH 2005, where a person draws it).
 * @param colours [height, width, 3] in [-1, 1]
 * @param hole [height, width]: 1 in the hole
 */
export function findGuides(colours: Float32Array, hole: Float32Array, height: number, width: number): Guide[] {
  const ends = findLineEnds(colours, hole, height, width);
  const pairs: { guide: Guide; cost: number }[] = [];
  ends.forEach((from, n) => {
    for (const to of ends.slice(n + 1)) {
      const cost = unlikeness(from, to);
      if (cost < 1 && isHidden(from.at, to.at, hole, width)) pairs.push({ guide: [from, to], cost });
    }
  });
  const taken = new Set<LineEnd>();
  return pairs
    .sort((a, b) => a.cost - b.cost)
    .map(({ guide }) => guide)
    .filter((guide) => {
      if (guide.some((end) => taken.has(end))) return false;
      for (const end of guide) taken.add(end);
      return true;
    });
}

/** 0: surely one line; 1 and more: hardly. */
function unlikeness(from: LineEnd, to: LineEnd): number {
  const [y, x] = [to.at[0] - from.at[0], to.at[1] - from.at[1]];
  const gap = Math.hypot(y, x);
  if (gap < NARROWEST_GAP || gap > WIDEST_GAP * Math.min(from.path.length, to.path.length)) return 1;
  const turn = ({ out, path }: LineEnd, sign: number) => {
    const off = Math.acos(Math.min(Math.max((sign * (out[0] * y + out[1] * x)) / gap, -1), 1));
    return off / (Math.atan(1 / Math.min(path.length, STEADY)) + SLACK);
  };
  const turns = Math.max(turn(from, -1), turn(to, 1));
  // Both look out of the hole: the one's left is the other's right.
  const samePolarity = from.left.reduce((sum, left, c) => sum + (left - from.right[c]) * (to.right[c] - to.left[c]), 0) > 0;
  const colours = (colourDistance(from.left, to.right) + colourDistance(from.right, to.left)) / (2 * Math.min(from.contrast, to.contrast));
  return turns > 1 || !samePolarity || colours > MOST_UNLIKE ? 1 : (turns + colours) / 2;
}

function isHidden([y0, x0]: Point, [y1, x1]: Point, hole: Float32Array, width: number): boolean {
  const steps = Math.ceil(Math.hypot(y1 - y0, x1 - x0));
  let known = 0;
  for (let i = 0; i <= steps; i++) {
    const [y, x] = [y0 + ((y1 - y0) * i) / steps, x0 + ((x1 - x0) * i) / steps];
    if (!hole[Math.round(y) * width + Math.round(x)]) known++;
  }
  return known <= MOST_KNOWN;
}

/** A coordinate of the finest level at one that is so many times as small. */
const shrunk = (v: number, scale: number) => (v + 0.5) / scale - 0.5;

/**
 * Two channels for patches to be compared by: where guides and the lines that they join run, as the cosine and sine of twice their
 * direction, falling off to both sides. A patch on a line is then no match for one beside it, and the line no source for what lies off all guides.
 * @param scale how many times smaller the level is than the picture that the guides were found in
 */
export function guideChannels(guides: readonly Guide[], { height, width }: Pick<Level, 'height' | 'width'>, scale: number): Float32Array {
  const out = new Float32Array(height * width * 2);
  const strongest = new Float32Array(height * width);
  const reach = 3 * SIGMA;
  for (const [[ay, ax], [by, bx]] of guides.flatMap(segmentsOf)) {
    const [y0, x0, y1, x1] = [ay, ax, by, bx].map((v) => shrunk(v, scale));
    const squared = (y1 - y0) ** 2 + (x1 - x0) ** 2;
    if (squared === 0) continue;
    const double = 2 * Math.atan2(y1 - y0, x1 - x0);
    const [cosine, sine] = [Math.cos(double), Math.sin(double)];
    for (let y = Math.max(0, Math.floor(Math.min(y0, y1) - reach)); y <= Math.min(height - 1, Math.ceil(Math.max(y0, y1) + reach)); y++) {
      for (let x = Math.max(0, Math.floor(Math.min(x0, x1) - reach)); x <= Math.min(width - 1, Math.ceil(Math.max(x0, x1) + reach)); x++) {
        const t = Math.min(Math.max(((y - y0) * (y1 - y0) + (x - x0) * (x1 - x0)) / squared, 0), 1);
        const away = (y - y0 - t * (y1 - y0)) ** 2 + (x - x0 - t * (x1 - x0)) ** 2;
        if (away > reach * reach) continue;
        const p = y * width + x;
        const strength = Math.exp(-away / (2 * SIGMA * SIGMA));
        if (strength <= strongest[p]) continue;
        strongest[p] = strength;
        out[2 * p] = WEIGHT * strength * cosine;
        out[2 * p + 1] = WEIGHT * strength * sine;
      }
    }
  }
  return out;
}

/** {@link guideChannels} of each level of a pyramid that has them. */
export const channelsByLevel = (guides: readonly Guide[], levels: readonly Level[]): (Float32Array | undefined)[] =>
  levels.map((level, n) => (guides.length > 0 && n >= FINEST_LED ? guideChannels(guides, level, 2 ** n) : undefined));

/** The line from its one known end to the other, in pieces. */
function segmentsOf([from, to]: Guide): [Point, Point][] {
  const points: Point[] = [];
  for (let i = from.path.length - 1; i > 0; i -= 4) points.push(from.path[i]);
  points.push(from.at, to.at);
  for (let i = 4; i < to.path.length; i += 4) points.push(to.path[i]);
  return points.slice(1).map((point, i) => [points[i], point]);
}

/**
 * Where the hole's pixels beside guides are copied from: the same line, out of the hole, by the nearer end where it is long enough.
 * @returns [height, width]: the place of the source, or -1
 */
export function sourcesAlong(guides: readonly Guide[], level: Pick<Level, 'height' | 'width' | 'hole' | 'sources'>, scale: number): Int32Array {
  const { height, width, hole, sources } = level;
  const out = new Int32Array(height * width).fill(-1);
  for (const [from, to] of guides) {
    const [ay, ax, by, bx] = [...from.at, ...to.at].map((v) => shrunk(v, scale));
    const gap = Math.hypot(by - ay, bx - ax);
    const [uy, ux] = [(by - ay) / gap, (bx - ax) / gap];
    /** The source at an end of a pixel so far into the hole, and so far to the right of one who goes from `from` to `to`. */
    const sourceAt = ({ out: [dy, dx], path }: LineEnd, y: number, x: number, into: number, right: number, sign: number): number => {
      // Where the line is shorter than the gap, round and round.
      const room = Math.max(1, path.length / scale - CLEAR);
      for (let turn = 0; turn < 4; turn++) {
        const beyond = CLEAR + ((into + turn * 1.7) % room);
        const sy = Math.round(y + beyond * dy + sign * right * dx);
        const sx = Math.round(x + beyond * dx - sign * right * dy);
        if (sy >= 0 && sx >= 0 && sy < height && sx < width && sources[sy * width + sx]) return sy * width + sx;
      }
      return -1;
    };
    for (let y = Math.max(0, Math.floor(Math.min(ay, by) - BAND)); y <= Math.min(height - 1, Math.ceil(Math.max(ay, by) + BAND)); y++) {
      for (let x = Math.max(0, Math.floor(Math.min(ax, bx) - BAND)); x <= Math.min(width - 1, Math.ceil(Math.max(ax, bx) + BAND)); x++) {
        if (!hole[y * width + x]) continue;
        const t = (y - ay) * uy + (x - ax) * ux;
        const right = (y - ay) * ux - (x - ax) * uy;
        if (Math.abs(right) > BAND || t < -1 || t > gap + 1) continue;
        const near = () => sourceAt(from, ay, ax, t, right, -1);
        const far = () => sourceAt(to, by, bx, gap - t, right, 1);
        const [first, second] = t <= gap - t ? [near, far] : [far, near];
        const source = first();
        out[y * width + x] = source >= 0 ? source : second();
      }
    }
  }
  return out;
}
