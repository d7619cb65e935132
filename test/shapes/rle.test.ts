import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMask } from '../../src/io/fit-mask';
import { maskFrom, type RleShape } from '../../src/shapes';
import golden from '../golden/rle.json';
import { expectDrawn, expectRefused, type Test } from './support';

const sizeOf = ({ size: [height, width] }: RleShape) => ({ width, height });

describe("pycocotools' masks", () => {
  const away = (x: number, y: number) => (x - 0.5 - 12) ** 2 + (y - 0.5 - 20) ** 2;
  const noise = (x: number, y: number) => (x * 7919 + y * 104729 + x * y * 31) % 5 < 2;
  const cases: Record<keyof typeof golden, Test> = {
    ring: (x, y) => away(x, y) < 120 && !(away(x, y) > 9 && away(x, y) < 60),
    noise: (x, y) => (x > 12 && x < 15) || (!(x > 5 && x < 9) && noise(x - 0.5, y - 0.5)),
    block: (x, y) => y > 1000 && y < 3500 && x > 2000 && x < 2003,
    full: () => true,
    empty: () => false,
  };
  it.each(Object.keys(cases) as (keyof typeof golden)[])('%s', (name) => {
    const shape = golden[name] as RleShape & { size: [number, number] };
    expectDrawn(maskFrom(shape, sizeOf(shape)), cases[name]);
    expectDrawn(maskFrom({ segmentation: shape }, sizeOf(shape)), cases[name]);
  });
});

/** The runs of a mask by COCO's rule, of 0 first. */
function countsOf(pixels: readonly boolean[], width: number, height: number): number[] {
  const counts: number[] = [];
  let [value, run] = [false, 0];
  for (let p = 0; p < width * height; p++) {
    const next = pixels[(p % height) * width + Math.floor(p / height)]!;
    if (next !== value) {
      counts.push(run);
      [value, run] = [next, 0];
    }
    run++;
  }
  return [...counts, run];
}

const side = fc.integer({ min: 1, max: 20 });
const masks = fc.tuple(side, side).chain(([width, height]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    pixels: fc.array(fc.boolean(), { minLength: width * height, maxLength: width * height }),
  }),
);

it('any mask comes back from its runs, stretches of no pixels or not', () => {
  fc.assert(
    fc.property(masks, fc.nat(), ({ width, height, pixels }, at) => {
      const size = [height, width] as const;
      const data = Uint8Array.from(pixels, (marked) => (marked ? 255 : 0));
      const counts = countsOf(pixels, width, height);
      expect(maskFrom({ size, counts }, { width, height }).data).toEqual(data);
      // A run that is parted by one of nothing.
      const n = at % counts.length;
      const parted = [...counts.slice(0, n), Math.floor(counts[n]! / 2), 0, Math.ceil(counts[n]! / 2), ...counts.slice(n + 1)];
      expect(maskFrom({ size, counts: parted }, { width, height }).data).toEqual(data);
    }),
  );
});

it('one of another size is stretched as fitMask does, where it is asked for', () => {
  fc.assert(
    fc.property(masks, side, side, ({ width, height, pixels }, toWidth, toHeight) => {
      const shape: RleShape = { size: [height, width], counts: Uint32Array.from(countsOf(pixels, width, height)) };
      const mask = { width, height, channels: 1 as const, data: Uint8Array.from(pixels, (marked) => (marked ? 255 : 0)) };
      expect(maskFrom(shape, { width: toWidth, height: toHeight, fit: true }).data).toEqual(fitMask(mask, toWidth, toHeight).data);
    }),
  );
  expectRefused(
    () => maskFrom({ size: [3, 4], counts: [12] }, { width: 8, height: 6 }),
    'shapes is for 4 x 3 pixels, the mask is 8 x 6: fit stretches it',
    'mask-size',
  );
});

it('claims of a terapixel take no longer than they are read', () => {
  const most = 2 ** 20;
  const photo = { width: most, height: most };
  expect(Array.from(maskFrom({ size: [most, most], counts: [most * most - 5, 5] }, photo).runs.slice(0, 3))).toEqual([most - 5, most - 1, most]);
  expect(maskFrom({ size: [most, most], counts: [0, most * most] }, photo).runs.length).toBe(3 * most);
});

it('stripes of a size beyond the photo are refused, not drawn for hours', () => {
  const [rows, columns] = [2 ** 17, 2 ** 10];
  const stripes = { size: [rows, columns] as const, counts: new Uint32Array(columns).fill(rows) };
  const refused = 'shapes must be the end: the lines of all shapes together may pass through 67108864 rows';
  expectRefused(() => maskFrom(stripes, { width: 4, height: 3, fit: true }), refused);
});

describe('runs that make no mask are refused, and the place is told', () => {
  const photo = { width: 4, height: 3 };
  it.each<[string, object, string]>([
    ['too few', { size: [3, 4], counts: [5, 6] }, 'shapes.counts must be numbers that add up to the size, 12, got 11'],
    ['too many', { size: [3, 4], counts: [5, 6, 3] }, 'shapes.counts[2] must be at most 1, which the size has left, got 3'],
    ['none', { size: [3, 4], counts: [] }, 'shapes.counts must be numbers that add up to the size'],
    ['a negative one', { size: [3, 4], counts: [15, -3] }, 'shapes.counts[0] must be at most 12'],
    ['a negative one first', { size: [3, 4], counts: [-3, 15] }, 'shapes.counts[0] must be a whole number of pixels, got -3'],
    ['a fraction', { size: [3, 4], counts: [5.5, 6.5] }, 'shapes.counts[0] must be a whole number of pixels, got 5.5'],
    ['NaN', { size: [3, 4], counts: [Number.NaN] }, 'shapes.counts[0] must be a whole number of pixels, got NaN'],
    ['a text among numbers', { size: [3, 4], counts: ['12'] }, "shapes.counts[0] must be a whole number of pixels, got '12'"],
    ['nothing', { size: [3, 4], counts: null }, "shapes.counts must be a list of numbers, or pycocotools' text, got null"],
    ['a claim of a length', { size: [3, 4], counts: { length: 2 ** 40 } }, "shapes.counts must be a list of numbers, or pycocotools' text, got"],
    ['no size', { counts: [12] }, 'shapes.size must be a height and a width'],
    ['a size of a number', { size: 12, counts: [12] }, 'shapes.size must be a height and a width, got 12'],
    ['a size of zero', { size: [0, 4], counts: [0] }, 'shapes.size must be of sides from 1 to 1048576 whole pixels, got 0'],
    ['a size beyond all', { size: [1e9, 1e9], counts: [1e18] }, 'shapes.size must be of sides from 1 to 1048576 whole pixels, got 1000000000'],
    ['a text that breaks off', { size: [3, 4], counts: 'Q' }, "shapes.counts, at character 1 must be one of pycocotools' text, got 'the end'"],
    ['a text of other characters', { size: [3, 4], counts: '0 <' }, "shapes.counts, at character 1 must be one of pycocotools' text, got ' '"],
    ['a number without end', { size: [3, 4], counts: 'oooooooooooooooo' }, "shapes.counts, at character 8 must be one of pycocotools' text, got 'o'"],
    ['a text of a negative number', { size: [3, 4], counts: '@' }, 'shapes.counts[0] must be a whole number of pixels, got -16'],
    ['a text of too few', { size: [3, 4], counts: '01' }, 'shapes.counts must be numbers that add up to the size, 12, got 1'],
  ])('%s', (_, shape, message) => {
    expectRefused(() => maskFrom(shape as RleShape, photo), message);
  });
});
