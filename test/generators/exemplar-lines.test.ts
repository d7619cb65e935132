import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { arrayMatcher } from '../../src/generators/exemplar/array-matcher';
import { findGuides } from '../../src/generators/exemplar/find-guides';
import { channelsByLevel, guideChannels, sourcesAlong, sourcesByLevel } from '../../src/generators/exemplar/guides';
import { findLineEnds, foundHalved } from '../../src/generators/exemplar/line-ends';
import { buildPyramid, CHANNELS } from '../../src/generators/exemplar/pyramid';
import { refineToFinest } from '../../src/generators/exemplar/solve';
import { thisThread } from '../../src/threads/task';

const SIDE = 120;
const CENTRE = 60;
const RADIUS = 22;
const disc = Float32Array.from({ length: SIDE * SIDE }, (_, p) => (Math.hypot(Math.floor(p / SIDE) - CENTRE, (p % SIDE) - CENTRE) < RADIUS ? 1 : 0));

/** How far a place lies to the right of a line through a point, for one who goes along (dy, dx). */
const rightOf = (y: number, x: number, [py, px, angle]: readonly number[]) => (y - py) * Math.cos(angle) - (x - px) * Math.sin(angle);

/** Stripes of a colour, each `wide` px to both sides of a line (row, column, angle), soft by a pixel, over grey with a little noise. */
function striped(stripes: { line: readonly number[]; colour: readonly number[]; wide: number }[]): Float32Array {
  const random = randomIntegers(5);
  const out = new Float32Array(SIDE * SIDE * 3);
  for (let p = 0; p < SIDE * SIDE; p++) {
    const noise = (random() % 100) / 5000;
    for (let c = 0; c < 3; c++) {
      let value = 0.2 + noise;
      for (const { line, colour, wide } of stripes) {
        const cover = Math.min(Math.max(wide + 0.5 - Math.abs(rightOf(Math.floor(p / SIDE), p % SIDE, line)), 0), 1);
        value += cover * (colour[c] - value);
      }
      out[3 * p + c] = value;
    }
  }
  return out;
}

const dark = [-0.7, -0.7, -0.6];
const slanted = [CENTRE, CENTRE, 0.45];

describe('line ends', () => {
  const ends = findLineEnds(striped([{ line: slanted, colour: dark, wide: 4 }]), disc, SIDE, SIDE);

  it('are the four of a stripe, on its edges and along it', () => {
    expect(ends.length).toBe(4);
    for (const { at, out, path, contrast } of ends) {
      expect(Math.abs(Math.abs(rightOf(at[0], at[1], slanted)) - 4), `${at}`).toBeLessThan(0.5);
      // Out of the hole, and within a degree.
      const outward = Math.sign((at[1] - CENTRE) * Math.cos(0.45));
      expect(outward * (out[0] * Math.sin(0.45) + out[1] * Math.cos(0.45))).toBeGreaterThan(Math.cos(Math.PI / 180));
      expect(path.length).toBeGreaterThan(25);
      expect(contrast).toBeGreaterThan(1);
    }
  });

  it('know the colours beside them, to the left and right of one who looks out', () => {
    for (const { at, out, left, right } of ends) {
      const isRightDark = rightOf(at[0] + 3 * out[1], at[1] - 3 * out[0], slanted) ** 2 < 16;
      expect((isRightDark ? right : left)[0]).toBeLessThan(-0.4);
      expect((isRightDark ? left : right)[0]).toBeGreaterThan(0);
    }
  });

  it('are none in noise', () => {
    expect(findLineEnds(striped([]), disc, SIDE, SIDE)).toEqual([]);
  });

  it('are the same whatever the hole holds', () => {
    const colours = striped([{ line: slanted, colour: dark, wide: 4 }]);
    const magenta = colours.map((value, i) => (disc[Math.floor(i / 3)] ? [1, -1, 1][i % 3] : value));
    expect(findLineEnds(magenta, disc, SIDE, SIDE)).toEqual(ends);
  });

  it.each(['top', 'bottom'])('know the colours beside them at the %s of the picture as well', (side) => {
    // An edge runs along the picture's own, and at last into it.
    const [height, width] = [40, 80];
    let last = height;
    for (let kink = 30; kink < 37; kink++) {
      for (const [first, jump] of [
        [3.1, 2],
        [3.5, 4],
      ]) {
        const colours = new Float32Array(3 * height * width);
        const hole = new Float32Array(height * width);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const p = (side === 'top' ? y : height - 1 - y) * width + x;
            const edge = first - jump * Math.min(Math.max((x - kink) / 2, 0), 1);
            colours.fill(Math.max(-1, Math.min((y - edge) / 2, 1)), 3 * p, 3 * p + 3);
            if (x < 20 && y < 14) hole[p] = 1;
          }
        }
        for (const { path, left, right, contrast } of findLineEnds(colours, hole, height, width)) {
          for (const [y] of path) last = Math.min(last, y, height - 1 - y);
          const [outer, inner] = [Math.min(left[0], right[0]), Math.max(left[0], right[0])];
          expect(outer).toBeLessThan(-0.6);
          expect(inner).toBeGreaterThan(0.6);
          expect(contrast).toBeGreaterThan(1.5);
        }
      }
    }
    // Colours are taken 2.5 px off.
    expect(last).toBeLessThan(2.5);
  });
});

