/**
 * Writes test/golden/hifill_small.json: what the network gives for a small cut of the golden picture, computed by the
 * tensorflow backend, which agrees with the reference values at full size. Run after a change of the cut or of the weights.
 */
import { writeFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../test/setup/tensorflow';
import { hifill } from '../src/generators/hifill';
import { hifillNetwork } from '../src/generators/hifill/network';
import { runNetwork } from '../src/generators/network';
import { smallInput } from '../test/support/hifill';
import { proceduralWeights } from '../test/support/procedural-weights';

const generator = hifill(proceduralWeights('cra_generator'));
const { image, hole } = smallInput();
const { coarse, image: fill, scores } = runNetwork(hifillNetwork(), generator.weights, image, hole);
const rounded = (x: Tensor) => Array.from(x.dataSync(), (v) => Number(v.toFixed(6)));
const golden = { coarse: rounded(coarse), image: rounded(fill), scores: rounded(scores) };
writeFileSync(new URL('../test/golden/hifill_small.json', import.meta.url), `${JSON.stringify(golden)}\n`);
