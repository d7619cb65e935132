import type { WeightFile } from '../../src/io/weights/weight-file';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { proceduralImage, proceduralMask, weight } from '../golden/procedural.js';
import seeds from '../golden/seeds.json';

interface WeightSeed {
  shape: number[];
  seed: number;
  amp: number;
  add: number;
}

interface Case {
  height: number;
  width: number;
  image_seed: number;
  mask?: { discs: number[][]; strokes: number[][] };
}

/** The seeded weights that the golden values were computed with, as a file of the origin that the table is of. */
export function proceduralWeights(table: string, only: (name: string) => boolean = () => true): WeightFile {
  const entries = Object.entries((seeds.weights as unknown as Record<string, Record<string, WeightSeed>>)[table]!).filter(([name]) => only(name));
  const tensors = new Map(
    entries.map(([name, { shape, seed, amp, add }]) => {
      const values: Float32Array = weight(
        seed,
        shape.reduce((a, b) => a * b, 1),
        amp,
        add,
      );
      return [name, { shape, dtype: 'float32' as const, data: new Uint8Array(values.buffer) }];
    }),
  );
  return { format: 'safetensors', tensors, metadata: new Map() };
}

/** The seeded picture and hole of a golden case: image [H, W, 3] as float32 in [-1, 1], hole [H, W] of 0 and 1. */
export function proceduralCase(name: string): { height: number; width: number; image: Float32Array; hole: Float32Array } {
  const { height, width, image_seed, mask } = (seeds.cases as unknown as Record<string, Case>)[name]!;
  const bytes: Uint8Array = proceduralImage(image_seed, height, width);
  const image = Float32Array.from(bytes, (v) => Math.fround(v / 127.5) - 1);
  const hole = Float32Array.from(mask ? (proceduralMask(mask, height, width) as Uint8Array) : new Uint8Array(height * width));
  return { height, width, image, hole };
}
