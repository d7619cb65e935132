import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
import { checkPicture } from '../../src/picture';
import { runsOf } from '../../src/pixels/runs';
import { blackRuns, isRunMask, maskOfRuns, whiteRuns } from '../../src/shapes/run-mask';

const runs = Uint32Array.of(1, 0, 3, 1, 5, 7, 3, 2, 7);
const mask = maskOfRuns(7, 5, runs);

describe('a mask held in runs', () => {
  it('is a Picture of one channel, whose pixels are made once', () => {
    checkPicture(mask, 'mask');
    expect(mask.data).toBe(mask.data);
    expect(mask.data.join('')).toBe(
      [0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0].join(''),
    );
  });

  it('can be copied and sent, with its pixels', () => {
    for (const copy of [{ ...mask }, structuredClone(mask)]) {
      expect(copy.data).toEqual(mask.data);
      expect(isRunMask(copy)).toBe(true);
    }
  });

  it('gives what is marked and what is not, as its pixels do', () => {
    expect(whiteRuns(mask)).toEqual(runsOf(mask, (p) => mask.data[p] === 255));
    expect(blackRuns(mask)).toEqual(runsOf(mask, (p) => mask.data[p] === 0));
  });

  it.each<[string, number[]]>([
    ['behind the last row', [5, 0, 1]],
    ['behind the last column', [4, 3, 8]],
    ['empty', [4, 3, 3]],
    ['backwards', [4, 5, 3]],
    ['above the one before', [4, 0, 1, 3, 0, 1]],
    ['touching the one before', [4, 0, 1, 4, 1, 2]],
    ['in half', [4, 0]],
  ])('has none that lies %s', (_, numbers) => {
    expect(() => maskOfRuns(7, 5, Uint32Array.from(numbers))).toThrow(ShapeError);
  });

  it('is told from pictures', () => {
    expect([mask, { ...mask, runs: undefined }, { ...mask, channels: 3 }, null, 'mask.png', { runs }].map(isRunMask)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
