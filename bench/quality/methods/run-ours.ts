import * as tf from '@tensorflow/tfjs-core';
import { type InpaintOptions, inpaint, migan, type Picture } from '../../../src';
import { readWeights } from '../../../src/io/weights';
import type { FillModule } from './module';

const fill: FillModule = async ({ width, height, data, hole }, { backend = 'wasm', options = {}, miganWeights }) => {
  if (backend === 'wasm') (await import('@tensorflow/tfjs-backend-wasm')).setWasmPaths('node_modules/@tensorflow/tfjs-backend-wasm/dist/');
  else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else if (backend === 'tensorflow') await import('@tensorflow/tfjs-node-gpu');
  await tf.setBackend(backend as string);
  const mask: Picture = { width, height, channels: 1, data: hole.map((value) => value * 255) };
  const generator = miganWeights ? migan(await readWeights(miganWeights as string)) : undefined;
  const result = await inpaint({ width, height, channels: 3, data }, mask, { generator, ...(options as InpaintOptions) });
  return new Uint8Array(result.data);
};

export default fill;
