import { defineConfig } from 'vite';

// With these two the page is cross-origin isolated, and wasm may use several threads. They belong on the server that the built page is on, too.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  // Each worker is a file of its own, with parts that are loaded when they are needed.
  worker: { format: 'es' },
  optimizeDeps: {
    // Bundled anew by the dev server, the package would no longer find its worker.
    exclude: ['cra-inpaint'],
    // Found only once a worker starts, these would make the page load again.
    include: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'],
  },
  server: { headers },
  preview: { headers },
});