describe('guides', () => {
  it('join each wire with itself, and not with its neighbour', () => {
    const wires = [-12, -4, 4, 12].map((shift) => ({ line: [CENTRE + shift / Math.cos(0.45), CENTRE, 0.45], colour: dark, wide: 1.5 }));
    const guides = findGuides(striped(wires), disc, SIDE, SIDE);
    expect(guides.length).toBe(8);
    for (const { way } of guides) {
      const [from, to] = way.map(([y, x]) => rightOf(y, x, slanted));
      expect(Math.abs(from - to)).toBeLessThan(0.7);
    }
  });

  it('join wires that cross each other', () => {
    const wires = [0.5, -0.5].map((angle) => ({ line: [CENTRE, CENTRE, angle], colour: dark, wide: 1.5 }));
    expect(findGuides(striped(wires), disc, SIDE, SIDE).length).toBe(4);
  });

  it('are none between stripes of different colours, or that point past each other', () => {
    const half = (line: readonly number[], colour: readonly number[], isLeft: boolean) =>
      striped([{ line, colour, wide: 4 }]).map((value, i) => (Math.floor(i / 3) % SIDE < CENTRE === isLeft ? value : 0));
    const joined = (a: Float32Array, b: Float32Array) =>
      findGuides(
        a.map((value, i) => value + b[i]),
        disc,
        SIDE,
        SIDE,
      );
    const level = [CENTRE, CENTRE, 0];
    expect(joined(half(level, dark, true), half(level, dark, false)).length).toBe(2);
    expect(joined(half(level, dark, true), half(level, [1, 1, 1], false))).toEqual([]);
    expect(joined(half(level, dark, true), half([CENTRE + 12, CENTRE, 0], dark, false))).toEqual([]);
    // A stripe that turns behind the hole is one, of that contrast; a crease is none.
    const pale = dark.map((value) => 0.2 + (value - 0.2) / 3);
    expect(joined(half(level, dark, true), half([CENTRE, CENTRE, 0.3], dark, false)).length).toBe(2);
    expect(joined(half(level, pale, true), half(level, pale, false)).length).toBe(2);
    expect(joined(half(level, pale, true), half([CENTRE, CENTRE, 0.3], pale, false))).toEqual([]);
  });

  it('are none across a strip that shows no line', () => {
    const open = disc.map((h, p) => (Math.abs((p % SIDE) - CENTRE) < 8 ? 0 : h));
    const colours = striped([{ line: [CENTRE, CENTRE, 0], colour: dark, wide: 4 }]);
    const broken = colours.map((value, i) => (Math.abs((Math.floor(i / 3) % SIDE) - CENTRE) < 9 ? 0.2 : value));
    expect(findGuides(broken, open, SIDE, SIDE)).toEqual([]);
    // Where it does, each part of the hole has its own.
    expect(findGuides(colours, open, SIDE, SIDE).length).toBe(4);
  });

  it('are none of an edge along the rim', () => {
    expect(findGuides(striped([{ line: [CENTRE + RADIUS + 6, CENTRE, 0], colour: dark, wide: 2 }]), disc, SIDE, SIDE)).toEqual([]);
  });

  it('are none between dots in rows', () => {
    const dots = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
      const p = Math.floor(i / 3);
      return ((Math.floor(p / SIDE) % 20) - 10) ** 2 + ((p % 20) - 10) ** 2 < 36 ? -0.6 : 0.4;
    });
    expect(findGuides(dots, disc, SIDE, SIDE)).toEqual([]);
  });
});

