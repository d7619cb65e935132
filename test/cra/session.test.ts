import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions } from '../../src/cra/options';
import { openSession, type Session, type SessionPatch } from '../../src/cra/session';
import { AbortError, ArgumentError, MaskError, ShapeError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { copyOf, viewOf } from '../../src/pixels/view';
import { maskFrom } from '../../src/shapes';
import { expectNoLeak } from '../support/values';
import { expectFailure, hasty, maskOf, scene } from './support';

const [W, H] = [300, 140];
const options: InpaintOptions = { workingSize: 48, grow: 0, feather: 3, thin: 0, generator: hasty(), seed: 5 };
const first = { shapes: [{ box: [20, 30, 12, 12] as const }, { box: [250, 100, 14, 9] as const }] };
const second = { shapes: { box: [26, 36, 20, 10] as const } };

/** Values are compared here: a matcher takes seconds for many of them. */
function expectSame(actual: Picture, expected: Picture): void {
  expect([actual.width, actual.height, actual.channels, actual.data.constructor]).toEqual([
    expected.width,
    expected.height,
    expected.channels,
    expected.data.constructor,
  ]);
  expect(actual.data.findIndex((value, i) => value !== expected.data[i])).toBe(-1);
}
const isOther = (one: Picture, other: Picture) => one.data.some((value, i) => value !== other.data[i]);
const filled = (photo: Picture, { shapes }: typeof first | typeof second) => inpaint(photo, maskFrom(shapes, photo), options);

/** Lays whole rectangles over what is shown, as a page does. */
function draw(shown: Picture, patches: SessionPatch[]): void {
  for (const { top, left, picture } of patches) {
    for (let y = 0; y < picture.height; y++) {
      const row = picture.data.subarray(y * picture.width * picture.channels, (y + 1) * picture.width * picture.channels);
      shown.data.set(row, ((top + y) * shown.width + left) * shown.channels);
    }
  }
}

const kinds: [string, Picture][] = [
  ['8 bits', scene(W, H)],
  ['16 bits and alpha', scene(W, H, 4, 16)],
  ['grey', scene(W, H, 1)],
];

describe.each(kinds)('a session of %s', (_, photo) => {
  it('fills what is there by then, as inpaint() does, and goes back and forth, bit for bit; what is drawn of its patches is what it has', async () => {
    const session = await openSession(photo);
    const one = await filled(photo, first);
    const two = await filled(one, second);
    expect(isOther(one, photo) && isOther(two, one)).toBe(true);
    const shown = copyOf(photo);
    const see = async (step: Promise<{ patches: SessionPatch[]; canUndo: boolean; canRedo: boolean }>, expected: Picture, state: [boolean, boolean]) => {
      const { patches, canUndo, canRedo } = await step;
      draw(shown, patches);
      expectSame(shown, expected);
      expectSame(await session.toPicture(), expected);
      expect([canUndo, canRedo]).toEqual(state);
      expect([session.canUndo, session.canRedo]).toEqual(state);
    };
    await see(session.fill(first, options), one, [true, false]);
    await see(session.fill(second, options), two, [true, false]);
    expectSame(await session.original(), photo);
    await see(session.undo(), one, [true, true]);
    await see(session.undo(), photo, [false, true]);
    await see(session.undo(), photo, [false, true]);
    await see(session.redo(), one, [true, true]);
    await see(session.redo(), two, [true, false]);
    await see(session.redo(), two, [true, false]);
    await see(session.undo(), one, [true, true]);
    await see(session.fill(second, options), two, [true, false]);
    const box = { top: 30, left: 10, bottom: 60, right: 70 };
    expectSame(await session.original(box), copyOf(viewOf(photo, box)));
    expectSame(await session.toPicture(box), copyOf(viewOf(two, box)));
  });
});

describe.each(kinds)('pixels laid over %s', (_, photo) => {
  it('are a step, the last where they overlap, and refused where they are of another kind or do not fit', async () => {
    const session = await openSession(photo);
    const part = (from: Picture, top: number, left: number) => copyOf(viewOf(from, { top, left, bottom: top + 30, right: left + 40 }));
    const others = { ...photo, data: photo.data.map((value) => 200 - value / 2) };
    const patches = [
      { top: 20, left: 30, picture: part(others, 20, 30) },
      { top: 40, left: 50, picture: part(others, 0, 0) },
    ];
    const expected = copyOf(photo);
    draw(expected, patches);
    const shown = copyOf(photo);
    const { patches: changed, canUndo } = await session.lay(patches);
    draw(shown, changed);
    expectSame(shown, expected);
    expectSame(await session.toPicture(), expected);
    expect(canUndo).toBe(true);
    patches[0].picture.data.fill(0);
    await session.undo();
    expectSame(await session.toPicture(), photo);
    await session.redo();
    expectSame(await session.toPicture(), expected);
    expectSame(await session.original(), photo);
    expect((await session.lay([])).patches).toEqual([]);

    const other = scene(10, 10, photo.channels === 3 ? 1 : 3);
    for (const patch of [
      { top: 0, left: 0, picture: other },
      { top: H - 29, left: 0, picture: part(photo, 0, 0) },
    ])
      await expectFailure(() => session.lay([patch]), ShapeError, 'shape');
    expectSame(await session.toPicture(), expected);
  });
});

describe('a session', () => {
  const photo: Picture = { ...scene(W, H), metadata: { format: 'jpeg', density: 72 } };
  const opened = (more: { history?: number } = {}): Promise<Session> => openSession(photo, more);
  const before = copyOf(photo);

  it('leaves the photo that it was opened from as it was, and keeps what it carries', async () => {
    const session = await opened();
    await session.fill(first, options);
    expectSame(photo, before);
    expect((await session.toPicture()).metadata).toEqual(photo.metadata);
    expect(session).toMatchObject({ width: W, height: H, channels: 3, bits: 8 });
  });

  it('leaves nothing on the backend', async () => {
    await expectNoLeak(async () => {
      const session = await opened();
      await session.fill(first, options);
      await session.undo();
    });
  });

  it('takes masks as pictures, of any colour, and in runs', async () => {
    const session = await opened();
    const black = maskOf(W, H, (y, x) => !(x >= 20 && x < 32 && y >= 30 && y < 42));
    await session.fill(black, { ...options, hole: 'black' });
    expectSame(await session.toPicture(), await inpaint(photo, black, { ...options, hole: 'black' }));
    await session.undo();
    const runs = maskFrom(first.shapes, photo);
    Object.defineProperty(runs, 'data', { get: () => expect.unreachable() });
    await session.fill(runs, options);
    expectSame(await session.toPicture(), await filled(photo, first));
  });

  it('does what it is asked for in order, be it asked all at once', async () => {
    const session = await opened();
    const all = [session.fill(first, options), session.undo(), session.fill(second, options), session.toPicture(), session.undo(), session.toPicture()];
    const [, , , there, , gone] = await Promise.all(all);
    expectSame(there as Picture, await filled(photo, second));
    expectSame(gone as Picture, photo);
  });

  it.each<[string, object, object, new () => Error, string]>([
    ['a mask of another size', maskOf(3, 3, () => true), {}, MaskError as never, 'mask-size'],
    ['shapes that are none', { shapes: [{ box: 'x' }] }, {}, MaskError as never, 'mask-shapes'],
    ['an option out of range', first, { seed: -1 }, ArgumentError as never, 'argument'],
  ])('that fails by %s has not changed, and goes on', async (_, mask, more, type, code) => {
    const session = await opened();
    await session.fill(second, options);
    await session.undo();
    await expectFailure(() => session.fill(mask as Picture, { ...options, ...more }), type as never, code as never);
    expectSame(await session.toPicture(), photo);
    expect([session.canUndo, session.canRedo]).toEqual([false, true]);
    await session.fill(first, options);
    expectSame(await session.toPicture(), await filled(photo, first));
  });

  it('that is aborted, late or early, has not changed, and goes on', async () => {
    for (const stage of ['plan', 'fill', 'detail', 'composite']) {
      const session = await opened();
      await session.fill(second, options);
      const controller = new AbortController();
      let heard = 0;
      const onProgress = (progress: { stage: string }) => {
        if (progress.stage !== stage) return;
        heard++;
        controller.abort('enough');
      };
      await expectFailure(() => session.fill(first, { ...options, signal: controller.signal, onProgress }), AbortError, 'aborted');
      expect(heard).toBeGreaterThan(0);
      expectSame(await session.toPicture(), await filled(photo, second));
      await session.undo();
      expectSame(await session.toPicture(), photo);
    }
  });

  it('whose generator fails at its second window has not changed', async () => {
    const session = await opened();
    let calls = 0;
    const generator = { ...hasty(), fill: (request: never) => (++calls === 2 ? Promise.reject(new RangeError('no more')) : hasty().fill(request)) };
    await expect(session.fill(first, { ...options, generator, workingSize: 16 })).rejects.toThrow('no more');
    expect(calls).toBe(2);
    expectSame(await session.toPicture(), photo);
    expect(session.canUndo).toBe(false);
  });

  it('a mask that marks nothing makes no step, and what was undone can still be done again', async () => {
    const session = await opened();
    await session.fill(first, options);
    await session.undo();
    const warnings: string[] = [];
    const step = await session.fill({ shapes: [] }, { ...options, onWarning: ({ code }) => warnings.push(code) });
    expect(step).toEqual({ patches: [], canUndo: false, canRedo: true });
    expect(warnings).toEqual(['mask-without-hole']);
  });

  it('forgets the oldest steps where they take more than it may keep, and knows the original all the same', async () => {
    // A step of these takes about 1400 bytes.
    const session = await opened({ history: 3000 });
    const box = (n: number) => ({ shapes: { box: [20 + 40 * n, 40, 14, 14] as const } });
    const states = [photo];
    for (let n = 0; n < 3; n++) {
      await session.fill(box(n), options);
      states.push(await session.toPicture());
    }
    let steps = 0;
    while (session.canUndo) {
      await session.undo();
      steps++;
    }
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(3);
    expectSame(await session.toPicture(), states[3 - steps]!);
    expectSame(await session.original(), photo);
    const none = await opened({ history: 0 });
    expect(await none.fill(first, options)).toMatchObject({ canUndo: false, canRedo: false, patches: [{}, {}] });
    expectSame(await none.toPicture(), await filled(photo, first));
    expectSame(await none.original(), photo);
    await expectFailure(() => opened({ history: -1 }), ArgumentError, 'argument');
  });

  it('opens a tensor, as a Picture of 16 bits', async () => {
    const tensor = tf.tensor3d(
      Float32Array.from(photo.data, (v) => v / 255),
      [H, W, 3],
    );
    const session = await openSession(tensor);
    tensor.dispose();
    expect((await session.toPicture()).data[7]).toBe(Math.round(Math.fround(photo.data[7]! / 255) * 65535));
  });

  it('refuses a box beyond the photo', async () => {
    const session = await opened();
    await expectFailure(() => session.toPicture({ top: 0, left: 0, bottom: H + 1, right: W }), ShapeError, 'shape');
    await expectFailure(() => session.original({ top: 0, left: 5, bottom: H, right: 5 }), ShapeError, 'shape');
  });

  it('that is disposed of ends what is under way, and refuses the rest', async () => {
    const session = await opened();
    const calls = [session.fill(first, options), session.toPicture()];
    session.dispose();
    session.dispose();
    for (const call of calls) await expect(call).rejects.toMatchObject({ constructor: AbortError, code: 'aborted' });
    await expectFailure(() => session.undo(), ArgumentError, 'argument');
    await expectFailure(() => session.fill(first, options), ArgumentError, 'argument');
  });

  it('shows each window before it has detail, small, and in its place', async () => {
    const session = await opened();
    const seen: { width: number; height: number; opaque: number }[] = [];
    const { patches } = await session.fill(first, {
      ...options,
      onPreview: ({ box, picture }) => {
        seen.push({ width: picture.width, height: picture.height, opaque: picture.data.filter((value, i) => i % 4 === 3 && value === 255).length });
        expect(Math.max(picture.width, picture.height)).toBeLessThanOrEqual(48);
        expect(box.right - box.left).toBeGreaterThan(picture.width);
      },
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(patches.length).toBe(seen.length);
    for (const { opaque, width, height } of seen) {
      expect(opaque).toBeGreaterThan(4);
      expect(opaque).toBeLessThan((width * height) / 2);
    }
  });

  it('says what a fill would take: a guess first, then by how long fills took; and nothing changes', async () => {
    const session = await opened();
    const guess = await session.estimate(first, options);
    expect(guess).toMatchObject({ basis: 'guess', windows: 2 });
    expect(session.canUndo).toBe(false);
    const whole = { ...options, workingSize: 512 };
    const larger = await session.estimate({ shapes: { box: [60, 20, 150, 100] } }, whole);
    const smaller = await session.estimate(second, whole);
    expect(larger.seconds).toBeGreaterThan(smaller.seconds);
    expect(larger.bytes).toBeGreaterThan(smaller.bytes);
    // A clock that says ten seconds a look.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 10_000;
      return now;
    });
    await session.fill(first, options);
    clock.mockRestore();
    const measured = await session.estimate(first, options);
    expect(measured).toEqual({ ...guess, seconds: measured.seconds, basis: 'measured' });
    expect(measured.seconds).toBeGreaterThanOrEqual(10);
    expect(measured.seconds % 10).toBeCloseTo(0);
    expect(await session.estimate(first, { ...options, generator: { ...hasty(), name: 'another' } })).toMatchObject({ basis: 'guess' });
    const nothing = await session.estimate({ shapes: [] }, { ...options, onWarning: () => undefined });
    expect(nothing).toEqual({ seconds: 0, bytes: 0, windows: 0, basis: 'measured' });
    await expectFailure(
      () =>
        session.estimate(
          maskOf(3, 3, () => true),
          options,
        ),
      MaskError,
      'mask-size',
    );
  });
});
