import * as tf from '@tensorflow/tfjs-core';
import { type InpaintOptions, inpaint, type Picture } from '../../../src';
import type { FillModule } from './module';

const fill: FillModule = async ({ width, height, data, hole }, { backend = 'wasm', options = {} }) => {
  if (backend === 'wasm') (await import('@tensorflow/tfjs-backend-wasm')).setWasmPaths('node_modules/@tensorflow/tfjs-backend-wasm/dist/');
  else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else if (backend === 'tensorflow') await import('@tensorflow/tfjs-node-gpu');
  await tf.setBackend(backend as string);
  const mask: Picture = { width, height, channels: 1, data: hole.map((value) => value * 255) };
  const result = await inpaint({ width, height, channels: 3, data }, mask, { ...(options as InpaintOptions) });
  return new Uint8Array(result.data);
};

export default fill;