/** Dark where a pixel is inside, by how many pixels, and pale where it is outside; soft by so many, with a little noise. */
function outlined(inside: (y: number, x: number) => number, soft = 1): Float32Array {
  const random = randomIntegers(7);
  return Float32Array.from({ length: SIDE * SIDE }, (_, p) => {
    const share = Math.min(Math.max(0.5 + inside(Math.floor(p / SIDE), p % SIDE) / soft, 0), 1);
    return 0.6 - 1.2 * share + (random() % 100) / 5000;
  }).reduce((out, value, p) => out.fill(value, 3 * p, 3 * p + 3), new Float32Array(3 * SIDE * SIDE));
}

const halfOf = (colours: Float32Array) => buildPyramid(colours, disc, SIDE, SIDE, 20).levels[1];

describe('guides of outlines', () => {
  it('are found at half the size where they are soft', () => {
    const across = (y: number, x: number) => (y - CENTRE) * Math.cos(0.45) - (x - CENTRE) * Math.sin(0.45);
    const colours = outlined(across, 10).map((value) => value / 4);
    expect(findGuides(colours, disc, SIDE, SIDE)).toEqual([]);
    const [guide, ...others] = findGuides(colours, disc, SIDE, SIDE, halfOf(colours));
    expect(others).toEqual([]);
    for (const [y, x] of [...guide.way, ...guide.from.path, ...guide.to!.path]) expect(Math.abs(rightOf(y, x, slanted))).toBeLessThan(2);
    for (const { path } of [guide.from, guide.to!]) {
      for (const [n, [y, x]] of path.slice(1).entries()) expect(Math.hypot(y - path[n][0], x - path[n][1])).toBeLessThan(1.5);
    }
    // What both sizes show is found once.
    const crisp = outlined(across);
    expect(findGuides(crisp, disc, SIDE, SIDE, halfOf(crisp)).length).toBe(1);
  });

  it('begin where lines do that were found at half the size, of twice the length', () => {
    const colours = outlined((y, x) => rightOf(y, x, slanted), 10);
    const { features, hole, height, width } = halfOf(colours);
    const small = Float32Array.from({ length: 3 * hole.length }, (_, i) => features[CHANNELS * Math.floor(i / 3) + (i % 3)]);
    const halved = findLineEnds(small, hole, height, width);
    expect(halved.length).toBeGreaterThan(1);
    const ends = foundHalved([], halved);
    let aside = 0;
    for (const [n, { at, path, straight, scale, bent, out }] of ends.entries()) {
      expect({ straight, scale, bent, out }).toEqual({ straight: 2 * halved[n].straight, scale: 2, bent: halved[n].bent, out: halved[n].out });
      expect(path.length).toBe(2 * halved[n].path.length - 1);
      aside += [at, ...path.slice(0, 40)].reduce((sum, [y, x]) => sum + rightOf(y, x, slanted) / 41, 0) / ends.length;
    }
    expect(Math.abs(aside)).toBeLessThan(0.2);
    // What the picture itself shows is left out, if by a pixel aside.
    expect(
      foundHalved(
        ends.map((end) => ({ ...end, scale: 1 })),
        halved,
      ),
    ).toEqual([]);
    const moved = ends.map((end) => ({ ...end, scale: 1, path: end.path.map(([y, x]): [number, number] => [y + 1.2 * end.out[1], x - 1.2 * end.out[0]]) }));
    expect(foundHalved(moved, halved)).toEqual([]);
  });

  it('do not lead to what lies aside of them, though it be far off', () => {
    const [side, centre, radius] = [200, 100, 50];
    const hole = Float32Array.from({ length: side * side }, (_, p) => (Math.hypot(Math.floor(p / side) - centre, (p % side) - centre) < radius ? 1 : 0));
    const stem = (aside: number) => {
      const wide = (y: number) => 8 + Math.max(0, centre - radius + 2 - y) ** 2 / 30;
      const values = Float32Array.from(hole, (_, p) => {
        const [y, x] = [Math.floor(p / side), p % side];
        return 0.6 - 1.2 * Math.min(Math.max(0.5 + wide(y) - Math.abs(x - centre - (y < centre ? aside : 0)), 0), 1);
      });
      return findGuides(
        new Float32Array(3 * side * side).map((_, i) => values[Math.floor(i / 3)]),
        hole,
        side,
        side,
      ).filter(({ to }) => to);
    };
    expect(stem(1).map(({ copied }) => copied)).toEqual([
      [false, true],
      [false, true],
    ]);
    expect(stem(6).filter(({ copied }) => copied.includes(false))).toEqual([]);
  });

  it('lead straight to where a stem widens, and are copied from below alone', () => {
    const wide = (y: number) => 8 + Math.max(0, CENTRE - RADIUS + 2 - y) ** 2 / 30;
    const colours = outlined((y, x) => wide(y) - Math.abs(x - CENTRE));
    const guides = findGuides(colours, disc, SIDE, SIDE, halfOf(colours));
    expect(guides.length).toBe(2);
    for (const { from, to, way, copied } of guides) {
      for (const [, x] of way) expect(Math.abs(Math.abs(x - CENTRE) - 8)).toBeLessThan(1.5);
      expect([from, to!].map(({ at }) => at[0] > CENTRE)).toEqual(copied);
    }
    const { height, width, hole, sources } = halfOf(colours);
    const rows = [...sourcesAlong(guides, { height, width, hole, sources }, 2)].filter((s) => s >= 0).map((s) => Math.floor(s / width));
    expect(rows.length).toBeGreaterThan(100);
    expect(Math.min(...rows)).toBeGreaterThan(CENTRE / 2);
  });

  it('lead straight to where an outline turns by no more than half a right angle, with the same colours beside it', () => {
    const kinked = (angle: number, isLeft = false) =>
      outlined((y, x) => y - CENTRE - Math.max(0, (isLeft ? CENTRE - x : x - CENTRE) - RADIUS) * Math.tan(angle));
    for (const [angle, isLeft] of [
      [0.3, false],
      [0.6, false],
      [0.3, true],
    ] as const) {
      const guides = findGuides(kinked(angle, isLeft), disc, SIDE, SIDE);
      expect(guides.length).toBe(1);
      const [{ from, to, copied }] = guides;
      expect([from, to!].map(({ at }) => at[1] > CENTRE === isLeft)).toEqual(copied);
      const level = { height: SIDE, width: SIDE, hole: disc, sources: disc.map((h) => 1 - h) };
      // Whichever end comes first.
      const backwards = { from: to!, to: from, way: [...guides[0].way].reverse(), copied: [copied[1], copied[0]] as const };
      for (const guide of [guides[0], backwards]) {
        const columns = [...sourcesAlong([guide], level, 1)].filter((s) => s >= 0).map((s) => s % SIDE);
        expect(columns.length).toBeGreaterThan(100);
        expect(columns.every((x) => x > CENTRE === isLeft)).toBe(true);
      }
    }
    expect(findGuides(kinked(0.9), disc, SIDE, SIDE)).toEqual([]);
    const pale = kinked(0.3).map((value) => value / 4);
    expect(findGuides(pale, disc, SIDE, SIDE)).toEqual([]);
    const otherwise = (by: number) => kinked(0.3).map((value, i) => 0.6 * value - 0.3 + (Math.floor(i / 3) % SIDE < CENTRE ? 0 : by));
    expect(findGuides(otherwise(0.2), disc, SIDE, SIDE).length).toBe(1);
    expect(findGuides(otherwise(0.5), disc, SIDE, SIDE)).toEqual([]);
    // The end that points at the other is none that itself bends soon.
    const twice = kinked(0.3).map((_, i, all) => {
      const x = Math.floor(i / 3) % SIDE;
      const down = Math.round(Math.max(0, CENTRE - RADIUS - 22 - x) * 0.6);
      return all[i - 3 * SIDE * down] ?? 0.6;
    });
    expect(findGuides(twice, disc, SIDE, SIDE).every(({ copied }) => copied[0] === copied[1])).toBe(true);
    expect(findLineEnds(twice, disc, SIDE, SIDE).map(({ bent }) => bent)).toEqual([false, true]);
  });

  it('are none where both ends bend, one to the left and one to the right', () => {
    const wavy = (y: number, x: number) => y - CENTRE - Math.sign(x - CENTRE) * Math.max(0, Math.abs(x - CENTRE) - 40) * 0.6;
    const ends = findLineEnds(outlined(wavy), disc, SIDE, SIDE);
    expect(ends.map(({ bent, straight, path }) => bent && straight < path.length)).toEqual([true, true]);
    expect(findGuides(outlined(wavy), disc, SIDE, SIDE)).toEqual([]);
    // Of little contrast, what bends is no end.
    const pale = outlined(wavy).map((value) => value / 5);
    expect(findLineEnds(pale, disc, SIDE, SIDE)).toEqual([]);
  });

  it('join an edge with the nearer of two that it points at', () => {
    // One edge on the left; on the right two of half its height.
    const colours = outlined((y) => y - CENTRE).map((value, i) => {
      const [y, x] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE];
      const share = (edge: number) => Math.min(Math.max(0.5 + y - edge, 0), 1);
      return x < CENTRE ? value : 0.6 - 0.6 * share(CENTRE - 1) - 0.6 * share(CENTRE + 2.5);
    });
    expect(findLineEnds(colours, disc, SIDE, SIDE).length).toBe(3);
    const guides = findGuides(colours, disc, SIDE, SIDE);
    expect(guides.length).toBe(1);
    for (const [y] of guides[0].way) expect(Math.abs(y - CENTRE + 0.75)).toBeLessThan(1);
  });

  it('are copied from a long end alone where the other is short for so wide a gap', () => {
    const [height, width] = [40, 240];
    const hole = Float32Array.from({ length: height * width }, (_, p) => (p % width >= 20 && p % width < 145 ? 1 : 0));
    const edge = (contrast: number) => Float32Array.from({ length: 3 * hole.length }, (_, i) => (i / 3 / width < height / 2 ? contrast : -contrast));
    expect(findGuides(edge(0.1), hole, height, width)).toEqual([]);
    const [{ from, to, copied }, ...others] = findGuides(edge(0.6), hole, height, width);
    expect(others).toEqual([]);
    expect([from, to!].map(({ at }) => at[1] > 100)).toEqual(copied);
    expect([from, to!].map(({ path }) => path.length < 20)).not.toEqual(copied);
  });

  it('go over a hill, and are copied along its slopes', () => {
    const hill = (x: number) => 52 + (x - CENTRE) ** 2 / 160;
    const colours = outlined((y, x) => y - hill(x));
    const guides = findGuides(colours, disc, SIDE, SIDE, halfOf(colours));
    expect(guides.length).toBe(1);
    const [{ way, copied }] = guides;
    expect(copied).toEqual([true, true]);
    for (const [y, x] of way) expect(Math.abs(y - hill(x)), `${x}`).toBeLessThan(2.5);
    const { height, width, hole, sources } = halfOf(colours);
    let [count, apart] = [0, 0];
    sourcesAlong(guides, { height, width, hole, sources }, 2).forEach((s, p) => {
      if (s < 0) return;
      const above = (at: number) => 2 * Math.floor(at / width) + 0.5 - hill(2 * (at % width) + 0.5);
      apart += Math.abs(above(s) - above(p));
      count++;
    });
    expect(count).toBeGreaterThan(80);
    // Straight on from the rim they would be 2.2 px off.
    expect(apart / count).toBeLessThan(2);
    const along = sourcesAlong(guides, { height, width, hole, sources }, 2);
    const used = new Set<number>();
    along.forEach((s, p) => {
      const [of, from] = [p % width, s % width].map((x) => x - CENTRE / 2);
      if (s < 0) return;
      used.add(s);
      if (Math.abs(of) > 2) expect(Math.sign(from)).toBe(Math.sign(of));
    });
    // Not the same few, over and over.
    expect(used.size).toBeGreaterThan(0.6 * count);
  });

  it('go over no hill whose sides have other colours, or are seen for a short way', () => {
    const hill = (y: number, x: number) => y - 52 - (x - CENTRE) ** 2 / 160;
    const otherwise = (by: number) => outlined(hill).map((value, i) => 0.6 * value - 0.3 + (Math.floor(i / 3) % SIDE < CENTRE ? 0 : by));
    expect(findGuides(otherwise(0.2), disc, SIDE, SIDE).length).toBe(1);
    expect(findGuides(otherwise(0.3), disc, SIDE, SIDE)).toEqual([]);
    const until = (last: number) => outlined(hill).map((value, i) => (Math.floor(i / 3) % SIDE > CENTRE + RADIUS + last ? 0 : value));
    expect(findGuides(until(28), disc, SIDE, SIDE).length).toBe(1);
    expect(findGuides(until(24), disc, SIDE, SIDE)).toEqual([]);
  });

  it('are none in a curve that leaves the picture, over its top as little as over a side', () => {
    // A strip from side to side; an outline that comes so near to the picture's left as the strip begins, and turns back.
    const strip = Float32Array.from({ length: SIDE * SIDE }, (_, p) => (Math.abs(Math.floor(p / SIDE) - CENTRE) < 24 ? 1 : 0));
    const outline = (near: number) => outlined((y, x) => near + 0.7 * (Math.abs(y - CENTRE) - 24) - x);
    const turned = (values: Float32Array) => {
      const channels = values.length / SIDE ** 2;
      const from = (p: number) => (p % SIDE) * SIDE + Math.floor(p / SIDE);
      return values.map((_, i) => values[channels * from(Math.floor(i / channels)) + (i % channels)]);
    };
    for (const [near, count] of [
      [4.5, 0],
      [12, 1],
    ]) {
      expect(findGuides(outline(near), strip, SIDE, SIDE).length).toBe(count);
      expect(findGuides(turned(outline(near)), turned(strip), SIDE, SIDE).length).toBe(count);
    }
  });

  it('are none of an outline of little contrast that bends', () => {
    const colours = outlined((y, x) => y - 52 - (x - CENTRE) ** 2 / 160).map((value) => value / 6);
    expect(findGuides(colours, disc, SIDE, SIDE, halfOf(colours))).toEqual([]);
  });

  it('end at another that they meet, and nowhere else', () => {
    // A post below a beam: its two edges go up to the beam's.
    const post = (y: number, x: number) => Math.max(CENTRE - y, 6 - Math.abs(x - CENTRE));
    const guides = findGuides(outlined(post), disc, SIDE, SIDE);
    expect(guides.map(({ to }) => to !== undefined)).toEqual([true, false, false]);
    for (const { way } of guides.slice(1)) {
      expect(way[0][0]).toBeGreaterThan(CENTRE + RADIUS - 1);
      expect(Math.abs(way[1][0] - CENTRE)).toBeLessThan(1.5);
      expect(Math.abs(Math.abs(way[1][1] - CENTRE) - 6)).toBeLessThan(1.5);
    }
    const alone = (y: number, x: number) => 6 - Math.max(Math.abs(x - CENTRE), CENTRE - y);
    expect(findGuides(outlined(alone), disc, SIDE, SIDE)).toEqual([]);
    // Nothing is copied beyond.
    const level = { height: SIDE, width: SIDE, hole: disc, sources: disc.map((h) => 1 - h) };
    const rows = [...sourcesAlong(guides.slice(1), level, 1)].flatMap((s, p) => (s >= 0 ? [Math.floor(p / SIDE)] : []));
    expect(rows.length).toBeGreaterThan(100);
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(CENTRE - 2);
  });

  it('end at another only if they are of contrast, and long for how far off it is', () => {
    const count = (colours: Float32Array, hole = disc) => findGuides(colours, hole, SIDE, SIDE).length;
    const post = (length: number) => outlined((y, x) => Math.max(CENTRE - y, 6 - Math.max(Math.abs(x - CENTRE), y - CENTRE - RADIUS - length + 6)));
    expect(count(post(22))).toBe(3);
    expect(count(post(18))).toBe(1);
    expect(count(post(40))).toBe(3);
    expect(count(post(40).map((value) => value / 4))).toBe(1);
    const tall = disc.map((_, p) => (Math.abs((p % SIDE) - CENTRE) < 15 && Math.abs(Math.floor(p / SIDE) - 50) < 40 ? 1 : 0));
    const below = (beam: number) => outlined((y, x) => Math.max(beam - y, 6 - Math.abs(x - CENTRE)));
    expect(count(below(30), tall)).toBe(3);
    expect(count(below(14), tall)).toBe(1);
    // A band comes up to the beam from the right.
    const band = (angle: number) => (y: number, x: number) => Math.max(CENTRE - y, Math.min(3 - Math.abs(rightOf(y, x, [CENTRE, 58, angle])), x - 58));
    expect(count(outlined(band(0.4)))).toBe(3);
    expect(count(outlined(band(0.25)))).toBe(1);
  });

  it('end at another in the same hole, ahead of them, and where it is', () => {
    const holes = (...middles: [y: number, x: number][]) =>
      disc.map((_, p) => (middles.some(([y, x]) => Math.hypot(Math.floor(p / SIDE) - y, (p % SIDE) - x) < 12) ? 1 : 0));
    const found = (inside: (y: number, x: number) => number, hole: Float32Array) => findGuides(outlined(inside), hole, SIDE, SIDE);
    // A post between two beams, whose ends are hidden: each of them has a beam ahead and one behind.
    const between = found((y, x) => Math.max(35 - y, y - 95, 4 - Math.abs(x - CENTRE)), holes([35, CENTRE], [95, CENTRE]));
    expect(between.map(({ to }) => to !== undefined)).toEqual([true, true, false, false, false, false]);
    // One that ends below a place where the beam is seen to be, but hidden on the way to another.
    expect(found((y, x) => Math.max(30 - y, Math.min(4 - Math.abs(x - CENTRE), y - 75)), holes([30, CENTRE], [75, CENTRE])).length).toBe(1);
    // A bar that begins in one hole and goes through another: what comes up to where it would begin meets nothing.
    const bar = (y: number, x: number) => Math.min(3 - Math.abs(y - CENTRE), x - 35);
    const post = (y: number, x: number) => Math.min(4 - Math.abs(x - 35), y - CENTRE);
    const beside = found((y, x) => Math.max(bar(y, x), post(y, x)), holes([CENTRE, 35], [CENTRE, 85]));
    expect(beside.map(({ way }) => way.every(([, x]) => x > 65))).toEqual([true, true]);
  });

  it('do not cross others', () => {
    // A white pole with black edges in front of a hill: whose slopes end at it, lest it be broken.
    const slopes = outlined((y, x) => y - 52 - (x - CENTRE) ** 2 / 160);
    const pole = slopes.map((value, i) => {
      const away = Math.abs((Math.floor(i / 3) % SIDE) - CENTRE);
      if (away < 3) return 1;
      return away < 7 ? -1 : value;
    });
    const guides = findGuides(pole, disc, SIDE, SIDE, halfOf(pole));
    const ends = guides.map(({ to, way }) => [to !== undefined, Math.round(Math.abs(way[way.length - 1][1] - CENTRE))]);
    expect(ends).toEqual([
      [true, 2],
      [true, 2],
      [false, 2],
      [false, 2],
    ]);
  });
});

