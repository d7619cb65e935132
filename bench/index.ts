/**
 * Times single operations at the sizes that `inpaint` uses them at: `npm run bench -- [--backend wasm|cpu|tensorflow] [--only membrane]`.
 */
import util, { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { Bench } from 'tinybench';
import { attentionTransfer } from '../src/ops/attention-transfer';
import { composite } from '../src/ops/composite';
import { contextualAttention } from '../src/ops/contextual-attention';
import { feather, gaussianBlur } from '../src/ops/feather';
import { gate } from '../src/ops/gate';
import { growMask } from '../src/ops/mask';
import { membrane } from '../src/ops/membrane';
import { nearestPatches } from '../src/ops/nearest-patches';
import { partialConv2d } from '../src/ops/partial-conv2d';
import { resizeArea, resizeBilinear, resizeValid } from '../src/ops/resize';

const { values: options } = parseArgs({ options: { backend: { type: 'string', default: 'wasm' }, only: { type: 'string', default: '' } } });

tf.enableProdMode();
if (options.backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
else if (options.backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
else if (options.backend === 'tensorflow') {
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null; // gone in Node 23
  await import('@tensorflow/tfjs-node-gpu');
}
if (!(await tf.setBackend(options.backend))) throw new Error(`no backend ${options.backend}`);
await tf.ready();

/** A disc in the middle of a picture that covers a tenth of it. */
const discHole = (size: number): tf.Tensor3D =>
  tf.tidy(() => {
    const axis = tf.square(tf.linspace(-1, 1, size));
    return tf.expandDims(tf.cast(tf.less(tf.add(tf.reshape(axis, [size, 1]), axis), 0.4 / Math.PI), 'float32'), 2) as tf.Tensor3D;
  });

const small = tf.randomUniform<tf.Rank.R3>([512, 512, 3], -1, 1, 'float32', 1);
const large = tf.randomUniform<tf.Rank.R3>([2048, 2048, 3], -1, 1, 'float32', 2);
const smallHole = discHole(512);
const largeHole = discHole(2048);
const features = tf.randomUniform<tf.Rank.R4>([1, 32, 32, 128], -1, 1, 'float32', 3);
const cells = tf.expandDims<tf.Tensor4D>(discHole(32), 0);
const kernel = tf.randomUniform<tf.Rank.R4>([3, 3, 32, 32], -0.1, 0.1, 'float32', 4);
const planes = tf.randomUniform<tf.Rank.R4>([1, 128, 128, 32], -1, 1, 'float32', 5);
const planesHole = tf.expandDims<tf.Tensor4D>(discHole(128), 0);
const { scores } = contextualAttention(features, features, cells);

const operations: Record<string, () => tf.TensorContainer> = {
  'resizeArea 2048 to 512': () => resizeArea(large, [512, 512]),
  'resizeValid 2048 to 512': () => ({ ...resizeValid(large, tf.sub(1, largeHole) as tf.Tensor3D, [512, 512]) }),
  'resizeBilinear 512 to 2048': () => resizeBilinear(small, [2048, 2048], { flavour: 'half-pixel' }),
  'growMask 2048 by 8': () => growMask(largeHole, 8),
  'gaussianBlur 512, sigma 1.5': () => gaussianBlur(small, { size: 9, sigma: 1.5 }),
  'feather 2048, 8': () => feather(largeHole, 8),
  'composite 2048': () => composite(large, large, largeHole),
  'membrane 512': () => membrane(small, smallHole),
  'gate 128 x 128 x 32': () => gate(planes, planes),
  'partialConv2d 128 x 128 x 32': () => ({ ...partialConv2d(planes, tf.sub(1, planesHole) as tf.Tensor4D, kernel) }),
  'contextualAttention 32 x 32 x 128': () => ({ ...contextualAttention(features, features, cells) }),
  'attentionTransfer 32 x 32 x 128': () => attentionTransfer(features, scores),
  'nearestPatches 256': () => {
    const at = resizeArea(small, [256, 256]);
    const hole = discHole(256);
    return { ...nearestPatches(at, { sources: tf.sub(1, growMask(hole, 5)) as tf.Tensor3D, queries: hole }) };
  },
};

const bench = new Bench({ time: 300, iterations: 3, warmupTime: 0, warmupIterations: 1 });
for (const [name, operation] of Object.entries(operations)) {
  if (!name.includes(options.only)) continue;
  bench.add(name, async () => {
    const result = tf.tidy(operation);
    const tensors = result instanceof tf.Tensor ? [result] : Object.values(result as Record<string, unknown>).filter((value) => value instanceof tf.Tensor);
    await Promise.all(tensors.map((tensor) => tensor.data())); // a GPU has nothing done before somebody reads
    tf.dispose(tensors);
  });
}
await bench.run();
console.log(`backend ${options.backend}`);
console.table(
  bench.tasks.map(({ name, result }) =>
    'latency' in result
      ? {
          operation: name,
          'median, ms': Number(result.latency.p50.toFixed(2)),
          'fastest, ms': Number(result.latency.min.toFixed(2)),
          runs: result.latency.samplesCount,
        }
      : { operation: name, error: 'error' in result ? String(result.error) : result.state },
  ),
);
