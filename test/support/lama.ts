import * as tf from '@tensorflow/tfjs-core';
import { toFloat16, type WeightArray, type WeightFile } from '../../src/io/weights/weight-file';
import seeds from '../golden/lama-seeds.json';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { lamaShapes, lamaTable, lamaValues } from '../golden/lama-weights.js';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { proceduralImage, proceduralMask } from '../golden/procedural.js';

interface Entry {
  shape: number[];
  seed: number;
  amp: number;
  add: number;
}

/** What the golden values of a network were computed with: its sizes, and the seed and gain of its weights. */
export const small = { shapes: { ngf: 8, downs: 2, blocks: 2 }, base: 71_000, lastGain: 5 };
export const big = { shapes: {}, base: 72_000, lastGain: 0.8 };

/** A weight of the table of units, by the authors' name and in their layout. */
export const unitValues = (name: string): { shape: number[]; values: Float32Array } => {
  const entry = (seeds.weights.lama_units as Record<string, Entry>)[name];
  if (!entry) throw new Error(`no weight '${name}'`);
  return { shape: entry.shape, values: lamaValues(entry) };
};

/** A vector of the table of units. */
export const unitVector = (name: string): tf.Tensor1D => tf.tensor1d(unitValues(name).values);

/** A kernel of the table of units, in our layout: of [output, input, rows, columns] (or, of a transposed one, [input, output, ..]) the last two first. */
export const unitKernel = (name: string): tf.Tensor4D => {
  const { shape, values } = unitValues(name);
  return tf.tidy(() => tf.transpose(tf.tensor4d(values, shape as [number, number, number, number]), [2, 3, 1, 0]));
};

const arrayOf = (values: Float32Array, shape: readonly number[]): WeightArray => ({
  shape,
  dtype: 'float32',
  data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

/** The seeded weights of a network as a checkpoint of the authors' in safetensors. */
export function checkpoint({ shapes, base, lastGain }: { shapes: object; base: number; lastGain: number }): WeightFile {
  const table: Record<string, Entry> = lamaTable(lamaShapes(shapes), base, lastGain);
  const tensors = new Map(Object.entries(table).map(([name, entry]) => [name, arrayOf(lamaValues(entry), entry.shape)] as const));
  return { format: 'safetensors', tensors, metadata: new Map() };
}

/** The same file with other names. */
export const renamed = (file: WeightFile, nameOf: (name: string) => string): WeightFile => ({
  ...file,
  tensors: new Map([...file.tensors].map(([name, array]) => [nameOf(name), array])),
});

/** The seeded picture and hole of a case: picture [H, W, 3] of bytes, hole [H, W] of 0 and 1. */
export function lamaCase(name: keyof typeof seeds.cases): { height: number; width: number; bytes: Uint8Array; hole: Uint8Array } {
  const { height, width, image_seed, mask } = seeds.cases[name];
  return { height, width, bytes: proceduralImage(image_seed, height, width), hole: proceduralMask(mask, height, width) };
}

/** Seeded cases of one size as a batch, pictures in [-1, 1]. */
export function lamaBatch(...names: (keyof typeof seeds.cases)[]): { image: tf.Tensor4D; hole: tf.Tensor4D } {
  const cases = names.map(lamaCase);
  const { height, width } = cases[0]!;
  const bytes = Float32Array.from(cases.flatMap((one) => [...one.bytes]));
  return {
    image: tf.tidy(() => tf.sub(tf.div(tf.tensor4d(bytes, [names.length, height, width, 3]), 127.5), 1)),
    hole: tf.tensor4d(Float32Array.from(cases.flatMap((one) => [...one.hole])), [names.length, height, width, 1]),
  };
}

/** The same file in half precision. */
export const withHalves = (file: WeightFile): WeightFile => ({
  ...file,
  tensors: new Map(
    [...file.tensors].map(([name, array]) => {
      const halves = toFloat16(new Float32Array(array.data.buffer, array.data.byteOffset, array.data.byteLength / 4));
      return [name, { ...array, dtype: 'float16', data: new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength) }];
    }),
  ),
});

/**
 * A checkpoint as its export to ONNX: convolutions that a norm follows are pairs of a kernel, times the norm's factor, and a bias,
 * numbered by threes in the order of the graph; all else has the scripted module's names.
 */
export function foldedOnnx(file: WeightFile, downs: number, blocks: number): WeightFile {
  const at = (name: string) => {
    const { data } = file.tensors.get(`generator.${name}`)!;
    return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  };
  const pairs: [string, string][] = [];
  for (let n = 1; n <= downs + 1; n++) pairs.push([`model.${n}.ffc.convl2l`, `model.${n}.bn_l`]);
  pairs.push([`model.${downs + 1}.ffc.convl2g`, `model.${downs + 1}.bn_g`]);
  for (let n = downs + 2; n < downs + 2 + blocks; n++) {
    for (const conv of ['conv1', 'conv2']) {
      const spectral = `model.${n}.${conv}.ffc.convg2g`;
      pairs.push([`${spectral}.conv1.0`, `${spectral}.conv1.1`], [`${spectral}.fu.conv_layer`, `${spectral}.fu.bn`]);
    }
  }
  const tensors = new Map<string, WeightArray>();
  const gone = new Set(
    pairs.flatMap(([kernel, norm]) => [
      `generator.${kernel}.weight`,
      ...['weight', 'bias', 'running_mean', 'running_var'].map((part) => `generator.${norm}.${part}`),
    ]),
  );
  for (const [name, array] of file.tensors) if (!gone.has(name)) tensors.set(`model.${name}`, array);
  for (const [n, [kernel, norm]] of pairs.entries()) {
    const { shape } = file.tensors.get(`generator.${kernel}.weight`)!;
    const [weight, bias, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => at(`${norm}.${part}`)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const factor = Float64Array.from(weight, (v, i) => v / Math.sqrt(variance[i]! + 1e-5));
    const values = at(`${kernel}.weight`);
    const each = values.length / shape[0]!;
    tensors.set(
      `onnx::Conv_${97 + 3 * n}`,
      arrayOf(
        values.map((v, i) => v * factor[Math.floor(i / each)]!),
        shape,
      ),
    );
    tensors.set(
      `onnx::Conv_${98 + 3 * n}`,
      arrayOf(
        bias.map((v, i) => v - mean[i]! * factor[i]!),
        [shape[0]!],
      ),
    );
  }
  return { format: 'onnx', tensors, metadata: new Map() };
}
