import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll } from 'vitest';

beforeAll(async () => {
  if (!(await tf.setBackend('wasm'))) throw new Error('no wasm backend');
  await tf.ready();
});
