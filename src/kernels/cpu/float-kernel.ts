import { getKernel, type NamedAttrMap, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';

/** A kernel over plain arrays: fills `out`, which holds zeros, from its inputs. */
export type FloatKernel = (inputs: Record<string, { values: Float32Array; shape: number[] }>, attrs: NamedAttrMap, out: Float32Array) => void;

interface CpuBackend {
  readSync(dataId: object): Float32Array;
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

/** Registers a kernel over float32 arrays for backends that keep their data in JavaScript's reach: `cpu`, and `wasm` without a copy. */
export function registerFloatKernel(
  kernelName: string,
  backends: ('cpu' | 'wasm')[],
  shapeOf: (inputs: Record<string, TensorInfo>, attrs: NamedAttrMap) => number[],
  run: FloatKernel,
): void {
  for (const backendName of backends) {
    if (getKernel(kernelName, backendName)) continue;
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const infos = inputs as Record<string, TensorInfo>;
        const shape = shapeOf(infos, attrs!);
        const wasm = backendName === 'wasm' ? (backend as unknown as WasmBackend) : undefined;
        const cpu = backend as unknown as CpuBackend;
        // The output first: making it may move the heap, and the views with it.
        const output = wasm?.makeOutput(shape, 'float32');
        const read = (info: TensorInfo) => ({ values: wasm ? wasm.typedArrayFromHeap(info) : cpu.readSync(info.dataId), shape: info.shape });
        const arrays = Object.fromEntries(Object.entries(infos).map(([name, info]) => [name, read(info)]));
        const out = wasm ? wasm.typedArrayFromHeap(output!).fill(0) : new Float32Array(shape.reduce((a, b) => a * b, 1));
        run(arrays, attrs!, out);
        return output ?? cpu.makeTensorInfo(shape, 'float32', out);
      },
    });
  }
}
