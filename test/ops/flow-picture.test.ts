import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextualAttention } from '../../src/ops/contextual-attention';
import { flowPicture } from '../../src/ops/flow-picture';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectNoLeak, values } from '../support/values';

let golden: Map<string, Golden>;
beforeAll(async () => {
  golden = await readGolden('cra_units.safetensors');
});

/** The goldens are whole bytes, rounded down; a value a hair below a whole number may have been rounded to it. */
function expectBytes(actual: number[], bytes: ArrayLike<number>) {
  expect(actual.length).toBe(bytes.length);
  expectClose(
    actual.map((v) => 255 * v - 0.5),
    bytes,
    0.505 / 255,
  );
}

describe('flowPicture', () => {
  it('golden: the colours of seeded offsets', async () => {
    const offsets = goldenTensor(golden, 'flow_color.offset') as tf.Tensor4D;
    expectBytes(await values(flowPicture(offsets)), golden.get('flow_color.rgb')!.values);
  });

  for (const key of ['attention', 'attention_rect']) {
    it(`golden: the flow of ${key}, two pixels a cell`, async () => {
      const x = goldenTensor(golden, `${key}.x`) as tf.Tensor4D;
      const [y0, y1, x0, x1, height, width] = golden.get(`${key}.mask_rect_y0y1x0x1_size`)!.values;
      const hole = tf.pad(tf.ones([1, y1 - y0, x1 - x0, 1]), [
        [0, 0],
        [y0, height - y1],
        [x0, width - x1],
        [0, 0],
      ]) as tf.Tensor4D;
      const picture = flowPicture(contextualAttention(x, x, hole).offsets);
      const expected = golden.get(`${key}.soft_fuse.flow`)!;
      const enlarged = tf.image.resizeNearestNeighbor(picture, [expected.shape[1], expected.shape[2]]);
      expectBytes(
        await values(enlarged),
        expected.values.map((v) => Math.round((v + 1) * 127.5)),
      );
    });
  }

  it('values: no offset is white, opposite ways are told apart, and beyond the longest it darkens', async () => {
    const offsets = tf.tensor3d([0, 0, -2, 0, 2, 0, -4, 0], [1, 4, 2]);
    const [white, up, down, far] = (await flowPicture(offsets, { longest: 2 }).array())[0];
    expectClose(white, [1, 1, 1]);
    expectClose(
      far,
      up.map((v) => 0.75 * v),
    );
    expect(Math.hypot(...up.map((v, c) => v - down[c]))).toBeGreaterThan(0.5);
  });

  it('extremes: a field of zeros is white', async () => {
    expectClose(await values(flowPicture(tf.zeros([2, 2, 2], 'int32') as tf.Tensor3D)), Array(12).fill(1));
  });

  it('errors: typed, and named', () => {
    expect(() => flowPicture(tf.zeros([2, 2, 3]) as tf.Tensor3D)).toThrow(/flowPicture: offsets must be HW2/);
    expect(() => flowPicture(tf.zeros([2, 2, 2]) as tf.Tensor3D, { longest: 0 })).toThrow(/flowPicture: longest must be > 0/);
  });

  it('memory: leaves nothing behind', async () => {
    const offsets = tf.ones([2, 2, 2], 'int32') as tf.Tensor3D;
    await expectNoLeak(() => flowPicture(offsets));
  });
});
