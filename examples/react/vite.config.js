import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  // Bundled anew by the dev server, the package would no longer find its worker.
  optimizeDeps: { exclude: ['cra-inpaint'] },
});
