/**
 * Counts the programs that networks have WebGPU run for one fill: where a GPU is quick, what is waited for is their number.
 *
 *     node --import ./test/support/software-vulkan.mjs bench/networks/webgpu-dispatches.ts [--size 512] [--only lama,migan]
 *
 * On a software driver, which runs none of them: they are counted as they are asked for. Weights are untrained ones.
 */
import { parseArgs } from 'node:util';
import { create, globals } from 'webgpu';

const { values: options } = parseArgs({ options: { size: { type: 'string', default: '512' }, only: { type: 'string', default: '' } } });
const size = Number(options.size);

// navigator.gpu must exist before the backend is loaded.
Object.assign(globalThis, globals);
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
Object.defineProperty(globalThis.navigator, 'gpu', { value: create([]), configurable: true });
const tf = await import('@tensorflow/tfjs-core');
await import('@tensorflow/tfjs-backend-webgpu');
const { lama, migan, hifill } = await import('../../src');
const { readSafetensors } = await import('../../src/io/weights/safetensors');
const { runNetwork } = await import('../../src/generators/network');
const { untrainedWeights } = await import('../../test/support/untrained');
await tf.setBackend('webgpu');
tf.env().set('WEBGPU_CPU_FORWARD', false);

let asked = 0;
const { device } = tf.backend() as unknown as { device: GPUDevice };
const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
Object.getPrototypeOf(pass).dispatchWorkgroups = () => {
  asked++;
};
pass.end();

const networks = { lama: () => lama(), 'lama of 9 blocks': () => lama(undefined, { blocks: 9 }), migan: () => migan(), hifill: () => hifill() };
for (const [name, make] of Object.entries(networks)) {
  if (!options.only.split(',').some((part) => name.includes(part))) continue;
  const generator = make();
  await generator.load(readSafetensors(untrainedWeights(generator)));
  const [image, hole] = [tf.zeros([1, size, size, 3]), tf.ones([1, size, size, 1])];
  asked = 0;
  tf.dispose(runNetwork(generator.network, generator.weights, image as never, hole as never) as never);
  console.log(`${name}: ${asked} at ${size} x ${size}`);
  generator.dispose();
  tf.dispose([image, hole]);
}
process.exit(0);
