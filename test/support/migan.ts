import type { FillNetwork } from '../../src/generators/network/network';
import type { WeightArray, WeightFile } from '../../src/io/weights/weight-file';
import { weightsOf } from '../../src/layers/layer';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { weight } from '../golden/procedural.js';

/** A file of seeded weights with the names and layouts of the published one, as test/golden/make_migan.py makes them. */
export function seededOnnx({ layers, origins }: FillNetwork, firstGain = 1): WeightFile {
  const shapes = new Map(
    Object.entries(weightsOf(layers)).map(([name, { shape, kernel }]) => {
      const [rows, columns, input, output] = shape as [number, number, number, number];
      const theirs = kernel === 'convolution' ? [output, input, rows, columns] : kernel === 'depthwise' ? [input, 1, rows, columns] : shape;
      return [origins[0]!.nameOf(name)!, theirs] as const;
    }),
  );
  const tensors = new Map<string, WeightArray>();
  for (const [n, name] of [...shapes.keys()].sort().entries()) {
    const shape = shapes.get(name)!;
    const amplitude = shape.length === 4 ? Math.sqrt(3 / (shape[1]! * shape[2]! * shape[3]!)) : 0.3;
    const length = shape.reduce((a, b) => a * b, 1);
    const values: Float32Array = weight(2000 + n, length, amplitude * (name.endsWith('fromrgb.weight') ? firstGain : 1));
    tensors.set(name, float32(values, shape));
  }
  return { format: 'onnx', tensors, metadata: new Map() };
}

/** The same file with more in it. */
export const withTensor = (file: WeightFile, name: string, array: WeightArray): WeightFile => ({ ...file, tensors: new Map([...file.tensors, [name, array]]) });

/** An array of a file of weights. */
export const float32 = (values: ArrayLike<number>, shape: readonly number[]): WeightArray => ({
  shape,
  dtype: 'float32',
  data: new Uint8Array(Float32Array.from(values).buffer),
});

/** The constants that the published file carries besides the network's weights. */
export function filters(channels: number, change: 'up' | 'down'): WeightArray {
  const taps = [1, 3, 3, 1];
  const one = taps.flatMap((a) => taps.map((b) => (a * b * (change === 'up' ? 4 : 1)) / 64));
  return float32(Array.from({ length: channels }, () => one).flat(), [channels, 1, 4, 4]);
}
