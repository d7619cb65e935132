import { describe, expect, it } from 'vitest';
import { VectorMemory } from '../../src/arrays/vector-memory';
import type { CopyField } from '../../src/pixels/copy-field';
import { emptyLevel, type FieldLevel, nearestCovered, refineField } from '../../src/pixels/refine-field';
import { disc, type Rule, rectangle, scene } from '../cra/support';

const W = 60;
const H = 48;

/** A level whose hole is painted over, so that whoever copies from it is found out. */
function levelOf(rule: Rule, picture = scene(W, H)): FieldLevel {
  const marks = new Uint8Array(W * H);
  const colours = new Uint8Array(picture.data);
  for (let p = 0; p < W * H; p++) {
    if (!rule(Math.floor(p / W), p % W)) continue;
    marks[p] = 1;
    colours.set([255, 0, 255], 3 * p);
  }
  return { height: H, width: W, colours, marks };
}

/** A field at half the size that moves everything the same way, over the whole picture or a part of it. */
function coarseField(down: number, right: number, part = { top: 0, left: 0, rows: H / 2, columns: W / 2 }): CopyField {
  const offsets = new Int32Array(part.rows * part.columns * 2);
  for (let i = 0; i < offsets.length; i += 2) offsets.set([down, right], i);
  return { height: H / 2, width: W / 2, ...part, offsets, covered: new Uint8Array(part.rows * part.columns).fill(1) };
}

/** Where each covered pixel leads: [y, x, sy, sx]. */
function ways({ top, left, rows, columns, offsets, covered }: CopyField): [number, number, number, number][] {
  const out: [number, number, number, number][] = [];
  for (let at = 0; at < rows * columns; at++) {
    if (!covered[at]) continue;
    const [y, x] = [top + Math.floor(at / columns), left + (at % columns)];
    out.push([y, x, y + offsets[2 * at], x + offsets[2 * at + 1]]);
  }
  return out;
}

/** Holes, and a move at half the size by which each of their pixels lands on something known. */
const rules: [string, Rule, [number, number]][] = [
  ['a disc', disc(24, 30, 8), [-4, 9]],
  ['in a corner', disc(0, 0, 14), [4, 9]],
  ['at the far border', rectangle(30, 44, H, W), [-4, -12]],
  ['a thin line', (_, x) => x === 31, [0, 4]],
  ['two thirds of it', (_, x) => x >= 20, [0, -20]],
];

describe('refineField', () => {
  describe.each(rules)('%s', (_, rule, [down, right]) => {
    const level = levelOf(rule);
    const refined = refineField(level, coarseField(down, right), 5, 1);

    it('has the size of the level and covers the hole', async () => {
      const field = await refined;
      expect([field.height, field.width, field.top, field.left, field.rows, field.columns]).toEqual([H, W, 0, 0, H, W]);
      for (let p = 0; p < W * H; p++) if (level.marks[p] === 1) expect(field.covered[p]).toBe(1);
    });

    it('covers no more than the rim beyond', async () => {
      const field = await refined;
      for (const [y, x] of ways(field)) {
        let near = false;
        for (let v = Math.max(0, y - 5); v <= Math.min(H - 1, y + 5); v++) {
          for (let u = Math.max(0, x - 5); u <= Math.min(W - 1, x + 5); u++) near ||= level.marks[v * W + u] === 1;
        }
        expect(near).toBe(true);
      }
    });

    it('leads to places whose whole patch is known and in the picture', async () => {
      const wrong = ways(await refined).filter(([, , sy, sx]) => {
        for (let dy = -3; dy <= 3; dy++) {
          for (let dx = -3; dx <= 3; dx++) {
            if (sy + dy < 0 || sx + dx < 0 || sy + dy >= H || sx + dx >= W || level.marks[(sy + dy) * W + sx + dx] === 1) return true;
          }
        }
        return false;
      });
      expect(wrong.slice(0, 5)).toEqual([]);
    });

    it('is the same for the same seed', async () => {
      expect(await refineField(level, coarseField(down, right), 5, 1)).toEqual(await refined);
    });
  });

  it('nothing under the hole has a say', async () => {
    const level = levelOf(disc(24, 30, 8));
    const clean: FieldLevel = { ...level, colours: new Uint8Array(scene(W, H).data) };
    expect(await refineField(level, coarseField(0, 8), 5, 3)).toEqual(await refineField(clean, coarseField(0, 8), 5, 3));
  });

  it('a field that is right already stays as it is', async () => {
    const periodic = { ...scene(W, H) };
    for (let i = 0; i < periodic.data.length; i++) periodic.data[i] = (Math.floor(i / 3) % 20) * 11 + (Math.floor(i / 3 / W) % 2) * 20;
    const field = await refineField(levelOf(disc(24, 22, 4), periodic), coarseField(0, 10), 5, 1);
    expect(new Set(ways(field).map(([y, x, sy, sx]) => `${sy - y}, ${sx - x}`))).toEqual(new Set(['0, 20']));
  });

  it('a field that is off by a pixel or two is put right', async () => {
    const periodic = { ...scene(W, H) };
    for (let i = 0; i < periodic.data.length; i++) periodic.data[i] = (((Math.floor(i / 3) % W) % 20) * 97) % 250;
    const level = levelOf(disc(24, 22, 4), periodic);
    // The period is 20; the coarse field says 2 * 9 = 18 or 2 * 11 = 22.
    for (const across of [9, 11]) {
      const found = ways(await refineField(level, coarseField(0, across), 5, 1));
      expect(found.filter(([, x, , sx]) => (sx - x) % 20 === 0).length / found.length).toBeGreaterThan(0.9);
    }
  });

  it('a field over a part of the picture is refined there', async () => {
    const part = { top: 6, left: 8, rows: 14, columns: 16 };
    const level = levelOf(disc(24, 30, 6));
    const field = await refineField(level, coarseField(0, 9, part), 5, 1);
    expect([field.top, field.left, field.rows, field.columns]).toEqual([12, 16, 28, 32]);
    expect(ways(field).length).toBeGreaterThan(100);
    for (const [, , sy, sx] of ways(field)) expect(level.marks[sy * W + sx]).not.toBe(1);
  });

  it('covers nothing where there is nothing to copy from', async () => {
    for (const rule of [() => true, (y: number, x: number) => (y + x) % 5 === 0]) {
      expect(ways(await refineField(levelOf(rule), coarseField(0, 9), 5, 1))).toEqual([]);
    }
  });

  it('covers nothing where the coarse field does not', async () => {
    const coarse = coarseField(0, 9);
    coarse.covered.fill(0);
    expect(ways(await refineField(levelOf(disc(24, 30, 8)), coarse, 5, 1))).toEqual([]);
  });

  it('sizes need not double', async () => {
    const level = levelOf(disc(24, 30, 8));
    const coarse: CopyField = {
      height: 17,
      width: 22,
      top: 0,
      left: 0,
      rows: 17,
      columns: 22,
      offsets: new Int32Array(17 * 22 * 2).fill(4),
      covered: new Uint8Array(17 * 22).fill(1),
    };
    const field = await refineField(level, coarse, 5, 1);
    expect([field.rows, field.columns]).toEqual([H, W]);
    for (const [, , sy, sx] of ways(field)) expect(level.marks[sy * W + sx]).not.toBe(1);
  });
});

