import { join } from 'node:path';
import { afterAll } from 'vitest';
import { unpackSwiftShader } from './swiftshader';

// 1. software Vulkan: load the loader by absolute path and keep it (RTLD_NODELETE); dawn.node's later
//    dlopen("libvulkan.so.1") then finds it by its SONAME. No LD_LIBRARY_PATH, no system package.
const dir = unpackSwiftShader(join(import.meta.dirname, '../../node_modules/.cache/swiftshader'));
process.env.VK_DRIVER_FILES = process.env.WEBGPU_TEST_ICD ?? join(dir, 'vk_swiftshader_icd.json');
const RTLD_NOW = 2, RTLD_NODELETE = 0x1000;
try { process.dlopen({ exports: {} }, join(dir, 'libvulkan.so.1'), RTLD_NOW | RTLD_NODELETE); } catch { /* "Module did not self-register": it is no addon, but it stays loaded */ }

// 2. navigator.gpu must exist before tfjs-backend-webgpu is evaluated, hence the dynamic imports
const { create, globals } = await import('webgpu');
Object.assign(globalThis, globals);
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true }); // Node 20 has none
Object.defineProperty(globalThis.navigator, 'gpu', { value: create([]), configurable: true });

// 3. tfjs
await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-backend-webgpu');
const { webgpuSetup } = await import('./webgpu-checks');
webgpuSetup();
afterAll(() => { Reflect.deleteProperty(globalThis.navigator, 'gpu'); });
