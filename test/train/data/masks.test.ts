import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodePicture } from '../../../src/io/write';
import { drawLine, drawPolygon, emptyCanvas, type Point } from '../../../src/train/data/holes/canvas';
import { type MaskTemplate, readTemplates } from '../../../src/train/data/holes/templates';
import { type MaskKind, maskPreview, maskSource } from '../../../src/train/data/masks';
import { expectCode, temporaryFolder } from '../../io/support';

const size = 64;
/** A letter L of 20 x 30 pixels: no turn or mirroring but none leaves it as it is. */
const letter: MaskTemplate = { width: 20, height: 30, data: Uint8Array.from({ length: 600 }, (_, i) => (i % 20 < 6 || i >= 480 ? 1 : 0)) };
const kinds: MaskKind[] = ['strokes', 'templates', 'tears', 'scratches', 'spots', 'rectangles', 'border'];
const of = (kind: MaskKind, more = {}) => maskSource({ size, seed: 5, kinds: [kind], templates: [letter], ...more });
const share = (mask: Float32Array) => mask.reduce((a, b) => a + b, 0) / mask.length;

/** The share of hole among the pixels of the border. */
function borderShare(mask: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += mask[i] + mask[(size - 1) * size + i] + mask[i * size] + mask[i * size + size - 1];
  return sum / (4 * size);
}

/** How many pieces the hole has, by eight neighbours. */
function pieces(mask: Float32Array): number {
  const seen = new Uint8Array(mask.length);
  let count = 0;
  for (let start = 0; start < mask.length; start++) {
    if (seen[start] || !mask[start]) continue;
    count++;
    const stack = [start];
    while (stack.length > 0) {
      const i = stack.pop()!;
      if (seen[i]) continue;
      seen[i] = 1;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [x, y] = [(i % size) + dx, Math.floor(i / size) + dy];
          if (x >= 0 && y >= 0 && x < size && y < size && mask[y * size + x]) stack.push(y * size + x);
        }
      }
    }
  }
  return count;
}

describe.each(kinds)('%s', (kind) => {
  it('keep to the coverage, are holes of 0 and 1 and differ, 1000 of them', () => {
    for (const coverage of [
      [0.05, 0.4],
      [0.15, 0.25],
    ] as const) {
      const source = of(kind, { coverage });
      const seen = new Set<string>();
      for (let i = 0; i < 500; i++) {
        const mask = source.at(i);
        expect(mask.length).toBe(size * size);
        expect(mask.every((value) => value === 0 || value === 1)).toBe(true);
        expect(share(mask)).toBeGreaterThanOrEqual(coverage[0]);
        expect(share(mask)).toBeLessThanOrEqual(coverage[1]);
        seen.add(mask.join(''));
      }
      // There are no more than some sixty strips along the border.
      expect(seen.size).toBeGreaterThan(kind === 'border' ? 350 : 499);
    }
  });

  it('are the same at a position whenever and wherever it is asked for, and others by seed', () => {
    const source = of(kind);
    const [first, third] = [source.at(0), source.at(2)];
    expect(of(kind).at(2)).toEqual(third);
    expect(source.at(0)).toEqual(first);
    expect(of(kind, { seed: 6 }).at(0)).not.toEqual(first);
  });

  it('are spread over all of the picture', () => {
    const sum = new Float64Array(16);
    for (let i = 0; i < 400; i++) {
      of(kind)
        .at(i)
        .forEach((value, at) => {
          sum[Math.floor(at / size / 16) * 4 + Math.floor((at % size) / 16)] += value / 256 / 400;
        });
    }
    const middles = [5, 6, 9, 10];
    const corners = [0, 3, 12, 15];
    // Corner against corner and middle against middle: no side is preferred. A template's own lean stays: it is turned by 90 degrees at most.
    const ratio = (places: number[]) => Math.max(...places.map((place) => sum[place])) / Math.min(...places.map((place) => sum[place]));
    if (kind !== 'templates') expect(ratio(corners)).toBeLessThan(1.35);
    if (kind !== 'templates' && kind !== 'border') expect(ratio(middles)).toBeLessThan(1.35);
    expect(Math.max(...sum) / Math.min(...sum)).toBeLessThan(kind === 'templates' || kind === 'border' ? 30 : 6);
  });
});

