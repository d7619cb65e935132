import { getKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';

interface WasmBackend {
  write(values: Float32Array, shape: number[], dtype: 'float32'): object;
  disposeData(dataId: object): boolean;
}

/** Runs one of the wasm backend's own kernels, of one output. */
export const run = (backend: object, kernel: string, inputs: Record<string, TensorInfo>, attrs: NamedAttrMap = {}): TensorInfo =>
  getKernel(kernel, 'wasm')!.kernelFunc({ inputs, attrs, backend }) as TensorInfo;

/** A tensor that no scope knows of: to be freed with {@link free}. */
export const constant = (backend: object, values: Float32Array, shape: number[]): TensorInfo => ({
  dataId: (backend as WasmBackend).write(values, shape, 'float32'),
  shape,
  dtype: 'float32',
});

/** Frees what {@link run} or {@link constant} returned. */
export function free(backend: object, ...tensors: TensorInfo[]): void {
  for (const { dataId } of tensors) (backend as WasmBackend).disposeData(dataId);
}
