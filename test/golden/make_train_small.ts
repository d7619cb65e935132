/**
 * Writes train_small.json: every loss of few channels at a small size, with gradients in all weights, as TensorFlow has
 * them. Run: npx tsx test/golden/make_train_small.ts
 */
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '../setup/tensorflow';
import { measured, smallLosses } from '../support/small-recipes';

const short = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(7)) : value);
const found: Record<string, unknown> = {};
for (const [name, make] of Object.entries(smallLosses)) {
  const start = performance.now();
  found[name] = await measured(make());
  console.log(name, `${Math.round(performance.now() - start)} ms`, JSON.stringify((found[name] as { losses: unknown }).losses), tf.getBackend());
}
writeFileSync(new URL('train_small.json', import.meta.url), `${JSON.stringify(found, (_, value) => short(value))}\n`);
