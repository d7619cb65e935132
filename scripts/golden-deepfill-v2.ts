/**
 * Writes test/golden/deepfill_v2_small.json: what the network gives for a small cut of the golden picture, computed by the
 * tensorflow backend, which agrees with the reference values at full size. Run after a change of the cut or of the weights.
 */
import { writeFileSync } from 'node:fs';
import '../test/setup/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { deepfillV2 } from '../src/generators/deepfill-v2';
import { deepfillNetwork } from '../src/generators/deepfill-v2/network';
import { runNetwork } from '../src/generators/network';
import { generatorWeights, smallInput } from '../test/support/deepfill-v2';

const generator = deepfillV2(generatorWeights());
const { image, hole } = smallInput();
const state = runNetwork(deepfillNetwork(false), generator.weights, image, hole);
const everyOther = (x: tf.Tensor) => tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 2, 2, 1]);
const rounded = (x: tf.Tensor) => Array.from(x.dataSync(), (v) => Number(v.toFixed(6)));
const golden = {
  coarse: rounded(everyOther(state.coarse)),
  image: rounded(everyOther(state.image)),
  scores: rounded(state.scores),
};
writeFileSync(new URL('../test/golden/deepfill_v2_small.json', import.meta.url), `${JSON.stringify(golden)}\n`);
