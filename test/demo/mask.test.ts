import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Point } from '../../demo/src/box';
import { History } from '../../demo/src/history';
import { Mask } from '../../demo/src/mask';
import { capsule, polygon, rectangle, type Shape } from '../../demo/src/shapes';
import { Tools } from '../../demo/src/tools';

// The demo page's mask: shapes against a naive loop over all pixels, and undo against copies of the whole mask.
const [WIDTH, HEIGHT] = [150, 140];
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const point = fc.record({ x: fc.double({ min: -30, max: 180, noNaN: true }), y: fc.double({ min: -30, max: 170, noNaN: true }) });

function filled(shape: Shape): Mask {
  const mask = new Mask(WIDTH, HEIGHT);
  mask.fill(shape, true);
  return mask;
}

function expectAs(mask: Mask, isHole: (x: number, y: number) => boolean | undefined) {
  let count = 0;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const hole = mask.data[y * WIDTH + x] === 255;
      if (hole) count++;
      const expected = isHole(x + 0.5, y + 0.5);
      if (expected !== undefined && expected !== hole) expect.fail(`pixel ${x}, ${y} is ${hole ? 'hole' : 'kept'}`);
    }
  }
  expect(mask.holePixels).toBe(count);
}

describe('shapes', () => {
  test.prop([point, point, fc.double({ min: 0.5, max: 40, noNaN: true })])('a stroke is what is within its radius', (a, b, radius) => {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const square = dx * dx + dy * dy;
    expectAs(filled(capsule(a, b, radius)), (x, y) => {
      const along = square > 0 ? Math.min(Math.max(((x - a.x) * dx + (y - a.y) * dy) / square, 0), 1) : 0;
      const away = Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
      return Math.abs(away - radius) < 1e-6 ? undefined : away < radius;
    });
  });

  it('a stroke between points that are next to no way apart is a dot', () => {
    for (const near of [Number.MIN_VALUE, 1e-300, 1e-10]) {
      expect(same(filled(capsule({ x: near, y: -near }, { x: 0, y: 0 }, 3)).data, filled(capsule({ x: 0, y: 0 }, { x: 0, y: 0 }, 3)).data)).toBe(true);
    }
  });

  test.prop([fc.array(point, { minLength: 3, maxLength: 12 })])('a lasso is what it winds around', (points) => {
    expectAs(filled(polygon(points)), (x, y) => {
      let angle = 0;
      for (let i = 0; i < points.length; i++) {
        const [a, b] = [points[i], points[(i + 1) % points.length]];
        const cross = (a.x - x) * (b.y - y) - (b.x - x) * (a.y - y);
        const dot = (a.x - x) * (b.x - x) + (a.y - y) * (b.y - y);
        // On an edge, or as good as on one.
        if (Math.abs(cross) < 1e-6 && dot <= 0) return undefined;
        angle += Math.atan2(cross, dot);
      }
      return Math.round(angle / (2 * Math.PI)) !== 0;
    });
  });

  it('a lasso that crosses itself has no gap in its middle', () => {
    const star = [0, 2, 4, 1, 3].map((corner) => ({ x: 70 + 60 * Math.sin((corner * 2 * Math.PI) / 5), y: 70 - 60 * Math.cos((corner * 2 * Math.PI) / 5) }));
    expect(filled(polygon(star)).data[70 * WIDTH + 70]).toBe(255);
  });

  test.prop([point, point])('a rectangle is what lies between its corners', (a, b) => {
    expectAs(filled(rectangle(a, b)), (x, y) => {
      if ([a.x, b.x].includes(x) || [a.y, b.y].includes(y)) return undefined;
      return x > Math.min(a.x, b.x) && x < Math.max(a.x, b.x) && y > Math.min(a.y, b.y) && y < Math.max(a.y, b.y);
    });
  });
});

