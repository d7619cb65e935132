import type { NetworkGenerator } from '../../src/generators/network';
import { writeSafetensors } from '../../src/io/weights/write-safetensors';
import { weightsOf } from '../../src/layers/layer';
import { seeded } from './values';

/** A file of weights for a network that has learnt nothing: seeded kernels that keep the scale, no biases, plain norms. */
export function untrainedWeights({ network }: NetworkGenerator): Uint8Array {
  const block = seeded(1, 2 ** 16);
  const arrays = Object.entries(weightsOf(network.layers)).map(([name, { shape }]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (/\.(scale|variance)$/.test(name)) return [name, { shape, data: data.fill(1) }] as const;
    const scale = shape.length < 4 ? 0 : Math.sqrt((3 * shape.at(-1)!) / data.length);
    for (let i = 0; i < data.length; i++) data[i] = scale * block[i & 0xffff]!;
    return [name, { shape, data }] as const;
  });
  return writeSafetensors(new Map(arrays));
}
