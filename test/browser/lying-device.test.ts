import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type BackendChoice, detectBackend } from '../../src/browser/backends';
import { GeneratorKeeper } from '../../src/browser/generator-keeper';
import { BackendError } from '../../src/errors';
import { type FillNetwork, networkGenerator, networkStages } from '../../src/generators/network';
import { answer } from '../../src/generators/network/known-answer';
import { readSafetensors } from '../../src/io/weights/safetensors';
import { Conv2d } from '../../src/layers/conv2d';
import { untrainedWeights } from '../support/untrained';

/** The kernels that the product has to do with, by one of which a device may lie. */
const KERNELS = ['FusedConv2D', 'DepthwiseConv2dNative', 'CraGate', 'LeakyRelu', 'ResizeBilinear', 'BatchMatMul', 'Softmax', 'Conv2DBackpropInput', 'Mean'];

/** Starts a backend with a device, which is cpu but for one kernel: the second half of what that gives is 0. */
function registerLying(name: string, kernel: string | undefined): void {
  tf.registerBackend(name, () => {
    const backend = tf.findBackendFactory('cpu')() as unknown as Record<string, unknown>;
    const device = Object.assign(new EventTarget(), { lost: new Promise(() => undefined), queue: { onSubmittedWorkDone: async () => undefined } });
    const nothing = () => undefined;
    return Object.assign(backend, { device, ensureCommandEncoderReady: nothing, endComputePassEncoder: nothing, submitQueue: nothing }) as never;
  });
  for (const config of tf.getKernelsForBackend('cpu')) {
    const lying: typeof config.kernelFunc = (parameters) => {
      const made = config.kernelFunc(parameters) as tf.TensorInfo;
      const values = (parameters.backend as { readSync(id: object): Float32Array }).readSync(made.dataId);
      values.fill(0, values.length / 2);
      return made;
    };
    tf.registerKernel({ ...config, backendName: name, kernelFunc: config.kernelName === kernel ? lying : config.kernelFunc });
  }
}

const first = new Conv2d('first', { input: 4, output: 3, size: 1 });
const network: FillNetwork = {
  name: 'tiny',
  multiple: 1,
  workingSize: 8,
  layers: [first],
  origins: [],
  stages: networkStages(({ image, hole }, weights) => ({ image: first.apply(tf.concat([image, hole], 3), weights) })),
};

/** Fills a little picture by the generator; returns the colours. */
async function filled(generator: ReturnType<typeof networkGenerator>): Promise<number[]> {
  const [image, hole] = [tf.ones([4, 4, 3]) as tf.Tensor3D, tf.ones([4, 4, 1]) as tf.Tensor3D];
  try {
    const fill = await generator.fill({ image, hole, seed: 0 });
    const colours = Array.from(await fill.image.data());
    fill.image.dispose();
    return colours;
  } finally {
    tf.dispose([image, hole]);
  }
}
const made = () => {
  const generator = networkGenerator(network);
  generator.load(readSafetensors(untrainedWeights(generator)));
  return generator;
};

beforeAll(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  for (const kernel of KERNELS) registerLying(`lying by ${kernel}`, kernel);
  registerLying('honest', undefined);
  registerLying('lying', 'FusedConv2D');
});

describe('a device that computes wrong numbers', () => {
  it.each(KERNELS)('by %s: a network refuses it, each time', async (kernel) => {
    await tf.setBackend(`lying by ${kernel}`);
    const generator = made();
    for (let time = 0; time < 2; time++) {
      const error = await filled(generator).then(() => undefined, (caught) => caught); // biome-ignore format: both ways
      expect(error).toBeInstanceOf(BackendError);
      expect(error).toMatchObject({ code: 'backend', expected: -15.8915 });
      expect(error.message).toMatch(/^it computes wrong numbers: a product whose answer is -15\.8915 came out as /);
    }
    generator.dispose();
  });

  it('is left for the next backend, and that is said', async () => {
    const changes: BackendChoice[] = [];
    const backend = await detectBackend({ order: ['lying', 'honest'], onChange: (choice) => changes.push(choice) });
    expect(backend.name).toBe('lying');
    const keeper = new GeneratorKeeper({ name: 'tiny' }, { tiny: made });
    const { signal } = new AbortController();
    const colours = await backend.run(async (name) => filled((await keeper.on(name, signal)) as ReturnType<typeof made>));
    expect(backend.name).toBe('honest');
    expect(changes).toEqual([{ backend: 'honest', reason: expect.stringMatching(/^lying: it computes wrong numbers: a product .*; honest: in use$/) }]);
    await tf.setBackend('cpu');
    const generator = made();
    expect(colours).toEqual(await filled(generator));
    generator.dispose();
  });
});

describe('a device that computes right ones', () => {
  it('is asked once, whichever networks fill how often; a backend without a device is not', async () => {
    registerLying('another', undefined);
    await tf.setBackend('another');
    const kernels = vi.spyOn(tf.engine(), 'runKernel');
    const asked = () => kernels.mock.calls.filter(([name]) => name === 'CraGate').length;
    const [one, two] = [made(), made()];
    await filled(one);
    expect(asked()).toBe(1);
    await filled(one);
    await filled(two);
    expect(asked()).toBe(1);
    await answer();
    expect(asked()).toBe(2);
    await tf.setBackend('cpu');
    const third = made();
    await filled(third);
    expect(asked()).toBe(2);
    for (const generator of [one, two, third]) generator.dispose();
  });
});
