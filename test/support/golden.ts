import * as tf from '@tensorflow/tfjs-core';

/** One array of a golden file. */
export interface Golden {
  shape: number[];
  values: Float32Array | Int32Array;
}

async function bytesOf(file: string): Promise<Uint8Array> {
  if (typeof window !== 'undefined') return new Uint8Array(await (await fetch(`/test/golden/${file}`)).arrayBuffer());
  const { readFile } = await import(/* @vite-ignore */ 'node:fs/promises');
  return new Uint8Array(await readFile(new URL(`../golden/${file}`, import.meta.url)));
}

/** Reads a golden file (safetensors, F32 and I32): a map from key to array. See test/golden/README.md. */
export async function readGolden(file: string): Promise<Map<string, Golden>> {
  const bytes = await bytesOf(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const out = new Map<string, Golden>();
  for (const [key, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const data = bytes.slice(8 + headerLength + data_offsets[0], 8 + headerLength + data_offsets[1]).buffer;
    out.set(key, { shape, values: dtype === 'I32' ? new Int32Array(data) : new Float32Array(data) });
  }
  return out;
}

/** A golden array as a tensor. */
export function goldenTensor(golden: Map<string, Golden>, key: string): tf.Tensor {
  const found = golden.get(key);
  if (!found) throw new Error(`no golden '${key}'`);
  return tf.tensor(found.values, found.shape, found.values instanceof Int32Array ? 'int32' : 'float32');
}
