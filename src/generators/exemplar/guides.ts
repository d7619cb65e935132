import type { Guide } from './find-guides';
import type { LineEnd, Point } from './line-ends';
import type { Level } from './pyramid';

/** The finest level at which patches are compared by guides too: where lines go on is settled by the coarser ones. */
export const FINEST_LED = 1;
// How much a guide counts beside a colour of the picture, and how wide it is, in pixels of each level.
const WEIGHT = 1.2;
const SIGMA = 1;
// Pixels so near to a guide are copied along it, in pixels of the level.
const BAND = 2.5;
// A patch there is copied from so far out of the hole at least.
const CLEAR = 4;
// The direction of a line that bends is that of so many points before and behind.
const TANGENT = 6;

/** A coordinate of the finest level at one that is so many times as small. */
export const shrunk = (v: number, scale: number) => (v + 0.5) / scale - 0.5;

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

/** {@link sourcesAlong} at each level of a pyramid; none without guides. */
export const sourcesByLevel = (guides: readonly Guide[], levels: readonly Level[]): Int32Array[] | undefined =>
  guides.length > 0 ? levels.map((level, n) => sourcesAlong(guides, level, 2 ** n)) : undefined;

/** The line from its one known end to the other, in pieces. */
function segmentsOf({ from, to, way }: Guide): [Point, Point][] {
  const points: Point[] = [];
  for (let i = from.path.length - 1; i > 0; i -= 4) points.push(from.path[i]);
  for (const point of way) points.push(point);
  for (let i = 4; to && i < to.path.length; i += 4) points.push(to.path[i]);
  return points.slice(1).map((point, i) => [points[i], point]);
}

/**
 * Where the hole's pixels beside guides are copied from: the same line, out of the hole, by the nearer end where it is long enough.
 * @returns [height, width]: the place of the source, or -1
 */
export function sourcesAlong(guides: readonly Guide[], level: Pick<Level, 'height' | 'width' | 'hole' | 'sources'>, scale: number): Int32Array {
  const { height, width, hole, sources } = level;
  const out = new Int32Array(height * width).fill(-1);
  /** The source at an end of a pixel so far into the hole, and so far to the right of one who looks out of it. */
  const sourceAt = (end: LineEnd, into: number, right: number, curved: boolean): number => {
    // Where the line is shorter than the gap, round and round.
    const room = Math.max(1, end.path.length / scale - CLEAR);
    for (let turn = 0; turn < 4; turn++) {
      const beyond = CLEAR + ((into + turn * 1.7) % room);
      const { at, along } = curved ? placeOnPath(end, beyond, scale) : placeAlong(end, beyond, scale);
      const y = Math.round(at[0] + right * along[1]);
      const x = Math.round(at[1] - right * along[0]);
      if (y >= 0 && x >= 0 && y < height && x < width && sources[y * width + x]) return y * width + x;
    }
    return -1;
  };
  for (const { from, to, way, copied } of guides) {
    const points = way.map(([y, x]): Point => [shrunk(y, scale), shrunk(x, scale)]);
    const lengths = points.slice(1).map(([y, x], i) => Math.hypot(y - points[i][0], x - points[i][1]));
    const gap = lengths.reduce((a, b) => a + b, 0);
    const [top, left, bottom, right] = boxOf(points);
    const curved = points.length > 2;
    for (let y = Math.max(0, Math.floor(top - BAND)); y <= Math.min(height - 1, Math.ceil(bottom + BAND)); y++) {
      for (let x = Math.max(0, Math.floor(left - BAND)); x <= Math.min(width - 1, Math.ceil(right + BAND)); x++) {
        const place = hole[y * width + x] ? placeBeside(points, lengths, y, x) : undefined;
        if (!place) continue;
        const near = () => (copied[0] ? sourceAt(from, place.along, -place.right, curved) : -1);
        const far = () => (to && copied[1] ? sourceAt(to, gap - place.along, place.right, curved) : -1);
        const [first, second] = place.along <= gap - place.along ? [near, far] : [far, near];
        const source = first();
        // Where another guide has led already and this one shows nothing, it is left open: by what either says alone more lines broke.
        out[y * width + x] = source >= 0 ? source : second();
      }
    }
  }
  return out;
}

/** A place, and the direction that a line has there. */
interface Place {
  at: Point;
  along: Point;
}

/** The place on a line so far out of the hole, in pixels of the level, if it goes straight on. */
const placeAlong = ({ at: [y, x], out }: LineEnd, beyond: number, scale: number): Place => ({
  at: [shrunk(y, scale) + beyond * out[0], shrunk(x, scale) + beyond * out[1]],
  along: out,
});

/** The same where it was found to go. */
function placeOnPath({ path }: LineEnd, beyond: number, scale: number): Place {
  const n = Math.min(path.length - 1, Math.round(beyond * scale));
  const [before, behind] = [path[Math.max(0, n - TANGENT)], path[Math.min(path.length - 1, n + TANGENT)]];
  const [dy, dx] = [behind[0] - before[0], behind[1] - before[1]];
  const length = Math.hypot(dy, dx);
  return { at: [shrunk(path[n][0], scale), shrunk(path[n][1], scale)], along: [dy / length, dx / length] };
}

/** Where a pixel lies beside a way: how far along it, and to the right of one who goes there. None further off than the band. */
function placeBeside(points: readonly Point[], lengths: readonly number[], y: number, x: number): { along: number; right: number } | undefined {
  let nearest = BAND * BAND;
  let found: { along: number; right: number } | undefined;
  for (let i = 0, before = 0; i < lengths.length; before += lengths[i++]) {
    const length = lengths[i];
    if (length === 0) continue;
    const [[ay, ax], [by, bx]] = [points[i], points[i + 1]];
    const [uy, ux] = [(by - ay) / length, (bx - ax) / length];
    const along = (y - ay) * uy + (x - ax) * ux;
    const right = (y - ay) * ux - (x - ax) * uy;
    // Before its first piece and behind its last by no more than a pixel; in between, bends have an outer side.
    const isFirst = i === 0;
    const isLast = i === lengths.length - 1;
    if ((isFirst && along < -1) || (isLast && along > length + 1)) continue;
    const over = Math.max(isFirst ? 0 : -along, isLast ? 0 : along - length, 0);
    const away = right * right + over * over;
    if (away > nearest) continue;
    nearest = away;
    found = { along: before + along, right };
  }
  return found;
}

/** The first and last rows and columns of some points. */
function boxOf(points: readonly Point[]): [top: number, left: number, bottom: number, right: number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [y, x] of points) {
    box[0] = Math.min(box[0], y);
    box[1] = Math.min(box[1], x);
    box[2] = Math.max(box[2], y);
    box[3] = Math.max(box[3], x);
  }
  return box;
}