describe('what guides lead to', () => {
  const colours = striped([{ line: slanted, colour: dark, wide: 4 }]);
  const guides = findGuides(colours, disc, SIDE, SIDE);
  const { levels } = buildPyramid(colours, disc, SIDE, SIDE, 20);

  it('are sources on the same line, outside the hole, at any level', () => {
    expect(guides.length).toBe(2);
    expect(levels.length).toBeGreaterThan(1);
    for (const [n, level] of levels.entries()) {
      const scale = 2 ** n;
      const { height, width, hole, sources } = level;
      const along = sourcesAlong(guides, level, scale);
      let count = 0;
      along.forEach((s, p) => {
        if (s < 0) return;
        count++;
        expect(hole[p]).toBe(1);
        expect(sources[s]).toBe(1);
        const [of, from] = [p, s].map((at) => rightOf((Math.floor(at / width) + 0.5) * scale, ((at % width) + 0.5) * scale, slanted));
        // Rounded to whole pixels of the level in both directions.
        expect(Math.abs(of - from), `level ${n}, pixel ${p}`).toBeLessThan(0.8 * scale);
      });
      // Two guides of five pixels each across the hole, more or less.
      const across = (2 * RADIUS) / scale;
      expect(count).toBeGreaterThan(7 * across * Math.min(1, 4 / scale) * 0.8);
      expect(along.length).toBe(height * width);
    }
  });

  it('are taken at each size, and count for more than what the coarser one found', async () => {
    const pause = async () => {};
    const matcher = arrayMatcher(thisThread, pause);
    const two = levels.slice(0, 2);
    const settled = sourcesByLevel(guides, two)!;
    const coarsest = two[1];
    // All from one place, where there is no line, and as far off as may be.
    const field = Int32Array.from({ length: 2 * coarsest.hole.length }, (_, i) => 4 - (Math.floor(i / 2 / (i % 2 ? 1 : coarsest.width)) % coarsest.width));
    const found = { offsets: field, distances: new Float32Array(coarsest.hole.length).fill(1), estimate: coarsest.features };
    const options = { matcher, patchSize: 7, offsetPenalty: [1, 1], seed: 1, roundsAt: () => 0, afterRound: pause } as const;
    const [{ offsets, estimate }, plain] = [await refineToFinest(two, found, { ...options, settled }), await refineToFinest(two, found, options)];
    let [onLine, darker] = [0, 0];
    for (let p = 0; p < SIDE * SIDE; p++) {
      const s = settled[0][p];
      if (s < 0) {
        expect([offsets[2 * p], offsets[2 * p + 1]]).toEqual([plain.offsets[2 * p], plain.offsets[2 * p + 1]]);
        continue;
      }
      expect([offsets[2 * p], offsets[2 * p + 1]]).toEqual([Math.floor(s / SIDE) - Math.floor(p / SIDE), (s % SIDE) - (p % SIDE)]);
      if (Math.abs(rightOf(Math.floor(p / SIDE), p % SIDE, slanted)) > 3) continue;
      onLine++;
      if (estimate[CHANNELS * p] < -0.5) darker++;
    }
    expect(onLine).toBeGreaterThan(20);
    // By the weight of what the coarser size found, votes from off the line would make all of them lighter.
    expect(darker / onLine).toBeGreaterThan(0.2);
  });

  it('are by the nearer end, or by the other one where there is nothing', () => {
    const [level] = levels;
    const sideOf = (p: number) => Math.sign((p % SIDE) - CENTRE);
    const both = sourcesAlong(guides, level, 1);
    both.forEach((s, p) => {
      if (s >= 0 && Math.abs((p % SIDE) - CENTRE) > 4) expect(sideOf(s)).toBe(sideOf(p));
    });
    for (const side of [-1, 1]) {
      const one = sourcesAlong(guides, { ...level, sources: level.sources.map((source, p) => (sideOf(p) === side ? source : 0)) }, 1);
      expect(one.map((s) => (s < 0 ? 0 : 1))).toEqual(both.map((s) => (s < 0 ? 0 : 1)));
      expect(one.every((s) => s < 0 || sideOf(s) === side)).toBe(true);
    }
  });

  it('are left open where another guide crosses later that has no sources', () => {
    const wires = [0.5, -0.5].map((angle) => ({ line: [CENTRE, CENTRE, angle], colour: dark, wide: 1.5 }));
    const all = findGuides(striped(wires), disc, SIDE, SIDE);
    const away = (p: number) => Math.abs(rightOf(Math.floor(p / SIDE), p % SIDE, wires[1].line));
    const level = { height: SIDE, width: SIDE, hole: disc, sources: disc.map((h, p) => (h || away(p) < 8 ? 0 : 1)) };
    const own = all.filter(({ from }) => away(Math.round(from.at[0]) * SIDE + Math.round(from.at[1])) > 8);
    const crossing = all.filter((guide) => !own.includes(guide));
    expect([own.length, crossing.length]).toEqual([2, 2]);
    const alone = sourcesAlong(own, level, 1);
    expect(alone.filter((s) => s >= 0).length).toBeGreaterThan(200);
    expect(sourcesAlong([...crossing, ...own], level, 1)).toEqual(alone);
    const crossed = sourcesAlong([...own, ...crossing], level, 1);
    const open = [...alone.keys()].filter((p) => alone[p] >= 0 && crossed[p] < 0);
    expect(open.length).toBeGreaterThan(5);
    for (const p of open) expect(away(p)).toBeLessThan(5);
    expect(crossed.filter((s, p) => s >= 0 && s !== alone[p])).toEqual(new Int32Array(0));
  });

  it('are channels of all levels but the finest, and of none where there is no guide', () => {
    const [finest, ...coarser] = channelsByLevel(guides, levels);
    expect(finest).toBeUndefined();
    expect(coarser).toEqual(levels.slice(1).map((level, n) => guideChannels(guides, level, 2 ** (n + 1))));
    expect(channelsByLevel([], levels)).toEqual(levels.map(() => undefined));
  });

  it('are two channels that mark the line on both sides of the hole and across it, and nothing else', () => {
    for (const scale of [1, 2]) {
      const [height, width] = [SIDE / scale, SIDE / scale];
      const channels = guideChannels(guides, { height, width }, scale);
      for (let p = 0; p < height * width; p++) {
        const [y, x] = [(Math.floor(p / width) + 0.5) * scale - 0.5, ((p % width) + 0.5) * scale - 0.5];
        const away = Math.abs(Math.abs(rightOf(y, x, slanted)) - 4) / scale;
        const strength = Math.hypot(channels[2 * p], channels[2 * p + 1]);
        const middle = Math.hypot(y - CENTRE, x - CENTRE);
        if (away < 0.2 && middle < RADIUS + 20) {
          expect(strength, `${y}, ${x}`).toBeGreaterThan(0.9);
          expect(Math.atan2(channels[2 * p + 1], channels[2 * p]) / 2).toBeCloseTo(0.45, 1);
        }
        if (away > 4) expect(strength, `${y}, ${x}`).toBe(0);
      }
    }
  });
});
