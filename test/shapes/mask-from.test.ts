import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import type { Shape, Shapes } from '../../src/shapes';
import { maskFrom } from '../../src/shapes';
import { growMaskOf, softMaskOf } from './grown';
import { distanceToLine, expectDrawn, expectRefused, expectWithin, insideOf, type Size } from './support';

const size: Size = { width: 61, height: 47 };

describe('a pixel is marked where its centre is covered', () => {
  it.each<[string, Shape]>([
    ['numbers', { box: [10, 20, 30, 15] }],
    ['a text', { box: '10,20,30,15' }],
    ['a text with units', { box: '10px 20px, 30px 15' }],
    ['a text alone', '10,20,30,15'],
    ['an annotation', { bbox: [10, 20, 30, 15] }],
  ])('in a box of whole pixels, by %s', (_, box) => {
    expectDrawn(maskFrom(box, size), (x, y) => x > 10 && x < 40 && y > 20 && y < 35);
  });

  it('in a box of per cent: of the width, and of the height', () => {
    expectDrawn(maskFrom({ box: '10%,20%,30%,50%' }, { width: 200, height: 50 }), (x, y) => x > 20 && x < 80 && y > 10 && y < 35);
  });

  it('its left and upper edge included, its right and lower not: boxes side by side share no pixel and leave none', () => {
    const boxes: Shape[] = [{ box: [0.5, 0.5, 20, 46] }, { box: [20.5, 0.5, 40, 46] }];
    const [left, right, both] = [maskFrom(boxes[0]!, size), maskFrom(boxes[1]!, size), maskFrom(boxes, size)];
    expectDrawn(left, (x, y) => x >= 0.5 && x < 20.5 && y >= 0.5 && y < 46.5);
    expectDrawn(both, (x, y) => x < 60.5 && y < 46.5);
    expect(left.data.some((value, p) => value === 255 && right.data[p] === 255)).toBe(false);
  });

  it('and nothing outside the photo', () => {
    expectDrawn(maskFrom({ box: [-50, -9, 60, 20] }, size), (x, y) => x < 10 && y < 11);
    expectDrawn(maskFrom({ polygon: [-1e6, -1e6, 1e6, -1e6, 1e6, 1e6, -1e6, 1e6] }, size), () => true);
    expectDrawn(maskFrom({ box: [100, 100, 5, 5] }, size), () => false);
    expectDrawn(maskFrom([], size), () => false);
  });

  const star = [30, 2, 45, 44, 5, 16, 56, 17, 14, 43];
  it.each<[string, Shape, (readonly number[])[], 'evenodd' | 'nonzero']>([
    ['a polygon of numbers', { polygon: [3, 4, 50, 9, 20, 40] }, [[3, 4, 50, 9, 20, 40]], 'evenodd'],
    [
      'pairs',
      {
        polygon: [
          [3, 4],
          [50, 9],
          [20, 40],
        ],
      },
      [[3, 4, 50, 9, 20, 40]],
      'evenodd',
    ],
    ['a text', { polygon: '3,4 50,9 20,40' }, [[3, 4, 50, 9, 20, 40]], 'evenodd'],
    ['a typed array', { polygon: Float32Array.of(3, 4, 50, 9, 20, 40) }, [[3, 4, 50, 9, 20, 40]], 'evenodd'],
    ['a star, whose middle is outside', { polygon: star }, [star], 'evenodd'],
    ['a star, whose middle is inside', { polygon: star, rule: 'nonzero' }, [star], 'nonzero'],
    [
      'a hole',
      { polygon: [3, 3, 58, 3, 58, 44, 3, 44], holes: ['10,10 40,10 40,30'] },
      [
        [3, 3, 58, 3, 58, 44, 3, 44],
        [10, 10, 40, 10, 40, 30],
      ],
      'evenodd',
    ],
    ['an annotation', { segmentation: [[3, 4, 50, 9, 20, 40]] }, [[3, 4, 50, 9, 20, 40]], 'nonzero'],
    ['a path', { path: 'M3 4L50,9 20 40z' }, [[3, 4, 50, 9, 20, 40]], 'nonzero'],
    [
      'a path of two outlines',
      { path: 'M3 3h55v41H3zm7 7h30v20z', rule: 'evenodd' },
      [
        [3, 3, 58, 3, 58, 44, 3, 44],
        [10, 10, 40, 10, 40, 30],
      ],
      'evenodd',
    ],
  ])('in a polygon, by %s', (_, shape, rings, rule) => {
    expectDrawn(maskFrom(shape, size), insideOf(rings, rule));
  });

  it('of any polygon, by either rule', () => {
    const place = fc.oneof(
      fc.double({ min: -30, max: 90, noNaN: true }),
      fc.integer({ min: -10, max: 70 }),
      fc.integer({ min: -20, max: 140 }).map((n) => n / 2),
    );
    const ring = fc.array(fc.tuple(place, place), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(ring, fc.array(ring, { maxLength: 2 }), fc.constantFrom('evenodd' as const, 'nonzero' as const), (polygon, holes, rule) => {
        expectDrawn(
          maskFrom({ polygon, holes, rule }, size),
          insideOf(
            [polygon, ...holes].map((points) => points.flat()),
            rule,
          ),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('in an ellipse', () => {
    const [x0, y0, rx, ry] = [30.25, 20, 25.5, 12.25];
    const isIn = (x: number, y: number) => ((x - x0) / rx) ** 2 + ((y - y0) / ry) ** 2 <= 1;
    expectDrawn(maskFrom({ ellipse: [x0, y0, rx, ry] }, size), isIn);
    expectDrawn(maskFrom({ ellipse: '30.25,20,25.5,12.25' }, size), isIn);
  });

  it('in an ellipse that is turned clockwise', () => {
    const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    expectDrawn(maskFrom({ ellipse: [30.1, 22.3, 28, 7], angle: 30 }, size), (x, y) => {
      const [dx, dy] = [x - 30.1, y - 22.3];
      return ((dx * cos + dy * sin) / 28) ** 2 + ((dy * cos - dx * sin) / 7) ** 2 <= 1;
    });
  });

  it('within half the width of a stroke', () => {
    const points = [5.2, 6.1, 50.7, 11.3, 22.9, 40.4, 22.9, 40.4];
    const within = (x: number, y: number) => distanceToLine(points)(x, y) <= 3.55;
    expectDrawn(maskFrom({ stroke: points, width: 7.1 }, size), within);
    expectDrawn(maskFrom({ path: 'M5.2 6.1L50.7 11.3 22.9 40.4', width: 7.1 }, size), within);
    const closed = (x: number, y: number) => distanceToLine(points.slice(0, 6), true)(x, y) <= 3.55;
    expectDrawn(maskFrom({ path: 'M5.2 6.1L50.7 11.3 22.9 40.4Z', width: 7.1 }, size), closed);
    expectDrawn(maskFrom({ stroke: [[20.3, 20.1]], width: 9 }, size), (x, y) => Math.hypot(x - 20.3, y - 20.1) <= 4.5);
  });

  it('of a stroke that leads next to nowhere', () => {
    for (const near of [Number.MIN_VALUE, 1e-300, 1e-10]) {
      const within = (x: number, y: number) => Math.hypot(x, y) <= 5.05;
      expectDrawn(maskFrom({ stroke: [near, -2 * near, 0, 0], width: 10.1 }, size), within);
    }
  });

  it('of any stroke, but for centres on its very edge', () => {
    const place = fc.oneof(fc.double({ min: -30, max: 90, noNaN: true }), fc.integer({ min: -10, max: 70 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 12 }), fc.double({ min: 0.5, max: 30, noNaN: true }), (numbers, width) => {
        const stroke = numbers.length % 2 === 0 ? numbers : numbers.slice(1);
        const mask = maskFrom({ stroke, width }, size);
        const distance = distanceToLine(stroke);
        for (let p = 0; p < mask.data.length; p++) {
          const away = distance((p % size.width) + 0.5, Math.floor(p / size.width) + 0.5) - width / 2;
          if (Math.abs(away) > 1e-9) expect(mask.data[p]).toBe(away < 0 ? 255 : 0);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('curves of a path stay within 1/64 pixel', () => {
  const large: Size = { width: 400, height: 300 };
  it('arcs: a circle', () => {
    const mask = maskFrom({ path: 'M50 150a130 130 0 0 1 260 0 130 130 0 01-260 0' }, large);
    expectWithin(mask, 1 / 64, (x, y) => Math.hypot(x - 180, y - 150) - 130);
  });

  it('arcs whose radii are too small are enlarged', () => {
    expectWithin(maskFrom({ path: 'M50 150A1 1 0 0 1 310 150A1 1 0 1 1 50 150' }, large), 1 / 64, (x, y) => Math.hypot(x - 180, y - 150) - 130);
  });

  it('arcs the long way and the short way, with and against the clock', () => {
    // Circles of radius 50 through (100, 100) and (150, 150) have their centres at (150, 100) and (100, 150), on either side of the chord.
    for (const [flags, x0, y0, side] of [
      ['0 0 0', 150, 100, 1],
      ['0 0 1', 100, 150, -1],
      ['0 1 0', 100, 150, 1],
      ['0 1 1', 150, 100, -1],
    ] as const) {
      const mask = maskFrom({ path: `M100 100A50 50 ${flags} 150 150` }, large);
      expectWithin(mask, 1 / 64, (x, y) => Math.max(Math.hypot(x - x0, y - y0) - 50, (side * (x - y)) / Math.SQRT2));
    }
  });

  it('cubics and quadratics, smooth and relative ones too', () => {
    // A parabola y = x^2 / 200 over 0..200, as a quadratic and as the cubic that is the same.
    const below = (x: number, y: number) => (x <= 0 || x >= 200 ? 1 : Math.max((x * x) / 200 - y, y - 200));
    for (const path of [
      'M0 0Q100 0 200 200H0z',
      'm0 0q100 0 200 200h-200',
      'M0 0C66.66666667 0 133.33333333 66.66666667 200 200H0z',
      'M0 0Q50 0 100 50T200 200H0',
    ]) {
      expectWithin(maskFrom({ path }, large), 1.5 / 64, below);
    }
    const [written, smooth] = ['M20 20C20 120 120 120 120 20C120 -80 220 -80 220 20z', 'M20 20C20 120 120 120 120 20s100-100 100 0z'];
    expect(maskFrom({ path: smooth! }, large).data).toEqual(maskFrom({ path: written! }, large).data);
  });
});

describe('shapes of a mask', () => {
  it('are joined', () => {
    const mask = maskFrom([{ box: [2, 3, 20, 9] }, { box: [15, 8, 30, 30] }, '50%,50%,10%,10%'], size);
    expectDrawn(
      mask,
      (x, y) => (x > 2 && x < 22 && y > 3 && y < 12) || (x > 15 && x < 45 && y > 8 && y < 38) || (x > 30.5 && x < 36.6 && y > 23.5 && y < 28.2),
    );
  });

  it('give runs by rows and columns, none of which touch: those of the pixels', () => {
    const place = fc.integer({ min: -5, max: 65 });
    const side = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place, side, side), { maxLength: 30 }), (boxes) => {
        const { runs, data } = maskFrom(
          boxes.map((box) => ({ box })),
          size,
        );
        const expected: number[] = [];
        for (let p = 0; p < data.length; p++) {
          const x = p % size.width;
          if (data[p] && (x === 0 || !data[p - 1])) expected.push(Math.floor(p / size.width), x);
          if (data[p] && (x === size.width - 1 || !data[p + 1])) expected.push(x + 1);
        }
        expect(Array.from(runs)).toEqual(expected);
      }),
    );
  });

  it('are neither changed nor kept', () => {
    const polygon = Float64Array.of(3, 4, 50, 9, 20, 40);
    const mask = maskFrom({ polygon }, size);
    expect(polygon).toEqual(Float64Array.of(3, 4, 50, 9, 20, 40));
    polygon.fill(0);
    expectDrawn(mask, insideOf([[3, 4, 50, 9, 20, 40]], 'evenodd'));
  });

  it('of 16384 x 16384 pixels take kilobytes, grown or not, until somebody looks at the pixels', () => {
    const before = process.memoryUsage().arrayBuffers;
    const photo = { width: 16384, height: 16384 };
    const boxes: Shapes = [{ box: '10%,10%,5%,5%' }, { box: [9000, 12000, 800, 600] }, { stroke: [100, 16000, 9000, 15000], width: 40 }];
    const masks = [maskFrom(boxes, photo), maskFrom(boxes, { ...photo, grow: 3 })];
    expect(masks.map(({ runs }) => runs.byteLength < 64 * 1024)).toEqual([true, true]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
  });
});

describe('edges', () => {
  const shapes: Shapes = [{ polygon: [10, 8, 40, 12, 18, 36] }, { box: [55, 30, 6, 17] }, { stroke: [30, 2], width: 1 }];
  it.each([1, 3, 60])('grow by a disc of %i pixels', (grow) => {
    expect(maskFrom(shapes, { ...size, grow }).data).toEqual(growMaskOf(maskFrom(shapes, size), grow));
  });

  it.each([
    [0, 1],
    [0, 5],
    [2, 4],
  ])('grown by %i are soft across %i', (grow, soft) => {
    expect(maskFrom(shapes, { ...size, grow, soft }).data).toEqual(softMaskOf(maskFrom(shapes, size), grow, soft));
  });
});

describe('options', () => {
  it.each<[string, Partial<Parameters<typeof maskFrom>[1]>]>([
    ['width', { width: 0 }],
    ['width', { width: Number.NaN }],
    ['height', { height: 2.5 }],
    ['height', { height: 1e9 }],
    ['grow', { grow: -1 }],
    ['grow', { grow: 62 }],
    ['soft', { soft: Number.POSITIVE_INFINITY }],
  ])('%s out of its range is an ArgumentError', (name, options) => {
    expect(() => maskFrom([], { ...size, ...options })).toThrow(ArgumentError);
    expect(() => maskFrom([], { ...size, ...options })).toThrow(`maskFrom: ${name} must be`);
  });
});

describe('shapes that are none are refused, and the place is told', () => {
  const many = Array.from({ length: 2 ** 21 + 2 }, () => 1);
  it.each<[string, unknown, string]>([
    ['NaN', { box: [1, 2, Number.NaN, 4] }, 'shapes.box[2] must be a number from 0 to 10000000, got NaN'],
    ['a negative size', [{ box: [1, 2, 3, 4] }, { box: [1, 2, 3, -4] }], 'shapes[1].box[3] must be'],
    ['a negative size in a text', { box: '1,2,3,-4' }, 'shapes.box[3] must be'],
    [
      'infinity',
      {
        polygon: [
          [1, 2],
          [3, Number.POSITIVE_INFINITY],
          [5, 6],
        ],
      },
      'shapes.polygon[1][1] must be a number from -10000000 to 10000000, got Infinity',
    ],
    ['a number beyond all photos', { polygon: [1, 2, 3, 4, 5, 1e8] }, 'shapes.polygon[5] must be'],
    ['a number in a text beyond all', { box: '1,2,1e999,4' }, 'shapes.box[2] must be'],
    ['three numbers for a box', { box: [1, 2, 3] }, 'shapes.box must be four numbers, got 3'],
    ['a text that is no box', 'beach', "shapes, at character 0 must be a number, got 'beach'"],
    ['a text with another unit', '1,2,3em,4', 'at character 5 must be'],
    ['an empty text', '', 'shapes must be numbers of pixels or per cent'],
    ['two points', { polygon: [1, 2, 3, 4] }, 'shapes.polygon must be three points at least, got 2'],
    ['half a point', { polygon: [1, 2, 3, 4, 5, 6, 7] }, 'shapes.polygon must be x and y of each point'],
    [
      'points of three numbers',
      {
        polygon: [
          [1, 2, 3],
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      'shapes.polygon[0] must be x and y',
    ],
    ['points of texts', { polygon: [['1', '2']] }, "shapes.polygon[0][0] must be a number from -10000000 to 10000000, got '1'"],
    ['deep lists', { polygon: [[[[[[1, 2]]]]]] }, 'shapes.polygon[0] must be x and y'],
    ['lists of lists of shapes', [[[[{ box: [1, 2, 3, 4] }]]]], 'shapes[0] must be a shape'],
    ['millions of points', { polygon: many }, 'all shapes together may have 1048576 points'],
    [
      'millions of points in several',
      [{ polygon: many.slice(0, 2 ** 20) }, { polygon: many.slice(0, 2 ** 20) }, { polygon: '1,1 2,2 3,3' }],
      'shapes[2].polygon must be the end',
    ],
    ['a hole that is none', { polygon: '1,1 2,2 3,3', holes: [{}] }, 'shapes.holes[0] must be a list of points'],
    ['holes that are no list', { polygon: '1,1 2,2 3,3', holes: '1,1' }, 'shapes.holes must be a list of outlines'],
    ['another rule', { polygon: '1,1 2,2 3,3', rule: 'odd' }, "shapes.rule must be 'evenodd' or 'nonzero', got 'odd'"],
    ['a negative radius', { ellipse: [1, 2, -3, 4] }, 'shapes.ellipse[2] must be'],
    ['an angle of NaN', { ellipse: [1, 2, 3, 4], angle: Number.NaN }, 'shapes.angle must be'],
    ['a stroke without a width', { stroke: [1, 2] }, 'shapes.width must be a number from 0 to 10000000'],
    ['a stroke without a point', { stroke: [], width: 2 }, 'shapes.stroke must be a point at least'],
    ['a path that is no text', { path: 5 }, 'shapes.path must be the text of an SVG path, got 5'],
    ['null', null, 'shapes must be a shape: a text, or an object with one of box, polygon, ellipse, stroke, path, svg'],
    ['nothing known', [{ circle: [1, 2, 3] }], 'shapes[0] must be a shape'],
    ['what objects inherit', [{ __proto__: { box: [1, 2, 3, 4] } }], 'shapes[0] must be a shape'],
    ['an annotation without a shape', { segmentation: [] }, 'shapes must be an annotation with a segmentation'],
    ['an annotation of words', { segmentation: ['x'] }, "shapes.segmentation[0], at character 0 must be a number, got 'x'"],
    ['annotations that are none', { annotations: {} }, 'shapes.annotations must be a list'],
    ['an annotation of null', { annotations: [null] }, 'shapes.annotations[0] must be an annotation, got null'],
  ])('%s', (_, shapes, message) => {
    expectRefused(() => maskFrom(shapes as Shapes, size), message);
  });

  it.each<[string, string]>([
    ['10 10', 'at character 0 must be M, which paths begin with'],
    ['L10 10', 'at character 0 must be M, which paths begin with'],
    ['M10', "at character 3 must be a number, got 'the end'"],
    ['M10 10 L', "at character 8 must be a number, got 'the end'"],
    ['M10 10 C1 2 3 4 5', "at character 17 must be a number, got 'the end'"],
    ['M10 10 L5 5,', "at character 12 must be a number, got 'the end'"],
    ['M10 10 L5 5 6', "at character 13 must be a number, got 'the end'"],
    ['M10 10 X', "at character 7 must be one of the commands M, L, H, V, C, S, Q, T, A, Z, got 'X'"],
    ['M10 10 A5 5 0 2 1 9 9', "at character 14 must be 0 or 1, got '2 1 9 9'"],
    ['M10 10 Z 5 5', "at character 9 must be one of the commands M, L, H, V, C, S, Q, T, A, Z, got '5 5'"],
    ['M1e400 10 L 5 5', 'must be a number from -10000000 to 10000000, got Infinity'],
    ['M0 0A1e300 1 0 1 1 9 9', 'must be a number from -10000000 to 10000000, got 1e+300'],
    [`M0 0${'c9999999 0 0 9999999 -5 5 '.repeat(3000)}`, 'all shapes together may have 1048576 points'],
    [`M0 0L${'1 2 '.repeat(2 ** 20)}`, 'all shapes together may have 1048576 points'],
  ])('the path %.30s', (path, message) => {
    expectRefused(() => maskFrom({ path }, size), message);
  });

  it('lines through more rows than is taken', () => {
    const polygon = Array.from({ length: 12_000 }, (_, n) => [n, n % 2 === 0 ? 0 : 16384]).flat();
    expectRefused(() => maskFrom({ polygon }, { width: 16384, height: 16384 }), 'shapes must be the end: the lines of all shapes together may pass');
  });

  it('whatever is given, it is a mask or a MaskError, in little time', () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: -50, max: 100 }));
    const text = fc.oneof(fc.string({ maxLength: 30 }), fc.stringMatching(/^[MmLlHhVvCcSsQqTtAaZz0-9 .,eE+%-]{0,60}$/));
    const value = fc.oneof(fc.array(number, { maxLength: 12 }), fc.array(fc.array(number, { maxLength: 3 }), { maxLength: 6 }), text, number, fc.anything());
    const names = [
      'box',
      'polygon',
      'holes',
      'rule',
      'ellipse',
      'angle',
      'stroke',
      'width',
      'path',
      'svg',
      'size',
      'counts',
      'segmentation',
      'bbox',
      'annotations',
      'images',
    ];
    const shape = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 });
    fc.assert(
      fc.property(fc.oneof(shape, fc.array(shape, { maxLength: 3 }), fc.anything()), (shapes) => {
        try {
          expect(maskFrom(shapes as Shapes, size).data.length).toBe(size.width * size.height);
        } catch (error) {
          expect((error as Error).name).toBe('MaskError');
        }
      }),
      { numRuns: 3000 },
    );
  });
});
