import { getKernel, type KernelBackend, type NamedAttrMap, registerKernel, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';

/** The backends whose tensors live in the computer's own memory, where typed-array code can read and write them. */
export type ArrayBackendName = 'cpu' | 'wasm' | 'tensorflow';

interface ArrayBackend extends KernelBackend {
  readSync(dataId: object): TypedArray;
  write(values: TypedArray, shape: number[], dtype: 'float32' | 'int32'): object;
  /** A view of the wasm backend's memory, good until something is allocated there. */
  typedArrayFromHeap?(tensor: TensorInfo): TypedArray;
}

/** One input or result of a typed-array kernel. */
export interface ArrayTensor<T extends TypedArray = Float32Array | Int32Array> {
  values: T;
  shape: number[];
}

/** A kernel over typed arrays, which must leave its inputs as they are. */
export type ArrayKernel = (inputs: Record<string, ArrayTensor<Float32Array>>, attributes: NamedAttrMap) => ArrayTensor[];

/**
 * Registers a kernel that is written over typed arrays for backends that can run it. The values of an int32 or bool input
 * come in an array of that kind; they are declared as floats because arithmetic does not care.
 */
export function registerArrayKernel(kernelName: string, backends: readonly ArrayBackendName[], compute: ArrayKernel): void {
  for (const backendName of backends) {
    if (getKernel(kernelName, backendName)) continue;
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const own = backend as ArrayBackend;
        const arrays: Record<string, ArrayTensor<Float32Array>> = {};
        for (const [name, tensor] of Object.entries(inputs)) {
          if (!tensor) continue;
          const values = own.typedArrayFromHeap?.(tensor) ?? own.readSync(tensor.dataId);
          arrays[name] = { values: values as Float32Array, shape: tensor.shape };
        }
        const results = compute(arrays, attrs ?? {}).map(({ values, shape }): TensorInfo => {
          const dtype = values instanceof Int32Array ? 'int32' : 'float32';
          return { dataId: own.write(values, shape, dtype), shape, dtype };
        });
        return results.length === 1 ? results[0] : results;
      },
    });
  }
}
