import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { readGolden } from '../support/golden';
import { values } from '../support/values';
it('smoke', async () => { expect(await values(tf.matMul(tf.ones([1, 2]), tf.ones([2, 1])))).toEqual([2]); expect((await readGolden('cra_units.safetensors')).size).toBeGreaterThan(10); });