describe('looks', () => {
  const mean = (kind: MaskKind, measure: (mask: Float32Array) => number, more = {}) => {
    const source = of(kind, more);
    return Array.from({ length: 100 }, (_, i) => measure(source.at(i))).reduce((a, b) => a + b) / 100;
  };

  it('border holes and tears touch the border, all of them', () => {
    for (const kind of ['border', 'tears'] as const) {
      const source = of(kind);
      for (let i = 0; i < 200; i++) expect(borderShare(source.at(i))).toBeGreaterThan(0);
    }
  });

  it('spots are many pieces, strokes and rectangles few', () => {
    expect(mean('spots', pieces)).toBeGreaterThan(8);
    expect(mean('strokes', pieces)).toBeLessThan(4);
    expect(mean('rectangles', pieces)).toBeLessThan(4);
  });

  it('scratches are thin: no pixel is farther in than a few', () => {
    const inner = (mask: Float32Array) => {
      let count = 0;
      for (let y = 2; y < size - 2; y++) {
        for (let x = 2; x < size - 2; x++) {
          let full = true;
          for (let v = -2; v <= 2 && full; v++) for (let u = -2; u <= 2 && full; u++) full = mask[(y + v) * size + x + u] === 1;
          if (full) count++;
        }
      }
      return count / mask.reduce((a, b) => a + b);
    };
    const thin = { coverage: [0.05, 0.1] };
    expect(mean('scratches', inner, thin)).toBeLessThan(0.03);
    expect(mean('strokes', inner, thin)).toBeGreaterThan(0.08);
  });

  it('coverage uses the range where small things are merged', () => {
    const source = of('scratches', { coverage: [0.05, 0.4] });
    const shares = Array.from({ length: 300 }, (_, i) => share(source.at(i)));
    expect(Math.max(...shares)).toBeGreaterThan(0.3);
    expect(shares.filter((value) => value < 0.15).length).toBeGreaterThan(150);
  });

  it('kinds are drawn as often as they are named', () => {
    const white = (_: () => number, side: number) => Uint8Array.from({ length: side * side }, (_, i) => (i < side * 8 ? 1 : 0));
    const black = (_: () => number, side: number) => Uint8Array.from({ length: side * side }, (_, i) => (i >= side * (side - 8) ? 1 : 0));
    const source = maskSource({ size, kinds: [white, white, black] });
    const top = Array.from({ length: 600 }, (_, i) => source.at(i)[0]).reduce((a, b) => a + b);
    expect(Math.abs(top - 400)).toBeLessThan(58);
  });
});

describe('coverage that can not be had', () => {
  it('gives the nearest, after a bounded number of tries', () => {
    let drawn = 0;
    const half = (_: () => number, side: number) => {
      drawn++;
      return Uint8Array.from({ length: side * side }, (_, i) => (i < (side * side) / 2 ? 1 : 0));
    };
    expect(share(maskSource({ size, kinds: [half], coverage: [0.1, 0.2] }).at(0))).toBe(0.5);
    expect(drawn).toBeLessThan(200);
    expect(share(maskSource({ size, kinds: [half], coverage: [0.8, 0.9] }).at(0))).toBe(0.5);
  });

  it('a kind of your own that makes no hole, or another size, is an error', () => {
    expect(() => maskSource({ size, kinds: [(_, side) => new Uint8Array(side * side)] }).at(0)).toThrow(/kinds must be something that makes a hole/);
    expect(() => maskSource({ size, kinds: [() => new Uint8Array(3)] }).at(0)).toThrow(/a function that makes 4096 values/);
  });
});

