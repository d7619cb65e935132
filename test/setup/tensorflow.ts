import util from 'node:util';
import { useBackend } from './backend';

process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
// Removed in Node 23 and still called by tfjs-node 4.22.
(util as { isNullOrUndefined?: (v: unknown) => boolean }).isNullOrUndefined ??= (v) => v == null;
const tf = await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-node-gpu');

await useBackend(tf, 'tensorflow');
