import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin, transformWithEsbuild } from 'vite';

const root = import.meta.dirname;
const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** What the built page may load: itself, and nothing from anywhere else. While developing, vite needs more. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const contentSecurityPolicy = (): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [{ tag: 'meta', attrs: { 'http-equiv': 'content-security-policy', content: POLICY }, injectTo: 'head-prepend' }],
});

/** Builds the service worker, with the names of all files of the site and a version that changes with any of them. */
const offline = (): Plugin => ({
  name: 'offline',
  apply: 'build',
  enforce: 'post',
  async generateBundle(_, bundle) {
    const hash = createHash('sha256');
    for (const file of Object.values(bundle)) hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
    const path = join(root, 'service-worker.ts');
    const { code } = await transformWithEsbuild(readFileSync(path, 'utf8'), path, {
      minify: true,
      define: { FILES: JSON.stringify(Object.keys(bundle)), VERSION: JSON.stringify(hash.digest('hex').slice(0, 12)), POLICY: JSON.stringify(POLICY) },
    });
    this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: code });
  },
});

export default defineConfig({
  root,
  base: './',
  publicDir: false,
  resolve: {
    alias: [
      { find: /^cra-inpaint$/, replacement: join(root, '../src/index.ts') },
      { find: 'cra-inpaint/browser', replacement: join(root, '../src/browser/index.ts') },
      { find: 'cra-inpaint/worker', replacement: join(root, '../src/browser/worker.ts') },
      { find: './default-worker', replacement: join(root, 'src/default-worker.ts') },
      { find: './default-thread', replacement: join(root, 'src/default-thread.ts') },
    ],
  },
  plugins: [contentSecurityPolicy(), offline()],
  worker: { format: 'es' },
  // Found only once the worker has started, they would make the page load again.
  optimizeDeps: {
    include: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-backend-webgpu'],
  },
  server: { headers, fs: { allow: ['..'] } },
  preview: { headers },
  build: { outDir: '../out/demo', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 4000 },
});
