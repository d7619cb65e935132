import { describe, expect, it } from 'vitest';
import { placesOf } from '../../src/arrays/places';
import { buildPyramid, CHANNELS, type Level } from '../../src/generators/exemplar/pyramid';
import { moveSeams } from '../../src/generators/exemplar/seams';
import { seeded } from '../support/values';

const W = 64;
const H = 48;
const still = () => Promise.resolve();
const HOLE = { top: 18, left: 20, bottom: 30, right: 44 };
const inHole = (y: number, x: number) => y >= HOLE.top && y < HOLE.bottom && x >= HOLE.left && x < HOLE.right;

type Where = (y: number, x: number) => boolean;

/** The finest level of a picture with a hole. */
function levelOf(rule: (y: number, x: number, c: number) => number, barred?: Where, isHole: Where = inHole): Level {
  const hole = Float32Array.from({ length: W * H }, (_, p) => (isHole(Math.floor(p / W), p % W) ? 1 : 0));
  const colours = Float32Array.from({ length: W * H * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    return hole[p] ? 0 : rule(Math.floor(p / W), p % W, i % 3);
  });
  const avoided = barred && hole.map((mark, p) => (mark || barred(Math.floor(p / W), p % W) ? 1 : 0));
  return buildPyramid(colours, hole, H, W, 40, avoided).levels[0];
}

/** Copies by a rule: [row, column] offset of each of the hole's pixels. */
function copiesBy({ hole }: Level, rule: (y: number, x: number) => [number, number]): Int32Array {
  const out = new Int32Array(2 * W * H);
  for (const p of placesOf(hole)) out.set(rule(Math.floor(p / W), p % W), 2 * p);
  return out;
}

/** What is voted for: what is copied. */
function votedBy({ features, hole }: Level, copies: Int32Array): Float32Array {
  const out = features.slice();
  for (const p of placesOf(hole)) {
    const s = p + copies[2 * p] * W + copies[2 * p + 1];
    out.set(features.subarray(CHANNELS * s, CHANNELS * s + CHANNELS), CHANNELS * p);
  }
  return out;
}

const offsetsAt = (copies: Int32Array, y: number, x: number) => [copies[2 * (y * W + x)], copies[2 * (y * W + x) + 1]];

/** All that copies cost, told from the description: each pixel by what was voted for, each pair of neighbours by what their sources show of both. */
function costOf({ features, hole, barred }: Level, copies: Int32Array, voted: Float32Array): number {
  const colour = (a: Float32Array, y: number, x: number) => [0, 1, 2].map((c) => a[CHANNELS * (y * W + x) + c]);
  const squared = (a: number[], b: number[]) => a.reduce((sum, v, c) => sum + (v - b[c]) ** 2, 0);
  const within = (y: number, x: number) => y >= 0 && x >= 0 && y < H && x < W && !barred[y * W + x];
  let total = 0;
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const [down, right] = offsetsAt(copies, y, x);
      if (hole[y * W + x]) total += 0.03 * squared(colour(voted, y, x), colour(features, y + down, x + right));
      for (const [v, u] of [
        [y, x + 1],
        [y + 1, x],
      ]) {
        if (v >= H || u >= W || !(hole[y * W + x] || hole[v * W + u])) continue;
        const [otherDown, otherRight] = offsetsAt(copies, v, u);
        if (down === otherDown && right === otherRight) continue;
        const seen: number[] = [];
        if (within(y + otherDown, x + otherRight)) seen.push(squared(colour(features, y + down, x + right), colour(features, y + otherDown, x + otherRight)));
        if (within(v + down, u + right)) seen.push(squared(colour(features, v + down, u + right), colour(features, v + otherDown, u + otherRight)));
        total += 0.01 + (seen.length > 0 ? (2 * seen.reduce((a, b) => a + b)) / seen.length : 0.5);
      }
    }
  }
  return total;
}

