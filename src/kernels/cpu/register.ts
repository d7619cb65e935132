import { getKernel, type KernelBackend, type NamedAttrMap, registerKernel, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';

/** The backends whose tensors live in the computer's own memory, where typed-array code can read and write them. */
const ARRAY_BACKENDS = ['cpu', 'wasm', 'tensorflow'];

interface ArrayBackend extends KernelBackend {
  readSync(dataId: object): TypedArray;
  write(values: TypedArray, shape: number[], dtype: 'float32' | 'int32'): object;
}

/** One result of a typed-array kernel. */
export interface ArrayResult {
  values: Float32Array | Int32Array;
  shape: number[];
}

/** Registers a kernel that is written over typed arrays for every backend that can run it. */
export function registerArrayKernel(
  kernelName: string,
  compute: (inputs: Record<string, TypedArray>, attributes: NamedAttrMap, shapes: Record<string, number[]>) => ArrayResult[],
): void {
  for (const backendName of ARRAY_BACKENDS) {
    if (getKernel(kernelName, backendName)) continue;
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const own = backend as ArrayBackend;
        const arrays: Record<string, TypedArray> = {};
        const shapes: Record<string, number[]> = {};
        for (const [name, tensor] of Object.entries(inputs)) {
          if (!tensor) continue;
          arrays[name] = own.readSync(tensor.dataId);
          shapes[name] = tensor.shape;
        }
        const results = compute(arrays, attrs ?? {}, shapes).map(({ values, shape }): TensorInfo => {
          const dtype = values instanceof Int32Array ? 'int32' : 'float32';
          return { dataId: own.write(values, shape, dtype), shape, dtype };
        });
        return results.length === 1 ? results[0] : results;
      },
    });
  }
}
