import { expect } from 'vitest';
import { MaskError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import type { FillRule } from '../../src/shapes/area';

export interface Size {
  width: number;
  height: number;
}

/** Whether a place is marked, by its x and y. */
export type Test = (x: number, y: number) => boolean;

/** A mask drawn by hand: each pixel's centre is asked for. */
export function drawn({ width, height }: Size, isMarked: Test): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, p) => (isMarked((p % width) + 0.5, Math.floor(p / width) + 0.5) ? 255 : 0));
}

/** Expects a mask to be, bit for bit, as drawn by hand. */
export function expectDrawn(mask: Picture, isMarked: Test): void {
  const { width, height, channels, data } = mask;
  expect([channels, data.constructor.name]).toEqual([1, 'Uint8Array']);
  const wrong = drawn(mask, isMarked).findIndex((value, p) => value !== data[p]);
  expect(wrong < 0 ? 'all agree' : `${wrong % width}, ${Math.floor(wrong / width)} of ${width} x ${height} is ${data[wrong]}`).toBe('all agree');
}

/** Expects it wherever the edge is further away than so many pixels, by a distance that is negative inside. Edges are neither. */
export function expectWithin(mask: Picture, edge: number, distance: (x: number, y: number) => number): void {
  let [inside, outside] = [0, 0];
  for (let row = 0, p = 0; row < mask.height; row++) {
    for (let column = 0; column < mask.width; column++, p++) {
      const away = distance(column + 0.5, row + 0.5);
      if (Math.abs(away) <= edge) continue;
      if (away < 0) inside++;
      else outside++;
      if (mask.data[p] !== (away < 0 ? 255 : 0)) expect.fail(`${column}, ${row} is ${mask.data[p]}, ${away} from the edge`);
    }
  }
  expect(Math.min(inside, outside)).toBeGreaterThan(0);
}

/** What outlines enclose, by a ray to the left. Coordinates are x, y, x, y, ... */
export function insideOf(rings: readonly (readonly number[])[], rule: FillRule): Test {
  return (x, y) => {
    let [crossed, wound] = [0, 0];
    for (const ring of rings) {
      for (let n = 0; n < ring.length; n += 2) {
        const [ax, ay, bx, by] = [ring[n]!, ring[n + 1]!, ring[(n + 2) % ring.length]!, ring[(n + 3) % ring.length]!];
        const [x0, y0, x1, y1] = ay < by ? [ax, ay, bx, by] : [bx, by, ax, ay];
        if (y0 <= y && y < y1 && x0 + (y - y0) * ((x1 - x0) / (y1 - y0)) <= x) {
          crossed++;
          wound += ay < by ? 1 : -1;
        }
      }
    }
    return rule === 'evenodd' ? crossed % 2 === 1 : wound !== 0;
  };
}

/** How far a place is from a line of points. */
export function distanceToLine(points: readonly number[], closed = false): (x: number, y: number) => number {
  return (x, y) => {
    let least = Math.hypot(x - points[0]!, y - points[1]!);
    for (let n = 0; n < points.length - (closed ? 0 : 2); n += 2) {
      const [ax, ay, bx, by] = [points[n]!, points[n + 1]!, points[(n + 2) % points.length]!, points[(n + 3) % points.length]!];
      const square = (bx - ax) ** 2 + (by - ay) ** 2;
      const t = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square));
      least = Math.min(least, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
    }
    return least;
  };
}

/** Expects shapes to be refused by a code, in words that match. */
export function expectRefused(make: () => unknown, message: string | RegExp, code = 'mask-shapes'): void {
  let error: unknown;
  try {
    make();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(MaskError);
  expect((error as MaskError).code).toBe(code);
  expect((error as MaskError).message).toMatch(message);
}