describe('templates', () => {
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
    const pixels = Uint8Array.from(letter.data, (value) => value * 255);
    await sharp(pixels, { raw: { width: 20, height: 30, channels: 1 } }).toFile(join(folder, 'letter.png'));
    await sharp(pixels, { raw: { width: 20, height: 30, channels: 1 } })
      .negate()
      .toFile(join(folder, 'negative.png'));
    await sharp(new Uint8Array(600), { raw: { width: 20, height: 30, channels: 1 } }).toFile(join(folder, 'empty.png'));
    writeFileSync(join(folder, 'bad.png'), 'no picture');
  });

  it('are read from a folder, white or black; what can not be used is reported', async () => {
    const skipped: string[] = [];
    const read = await readTemplates(folder, { onSkip: (name, { code }) => skipped.push(`${name.slice(folder.length + 1)} ${code}`) });
    expect(skipped).toEqual(['bad.png format', 'empty.png format']);
    expect(read[0]).toEqual(letter);
    const black = await readTemplates(folder, { hole: 'black', onSkip: () => undefined });
    expect(black).toHaveLength(3);
    expect(black[2]).toEqual(letter);
    await expectCode(readTemplates(temporaryFolder()), 'file-read');
  });

  it('are turned up to 90 degrees either way, mirrored half of the time, scaled and moved', () => {
    // One dot right of the middle and one above it tell angle and mirroring.
    const dots: MaskTemplate = { width: 65, height: 65, data: new Uint8Array(65 * 65) };
    const put = (x: number, y: number, radius: number) => {
      for (let v = -radius; v <= radius; v++) for (let u = -radius; u <= radius; u++) dots.data[(y + v) * 65 + x + u] = 1;
    };
    put(32, 32, 8);
    put(32, 12, 4);
    put(48, 32, 3);
    const source = maskSource({ size: 128, seed: 1, kinds: ['templates'], templates: [dots], coverage: [0.03, 0.12] });
    let [mirrored, single] = [0, 0];
    const [angles, scales]: [number[], number[]] = [[], []];
    for (let i = 0; i < 400; i++) {
      const mask = source.at(i);
      const found = components(mask, 128);
      if (found.length !== 3 || found.some(({ touches }) => touches)) continue;
      single++;
      const [middle, up, right] = found.sort((a, b) => b.area - a.area);
      scales.push(Math.sqrt(middle.area / (17 * 17)) / (128 / 65));
      const [ux, uy, rx, ry] = [up.x - middle.x, up.y - middle.y, right.x - middle.x, right.y - middle.y];
      if (ux * ry - uy * rx < 0) mirrored++;
      angles.push((Math.atan2(ux, -uy) * 180) / Math.PI);
    }
    expect(single).toBeGreaterThan(100);
    expect(Math.abs(mirrored / single - 0.5)).toBeLessThan(0.18);
    // Now and then two of them lie over each other, and make one dot.
    scales.sort((a, b) => a - b);
    const quantile = (q: number) => scales[Math.floor(q * scales.length)];
    expect([quantile(0.05), quantile(0.5), quantile(0.95)].map((scale) => Math.round(scale * 10) / 10)).toEqual([0.8, 0.9, 1]);
    expect(Math.max(...angles)).toBeLessThan(92);
    expect(Math.min(...angles)).toBeGreaterThan(-92);
    expect(Math.max(...angles)).toBeGreaterThan(70);
    expect(Math.min(...angles)).toBeLessThan(-70);
  });
});

/** The pieces of a hole with area, centre and whether they touch the border. */
function components(mask: Float32Array, side: number) {
  const seen = new Uint8Array(mask.length);
  const out: { area: number; x: number; y: number; touches: boolean }[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (seen[start] || !mask[start]) continue;
    const piece = { area: 0, x: 0, y: 0, touches: false };
    const stack = [start];
    seen[start] = 1;
    while (stack.length > 0) {
      const i = stack.pop()!;
      const [x, y] = [i % side, Math.floor(i / side)];
      piece.area++;
      piece.x += x;
      piece.y += y;
      piece.touches ||= x === 0 || y === 0 || x === side - 1 || y === side - 1;
      for (const j of [x > 0 ? i - 1 : -1, x < side - 1 ? i + 1 : -1, i - side, i + side]) {
        if (j >= 0 && j < mask.length && mask[j] && !seen[j]) {
          seen[j] = 1;
          stack.push(j);
        }
      }
    }
    out.push({ ...piece, x: piece.x / piece.area, y: piece.y / piece.area });
  }
  return out;
}