describe('compiled, it is the plain loop to the bit', () => {
  async function plain(...values: Parameters<typeof refineField>): Promise<CopyField> {
    const known = globalThis.WebAssembly;
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      return await refineField(...values);
    } finally {
      Object.assign(globalThis, { WebAssembly: known });
    }
  }

  /** A level that lies where compiled code reads it, in a memory that held others. */
  function inMemory({ colours, marks }: FieldLevel, coarse: CopyField, memory = VectorMemory.open()!): FieldLevel {
    memory.bytes(memory.reserve(20 * W * H), 20 * W * H).fill(77);
    const level = emptyLevel(H, W, coarse, memory);
    level.colours.set(colours);
    level.marks.set(marks);
    return level;
  }

  it.each(rules)('%s', async (_, rule, [down, right]) => {
    for (const seed of [1, 77, 4_000_000_000]) {
      const level = levelOf(rule);
      const exact = await plain(level, coarseField(down, right), 5, seed);
      expect(await refineField(level, coarseField(down, right), 5, seed)).toEqual(exact);
      const coarse = coarseField(down, right);
      expect(await refineField(inMemory(level, coarse), coarse, 5, seed)).toEqual(exact);
      // It has work to do, and does it.
      expect(new Set(Array.from(exact.offsets)).size).toBeGreaterThan(4);
    }
  });

  it('runs in the memory that the level lies in', async () => {
    const level = levelOf(disc(24, 30, 8));
    const coarse = coarseField(-4, 9);
    const exact = await plain(level, coarse, 5, 1);
    const inside = inMemory(level, coarse);
    const { memory } = inside.room!;
    let swept = 0;
    const { align } = memory.functions;
    const counted = (...values: Parameters<typeof align>) => {
      swept++;
      align(...values);
    };
    Object.assign(memory, { functions: { ...memory.functions, align: counted } });
    const field = await refineField(inside, coarse, 5, 1);
    expect(field).toEqual(exact);
    expect(swept).toBeGreaterThan(1);
    // The next level is laid over it.
    inMemory(level, coarse, memory);
    expect(field).toEqual(exact);
  });

  it('lies in plain arrays where the memory does not grow', async () => {
    const level = levelOf(disc(24, 30, 8));
    const coarse = coarseField(-4, 9);
    const full = VectorMemory.open()!;
    full.reserve = () => {
      throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
    };
    const empty = emptyLevel(H, W, coarse, full);
    expect(empty.room).toBeUndefined();
    empty.colours.set(level.colours);
    empty.marks.set(level.marks);
    expect(await refineField(empty, coarse, 5, 1)).toEqual(await plain(level, coarse, 5, 1));
  });
});

describe('nearestCovered', () => {
  const covered = new Uint8Array(30 * 30);
  covered[12 * 30 + 14] = 1;
  const field: CopyField = { height: 30, width: 30, top: 0, left: 0, rows: 30, columns: 30, offsets: new Int32Array(1800), covered };
  it.each([
    [12, 14, true],
    [11, 14, true],
    [10, 17, true],
    [24, 26, true],
    [25, 14, false],
    [29, 29, false],
  ])('from %d, %d: %s', (row, column, found) => {
    expect(nearestCovered(field, row, column)).toBe(found ? 12 * 30 + 14 : -1);
  });
});
