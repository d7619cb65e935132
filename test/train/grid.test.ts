import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { pictureGrid } from '../../src/train/grid';
import { expectNoLeak } from '../support/values';

/** A batch of pictures of one colour each. */
const plain = (colours: number[][], height: number, width: number) =>
  tf.tensor4d(
    colours.flatMap((colour) => Array.from({ length: height * width }, () => colour).flat()),
    [colours.length, height, width, colours[0].length],
  );

describe('pictureGrid', () => {
  it('has a row for each picture and a column for each tensor, in their order', async () => {
    const truth = plain(
      [
        [-1, 0, 1],
        [0.5, 0.5, 0.5],
        [1, 1, 1],
      ],
      4,
      5,
    );
    const hole = plain([[1], [0], [0.5]], 4, 5);
    const { width, height, channels, data } = await pictureGrid({ truth, hole }, { rows: 2, gap: 1 });
    expect([width, height, channels]).toEqual([11, 9, 3]);
    for (let y = 0; y < 9; y++) {
      for (let x = 0; x < 11; x++) {
        const shown =
          x < 5
            ? [
                [0, 128, 255],
                [191, 191, 191],
              ][y < 4 ? 0 : 1]
            : y < 4
              ? [255, 255, 255]
              : [0, 0, 0];
        expect([...data.slice((y * 11 + x) * 3, (y * 11 + x) * 3 + 3)]).toEqual(x === 5 || y === 4 ? [128, 128, 128] : shown);
      }
    }
    expect((await pictureGrid({ truth })).height).toBe(3 * 4 + 2 * 2);
    tf.dispose([truth, hole]);
  });

  it('enlarges what is smaller, turns BGR round, cuts off and shows NaN', async () => {
    const small = tf.tensor4d([-1, 0, 1, 5, -5, 1, Number.NaN, 0, 0, 0.2, 0.2, 0.2], [1, 2, 2, 3]);
    const large = plain([[-1, -1, -1]], 4, 6);
    const { width, data } = await pictureGrid({ large, small }, { order: 'bgr', gap: 0 });
    const pixel = (x: number, y: number) => [...data.slice((y * width + 6 + x) * 3, (y * width + 6 + x) * 3 + 3)];
    expect([pixel(0, 0), pixel(2, 1), pixel(3, 0), pixel(5, 1)]).toEqual([
      [255, 128, 0],
      [255, 128, 0],
      [255, 0, 255],
      [255, 0, 255],
    ]);
    expect([pixel(2, 2), pixel(3, 3)]).toEqual([
      [255, 0, 255],
      [153, 153, 153],
    ]);
    const { data: cut } = await pictureGrid({ small }, { gap: 0 });
    expect([...cut.slice(3, 6)]).toEqual([255, 0, 255]);
    expect([...cut.slice(9, 12)]).toEqual([153, 153, 153]);
    tf.dispose([small, large]);
  });

  it('leaves no tensors behind, and checks what it is given', async () => {
    const [x, two, three] = [plain([[0, 0, 0]], 3, 3), plain([[0, 0]], 3, 3), plain([[0], [0]], 3, 3)];
    await expectNoLeak(async () => {
      await pictureGrid({ x });
      await expect(pictureGrid({})).rejects.toThrow(/pictureGrid: columns must be/);
      await expect(pictureGrid({ x, two })).rejects.toThrow(/pictureGrid: two must be BHW3/);
      await expect(pictureGrid({ x, three })).rejects.toThrow(/pictureGrid: three must be of a batch of 1/);
      await expect(pictureGrid({ x }, { rows: 0 })).rejects.toThrow(/pictureGrid: rows must be/);
    });
    tf.dispose([x, two, three]);
  });
});