describe('history', () => {
  const step = fc.oneof(
    fc.record({ tool: fc.constantFrom('brush', 'eraser', 'lasso', 'rectangle'), path: fc.array(point, { minLength: 1, maxLength: 5 }) }),
    fc.constantFrom('undo', 'redo', 'clear', 'invert', 'cancel', 'switch'),
  );

  test.prop([fc.array(step, { maxLength: 25 })])('undo and redo bring back every state, whatever was done', (steps) => {
    const masks = [new Mask(WIDTH, HEIGHT), new Mask(WIDTH, HEIGHT)];
    const history = new History(masks);
    const tools = new Tools();
    let mask = masks[0];
    tools.use(mask, history);
    const now = () => Buffer.concat(masks.map(({ data }) => data));
    const states = [now()];
    let at = 0;
    const record = () => {
      if (same(now(), states[at])) return;
      states.splice(++at, Infinity, now());
    };
    for (const each of steps) {
      if (each === 'undo') {
        if (at > 0) at--;
        history.undo();
      } else if (each === 'redo') {
        if (at < states.length - 1) at++;
        history.redo();
      } else if (each === 'switch') {
        mask = masks[mask === masks[0] ? 1 : 0];
        tools.use(mask, history);
      } else if (each === 'cancel') {
        tools.name = 'brush';
        tools.press({ x: 70, y: 70 });
        tools.cancel();
      } else if (each === 'clear' || each === 'invert') {
        history.step(() => mask[each]());
        record();
      } else {
        tools.name = each.tool as Tools['name'];
        tools.press(each.path[0] as Point);
        tools.move(each.path.slice(1));
        tools.release();
        record();
      }
      expect(same(now(), states[at])).toBe(true);
      for (const { data, holePixels } of masks) expect(holePixels).toBe(data.reduce((sum, value) => sum + value / 255, 0));
      expect([history.canUndo, history.canRedo]).toEqual([at > 0, at < states.length - 1]);
    }
  });

  it('takes fills among its steps: each takes what was painted, and is named when it is undone or done again', () => {
    const mask = new Mask(WIDTH, HEIGHT);
    const history = new History<string>([mask]);
    const paint = (x: number) => history.step(() => mask.fill(capsule({ x, y: 70 }, { x, y: 70 }, 5), true));
    const fill = (name: string) => history.step(() => mask.clear(), name);
    paint(20);
    fill('first');
    expect([mask.holePixels, history.lastFill]).toEqual([0, 'first']);
    paint(60);
    const painted = mask.data.slice();
    expect(history.lastFill).toBeUndefined();
    fill('second');
    // A fill is a step though nothing was painted, and so nothing taken.
    fill('third');
    expect([history.undo(), history.nextFill, mask.holePixels]).toEqual(['third', 'third', 0]);
    expect(history.undo()).toBe('second');
    expect(same(mask.data, painted)).toBe(true);
    expect([history.undo(), history.undo()]).toEqual([undefined, 'first']);
    expect([history.redo(), history.redo(), history.nextFill]).toEqual(['first', undefined, 'second']);
    history.forgetUndone();
    expect([history.canRedo, history.redo(), history.nextFill]).toEqual([false, undefined, undefined]);
    expect(same(mask.data, painted)).toBe(true);
  });

  it('a fill stays the last while only other masks than its own are changed, and can be put after those changes', () => {
    const [mask, avoid] = [new Mask(WIDTH, HEIGHT), new Mask(WIDTH, HEIGHT)];
    const history = new History<string>([mask, avoid]);
    const paint = (into: Mask, x: number) => history.step(() => into.fill(capsule({ x, y: 70 }, { x, y: 70 }, 5), true));
    paint(mask, 20);
    history.step(() => mask.clear(), 'fill');
    paint(avoid, 60);
    paint(avoid, 100);
    expect(history.lastFill).toBe('fill');
    history.raiseLastFill();
    expect(history.undo()).toBe('fill');
    // Undone are the fill, then the marks, then what was painted before.
    expect([mask.data[70 * WIDTH + 20], avoid.data[70 * WIDTH + 60], avoid.data[70 * WIDTH + 100]]).toEqual([255, 255, 255]);
    history.undo();
    history.undo();
    expect([mask.data[70 * WIDTH + 20], avoid.holePixels]).toEqual([255, 0]);
    for (let i = 0; i < 3; i++) history.redo();
    expect([history.lastFill, mask.holePixels, avoid.data[70 * WIDTH + 100]]).toEqual(['fill', 0, 255]);
    paint(mask, 40);
    expect(history.lastFill).toBeUndefined();
    history.raiseLastFill();
    expect(history.undo()).toBeUndefined();
    expect([history.lastFill, mask.holePixels]).toEqual(['fill', 0]);
  });

  it('forgets the oldest steps beyond its limit', () => {
    const mask = new Mask(512, 512);
    // Room for two steps of one tile of 128 x 128 bits.
    const history = new History([mask], () => undefined, 4096);
    for (const y of [10, 200, 400]) history.step(() => mask.fill(capsule({ x: 20, y }, { x: 20, y }, 5), true));
    history.undo();
    history.undo();
    expect(history.canUndo).toBe(false);
    expect([mask.data[10 * 512 + 20], mask.data[200 * 512 + 20]]).toEqual([255, 0]);
  });
});

describe('runs', () => {
  const step = fc.oneof(
    fc.record({ a: point, b: point, radius: fc.double({ min: 0.5, max: 30, noNaN: true }), hole: fc.boolean() }),
    fc.constantFrom('undo', 'redo', 'clear', 'invert'),
  );

  test.prop([fc.array(step, { maxLength: 12 })])('are the pixels, whatever was painted and undone', (steps) => {
    const mask = new Mask(WIDTH, HEIGHT);
    const history = new History([mask]);
    for (const each of steps) {
      if (each === 'undo' || each === 'redo') history[each]();
      else history.step(() => (typeof each === 'string' ? mask[each]() : mask.fill(capsule(each.a, each.b, each.radius), each.hole)));
    }
    const { runs } = mask.toRuns();
    const drawn = new Uint8Array(WIDTH * HEIGHT);
    for (let n = 0; n < runs.length; n += 3) {
      const [row, from, to] = runs.subarray(n, n + 3);
      drawn.fill(255, row * WIDTH + from, row * WIDTH + to);
      // One run for each stretch, by rows and columns: as the library wants them.
      if (n > 0) expect(row > runs[n - 3] || from > runs[n - 1]).toBe(true);
    }
    expect(same(drawn, mask.data)).toBe(true);
  });
});

describe('mask files', () => {
  it('white is hole, of any depth, and only where it is opaque', () => {
    const mask = new Mask(4, 1);
    mask.load({ channels: 1, data: Uint16Array.of(0, 60 * 257, 64 * 257, 65535) });
    expect([...mask.data]).toEqual([0, 0, 255, 255]);
    mask.load({ channels: 2, data: Uint8Array.of(255, 255, 255, 0, 0, 255, 255, 128) });
    expect([...mask.data]).toEqual([255, 0, 0, 255]);
    expect(mask.holePixels).toBe(2);
  });
});
