import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** What the tests' pages are served from. */
export const folder = join(import.meta.dirname, '../../out/pages');

/** Builds the standalone worker from the sources as the package does, and what the pages do the same with. */
export default async function setup(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: {
      page: 'test/pages/page.ts',
      'cra-inpaint': 'src/browser/standalone/index.ts',
      worker: 'src/browser/standalone/worker.ts',
      thread: 'src/browser/standalone/thread.ts',
    },
    outdir: join(folder, 'standalone'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  const wasm = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
  for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'])
    copyFileSync(join(wasm, name), join(folder, 'standalone', name));
}
