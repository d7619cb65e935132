import { join } from 'node:path';
import { afterAll } from 'vitest';
import { unpackSwiftShader } from './swiftshader';

// Software Vulkan: the loader is opened by its absolute path and kept (RTLD_NODELETE); the later dlopen("libvulkan.so.1")
// of the webgpu package then finds it by its name. No LD_LIBRARY_PATH and no system package are needed.
const folder = unpackSwiftShader(join(import.meta.dirname, '../../node_modules/.cache/swiftshader'));
process.env.VK_DRIVER_FILES = process.env.WEBGPU_TEST_ICD ?? join(folder, 'vk_swiftshader_icd.json');
const RTLD_NOW = 2;
const RTLD_NODELETE = 0x1000;
try {
  process.dlopen({ exports: {} }, join(folder, 'libvulkan.so.1'), RTLD_NOW | RTLD_NODELETE);
} catch {
  // "Module did not self-register": it is no addon, but it stays loaded.
}

// navigator.gpu must exist before tfjs-backend-webgpu is evaluated, hence the dynamic imports.
const { create, globals } = await import('webgpu');
Object.assign(globalThis, globals);
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true }); // Node 20 has none
Object.defineProperty(globalThis.navigator, 'gpu', { value: create([]), configurable: true });

await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-backend-webgpu');
const { useCheckedWebGPU } = await import('./webgpu-checks');
await useCheckedWebGPU();

// Dawn does not let the process end while its instance is referenced.
afterAll(() => {
  Reflect.deleteProperty(globalThis.navigator, 'gpu');
});
