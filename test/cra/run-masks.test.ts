import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { fillPatches } from '../../src/cra/fill-patches';
import { inpaint } from '../../src/cra/inpaint';
import { contentsOf, contentsOfRuns } from '../../src/cra/mask-contents';
import { ArgumentError, MaskError, ShapeError } from '../../src/errors';
import type { HoleColour } from '../../src/pixels/seam';
import { maskFrom, type RunMask, type Shapes } from '../../src/shapes';
import type { Warning } from '../../src/warning';
import { expectFailure, hasty, scene } from './support';

const [W, H] = [64, 48];
const photo = scene(W, H);
await tf.setBackend('cpu');

/** A mask that nobody may look at but by its runs. */
const unseen = (mask: RunMask): RunMask =>
  Object.defineProperty({ ...mask }, 'data', {
    get() {
      throw new Error('the pixels of the mask were asked for');
    },
  });
const pixelsOf = ({ width, height, channels, data }: RunMask) => ({ width, height, channels, data });
const options = { workingSize: 40, generator: hasty(), onWarning: () => undefined };

describe('a mask that is held in runs fills what its pixels would', () => {
  const boxes: Shapes = [{ box: [10, 8, 14, 12] }, { stroke: [40, 10, 55, 40], width: 3 }];
  const some = maskFrom(boxes, { width: W, height: H });
  const most = maskFrom({ polygon: [0, 0, W, 0, W, H, 0, H], holes: [[30, 20, 44, 20, 44, 30, 30, 30]] }, { width: W, height: H });

  it.each<[HoleColour, RunMask]>([
    ['white', some],
    ['black', most],
  ])('which are not made, where %s is the hole', async (hole, mask) => {
    const expected = await inpaint(photo, pixelsOf(mask), { ...options, hole });
    expect(expected.data).not.toEqual(photo.data);
    expect((await inpaint(photo, unseen(mask), { ...options, hole })).data).toEqual(expected.data);
  });

  it('in patches, too', async () => {
    let patches = 0;
    for await (const { picture } of fillPatches(photo, unseen(some), options)) patches += picture.width > 0 ? 1 : 0;
    expect(patches).toBeGreaterThan(0);
  });
});

describe('what is said of one', () => {
  it.each<[string, Shapes]>([
    ['nothing', []],
    ['everything', `0,0,${W},${H}`],
    ['most', { box: [0, 0, W, 40] }],
  ])('that marks %s is what is said of its pixels', async (_, shapes) => {
    const mask = maskFrom(shapes, { width: W, height: H });
    expect(contentsOfRuns(mask)).toEqual(contentsOf(pixelsOf(mask)));
    const said = async (given: RunMask | ReturnType<typeof pixelsOf>) => {
      const warnings: Warning[] = [];
      const failed = await inpaint(photo, given, { ...options, onWarning: (warning) => void warnings.push(warning) }).then(
        () => undefined,
        ({ code, message }) => ({ code, message }),
      );
      return { warnings, failed };
    };
    const expected = await said(pixelsOf(mask));
    expect(expected.failed ?? expected.warnings[0]).toBeDefined();
    expect(await said(unseen(mask))).toEqual(expected);
  });

  it('of another size, without alpha, or whose runs are not in it, is an error', async () => {
    const other = maskFrom([], { width: W, height: H + 1 });
    const mask = maskFrom({ box: [1, 1, 5, 5] }, { width: W, height: H });
    await expectFailure(() => inpaint(photo, other, options), MaskError, 'mask-size');
    await expectFailure(() => inpaint(photo, mask, { ...options, hole: 'alpha' }), ArgumentError, 'argument');
    await expectFailure(() => inpaint(photo, { ...mask, height: 3 }, options), ShapeError, 'shape');
  });
});
