import fc from 'fast-check';
import { expect, it } from 'vitest';
import { paintGrown } from '../../src/pixels/paint';
import type { Run } from '../../src/pixels/runs';
import { atOnce } from '../../src/pixels/steps';

/** Each run painted whole into each row, once for each distance, the furthest first. */
function naive(width: number, height: number, growth: Map<number, Run[]>, levels: Uint8Array): Uint8Array {
  const map = new Uint8Array(width * height);
  for (let distance = levels.length - 1; distance >= 0; distance--) {
    for (const [grow, runs] of growth) {
      const radius = grow + distance;
      for (const { row, start, end } of runs) {
        for (let y = Math.max(0, row - radius); y <= Math.min(height - 1, row + radius); y++) {
          const reach = Math.floor(Math.sqrt(radius * radius - (y - row) ** 2));
          map.fill(levels[distance], y * width + Math.max(0, start - reach), y * width + Math.min(width, end + reach));
        }
      }
    }
  }
  return map;
}

it('paints what painting each run once for each distance does, runs in any order and over each other', () => {
  const run = fc.record({
    y: fc.nat(999),
    x: fc.nat(999),
    length: fc.integer({ min: 1, max: 30 }),
    tall: fc.integer({ min: 1, max: 9 }),
    lean: fc.integer({ min: -2, max: 2 }),
  });
  const group = fc.tuple(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 200 })), fc.array(run, { maxLength: 12, size: 'max' }));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(group, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 9 }),
      (width, height, groups, feather) => {
        const growth = new Map<number, Run[]>();
        for (const [grow, shapes] of groups) {
          const runs = shapes.flatMap(({ y, x, length, tall, lean }) =>
            Array.from({ length: tall }, (_, n) => {
              const start = (x + n * lean + 40) % width;
              return { row: (y + n) % height, start, end: Math.min(width, start + length) };
            }),
          );
          growth.set(grow, runs);
        }
        const levels = Uint8Array.from({ length: feather + 1 }, (_, n) => 255 - n * 20);
        const map = new Uint8Array(width * height);
        atOnce(paintGrown(map, width, height, growth, levels));
        expect(Buffer.compare(map, naive(width, height, growth, levels))).toBe(0);
      },
    ),
    { numRuns: 300, seed: 4 },
  );
});