describe('canvas', () => {
  it('draws a line as a naive loop would', () => {
    const canvas = emptyCanvas(24);
    const [from, to]: [Point, Point] = [
      [3.3, 20.1],
      [18.7, 5.2],
    ];
    drawLine(canvas, from, to, 2.5, 4);
    for (let i = 0; i < 576; i++) {
      const [x, y] = [(i % 24) + 0.5, Math.floor(i / 24) + 0.5];
      const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
      const along = Math.max(0, Math.min(1, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)));
      const away = Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
      expect(canvas.data[i]).toBe(away <= 2.5 + 1.5 * along ? 1 : 0);
    }
  });

  it('fills a polygon by winding, cut off at the border', () => {
    const canvas = emptyCanvas(20);
    // A pentagram: its middle is gone round twice.
    const star = [0, 2, 4, 1, 3].map((i): Point => [12 + 11 * Math.sin((i * 2 * Math.PI) / 5), 9 - 11 * Math.cos((i * 2 * Math.PI) / 5)]);
    drawPolygon(canvas, star);
    for (let i = 0; i < 400; i++) {
      const [x, y] = [(i % 20) + 0.5, Math.floor(i / 20) + 0.5];
      let turned = 0;
      star.forEach(([x0, y0], j) => {
        const [x1, y1] = star[(j + 1) % 5];
        const [ax, ay, bx, by] = [x0 - x, y0 - y, x1 - x, y1 - y];
        turned += Math.atan2(ax * by - ay * bx, ax * bx + ay * by);
      });
      expect(canvas.data[i]).toBe(Math.abs(turned) > 1 ? 1 : 0);
    }
    expect(canvas.data[9 * 20 + 12]).toBe(1);
    drawPolygon(canvas, [
      [-5, 30],
      [-2, 40],
      [30, 50],
    ]);
  });
});

describe('preview', () => {
  it('shows masks row by row, with gaps between', async () => {
    const source = of('rectangles');
    const { width, height, channels, data } = maskPreview(source, 3, 2, 4);
    expect([width, height, channels]).toEqual([3 * 66 - 2, 2 * 66 - 2, 1]);
    for (let i = 0; i < 6; i++) {
      const mask = source.at(4 + i);
      for (let y = 0; y < size; y++) {
        const start = (Math.floor(i / 3) * 66 + y) * width + (i % 3) * 66;
        expect(Array.from(data.slice(start, start + size))).toEqual(Array.from(mask.slice(y * size, (y + 1) * size), (value) => value * 255));
      }
    }
    expect(data[64]).toBe(128);
    const file = await sharp(await encodePicture({ width, height, channels, data }, { format: 'png' })).metadata();
    expect([file.format, file.width, file.height]).toEqual(['png', width, height]);
  });
});

it('checks its options', () => {
  for (const more of [
    { size: 7 },
    { seed: 0.5 },
    { kinds: [] },
    { kinds: ['stars'] },
    { coverage: [0, 0.5] },
    { coverage: [0.5, 0.4] },
    { coverage: [0.5, 1] },
  ]) {
    expect(() => maskSource({ size, ...more } as never)).toThrow(/^maskSource: \w+ must be/);
  }
  expect(() => maskSource({ size, kinds: ['templates'] })).toThrow(/maskSource: templates must be/);
  expect(() => of('spots').at(-1)).toThrow(/maskSource: position must be/);
  expect(() => maskPreview(of('spots'), 0, 1)).toThrow(/maskPreview: columns must be/);
});
