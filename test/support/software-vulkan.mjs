// For `node --import`: the software Vulkan driver of the WebGPU tests, for a program that knows nothing of it.
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { unpackSwiftShader } = await import('../setup/swiftshader.ts');
const folder = unpackSwiftShader(join(import.meta.dirname, '../../node_modules/.cache/swiftshader'));
process.env.VK_DRIVER_FILES = process.env.WEBGPU_TEST_ICD ?? join(folder, 'vk_swiftshader_icd.json');
const [RTLD_NOW, RTLD_NODELETE] = [2, 0x1000];
try {
  process.dlopen({ exports: {} }, join(folder, 'libvulkan.so.1'), RTLD_NOW | RTLD_NODELETE);
} catch {
  // "Module did not self-register": it is no addon, but it stays loaded.
}