describe('seams between copies', () => {
  it('move to where the copies agree', async () => {
    // From above and from below come stripes that run down, of the same greys in four columns, and the less so the further from these.
    const greys = seeded(3, W);
    const level = levelOf((y, x) => greys[x] + (y < HOLE.top ? 0 : 0.1 * Math.max(35 - x, x - 38, 0) ** 2));
    const [above, below] = [HOLE.top - HOLE.bottom, HOLE.bottom - HOLE.top];
    const copies = copiesBy(level, (_, x) => (x < 33 ? [above, 0] : [below, 0]));
    const before = copies.slice();
    const moved = await moveSeams(level, copies, votedBy(level, copies), still);
    expect(copies, 'what is given').toEqual(before);
    for (let y = HOLE.top; y < HOLE.bottom; y++) {
      const last = Array.from({ length: HOLE.right - HOLE.left }, (_, i) => HOLE.left + i).filter((x) => offsetsAt(moved, y, x)[0] === above);
      expect(last, `row ${y}`).toEqual(Array.from({ length: last.length }, (_, i) => HOLE.left + i));
      expect(last.length + HOLE.left, `row ${y}`).toBeGreaterThanOrEqual(35);
      expect(last.length + HOLE.left, `row ${y}`).toBeLessThanOrEqual(39);
    }
  });

  it('go with what lies scattered among other copies', async () => {
    const noise = seeded(5, W * H * 3);
    const level = levelOf((y, x, c) => 0.2 * noise[3 * (y * W + x) + c]);
    const scattered = copiesBy(level, (y, x) => (y % 5 === 2 && x % 5 === 2 ? [HOLE.top - HOLE.bottom, 3] : [HOLE.bottom - HOLE.top, 0]));
    const even = copiesBy(level, () => [HOLE.bottom - HOLE.top, 0]);
    expect(await moveSeams(level, scattered, votedBy(level, scattered), still)).toEqual(even);
  });

  it('have a length: where nothing differs there is none, but for what may not be copied', async () => {
    const down = HOLE.bottom - HOLE.top;
    // Of two pixels that are copied from elsewhere, one would be copied from what is barred if its neighbours' sources went on there.
    const level = levelOf(
      () => 0.2,
      (y, x) => y === 22 + down && x === 30,
    );
    const copies = copiesBy(level, (y, x) => ((y === 22 && x === 30) || (y === 26 && x === 36) ? [-down, 3] : [down, 0]));
    const moved = await moveSeams(level, copies, votedBy(level, copies), still);
    expect(moved).toEqual(copiesBy(level, (y, x) => (y === 22 && x === 30 ? [-down, 3] : [down, 0])));
  });

  it('need not meet what may not be copied', async () => {
    const down = HOLE.bottom - HOLE.top;
    // Beside the hole stands something bright that is barred, and one pixel there is copied from beside something as bright.
    const isBright: Where = (y, x) => x === HOLE.right && y < HOLE.bottom + down;
    const level = levelOf((y, x) => (isBright(y, x) ? 1 : 0), isBright);
    const [y, x] = [24, HOLE.right - 1];
    level.features.fill(1, CHANNELS * (6 * W + 11), CHANNELS * (6 * W + 11) + 3);
    const copies = copiesBy(level, (v, u) => (v === y && u === x ? [6 - y, 10 - x] : [down, 0]));
    expect(await moveSeams(level, copies, votedBy(level, copies), still)).toEqual(copiesBy(level, () => [down, 0]));
  });

  it('at the borders of the picture have nothing to do with what lies a row further at the other one', async () => {
    // At the right border a pixel that is copied from something bright, and a row further, at the left one, one whose source would go on with what is around the first.
    const bright: Where = (y, x) => y < 12 && x >= W - 4;
    const level = levelOf(
      (y, x) => (bright(y, x) ? 1 : 0),
      undefined,
      (y, x) => (y === 20 && x === W - 1) || (y === 21 && x === 0),
    );
    const copies = copiesBy(level, (_, x) => [x === 0 ? 12 : -12, 0]);
    expect(await moveSeams(level, copies, votedBy(level, copies), still)).toEqual(copies);
  });

  it.each([1, 2, 3])('cost little more than half, and hardly a pixel could win by going with a neighbour (seed %i)', async (seed) => {
    const noise = seeded(seed, W * H * 3);
    const level = levelOf(
      (y, x, c) => 0.5 * Math.sin(y / 5 + x / 3) + 0.2 * noise[3 * (y * W + x) + c],
      (_, x) => x >= 57,
    );
    const rows = seeded(seed + 10, 100);
    const columns = seeded(seed + 20, 100);
    // Cells of 4 x 4 pixels from anywhere above the hole.
    const copies = copiesBy(level, (y, x) => {
      const cell = (y >> 2) * 8 + (x >> 2);
      const right = Math.round(15 * columns[(cell * 7) % 100]);
      return [-15 + Math.round(3 * rows[cell % 100]), x + right >= 57 ? 0 : right];
    });
    const voted = votedBy(level, copies);
    const moved = await moveSeams(level, copies, voted, still);
    const [before, after] = [costOf(level, copies, voted), costOf(level, moved, voted)];
    expect(after).toBeLessThan(0.6 * before);
    let could = 0;
    for (const p of placesOf(level.hole)) {
      const [y, x] = [Math.floor(p / W), p % W];
      const [down, right] = offsetsAt(moved, y, x);
      expect(level.barred[(y + down) * W + x + right], `the source of ${y}, ${x}`).toBe(0);
      for (const n of [p + 1, p - 1, p + W, p - W]) {
        const [otherDown, otherRight] = [moved[2 * n], moved[2 * n + 1]];
        if (!level.hole[n] || level.barred[(y + otherDown) * W + x + otherRight]) continue;
        const one = moved.slice();
        one.set([otherDown, otherRight], 2 * p);
        if (costOf(level, one, voted) < after - 1e-9) could++;
      }
    }
    // Of 288, after six rounds.
    expect(could).toBeLessThanOrEqual(1);
    for (let p = 0; p < W * H; p++) if (!level.hole[p]) expect(offsetsAt(moved, Math.floor(p / W), p % W)).toEqual([0, 0]);
  });
});
