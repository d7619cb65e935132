import { getKernel, type KernelBackend, type NamedAttrMap, registerKernel, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';

/** A kernel of one backend: what it is made of, told by name, and the backend that computes it. */
export type BackendKernel<Backend, Attributes> = (inputs: Record<string, TensorInfo>, attributes: Attributes, backend: Backend) => TensorInfo | TensorInfo[];

/** Registers a kernel for a backend, once: a program may hold this package twice, as ES modules and as CommonJS. */
export function registerBackendKernel<Backend, Attributes = NamedAttrMap>(
  kernelName: string,
  backendName: string,
  compute: BackendKernel<Backend, Attributes>,
): void {
  if (getKernel(kernelName, backendName)) return;
  registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => compute(inputs as Record<string, TensorInfo>, (attrs ?? {}) as Attributes, backend as Backend),
  });
}

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
export type ArrayKernel<Attributes> = (inputs: Record<string, ArrayTensor<Float32Array>>, attributes: Attributes) => ArrayTensor[];

/**
 * Registers a kernel that is written over typed arrays for backends that can run it. The values of an int32 or bool input
 * come in an array of that kind; they are declared as floats because arithmetic does not care.
 */
export function registerArrayKernel<Attributes = NamedAttrMap>(
  kernelName: string,
  backends: readonly ArrayBackendName[],
  compute: ArrayKernel<Attributes>,
): void {
  for (const backendName of backends) {
    registerBackendKernel<ArrayBackend, Attributes>(kernelName, backendName, (inputs, attributes, backend) => {
      const arrays: Record<string, ArrayTensor<Float32Array>> = {};
      for (const [name, tensor] of Object.entries(inputs)) {
        if (!tensor) continue;
        const values = backend.typedArrayFromHeap?.(tensor) ?? backend.readSync(tensor.dataId);
        arrays[name] = { values: values as Float32Array, shape: tensor.shape };
      }
      const results = compute(arrays, attributes).map(({ values, shape }): TensorInfo => {
        const dtype = values instanceof Int32Array ? 'int32' : 'float32';
        return { dataId: backend.write(values, shape, dtype), shape, dtype };
      });
      return results.length === 1 ? results[0] : results;
    });
  }
}
