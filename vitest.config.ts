import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

// `ops` tests run on every backend; the others (files, command line, package) run once, in Node.
const everywhere = ['test/{ops,kernels,generators,cra}/**/*.test.ts'];
const once = ['test/{io,cli,package,unit}/**/*.test.ts'];
const common = { testTimeout: 120_000, hookTimeout: 120_000 };

const node = (name: string, setup: string, extra = {}) => ({
  test: { name, ...common, include: everywhere, setupFiles: [`./test/setup/${setup}.ts`], environment: 'node' as const, pool: 'forks' as const, ...extra },
});

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'node', ...common, include: once, environment: 'node' as const, pool: 'forks' as const } },
      node('cpu', 'cpu'),
      node('wasm', 'wasm'),
      node('tensorflow', 'tensorflow', { maxWorkers: 1 }),
      node('webgpu-node', 'webgpu-node', { maxWorkers: 1 }),
      {
        optimizeDeps: { include: ['@tensorflow/tfjs', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'] },
        test: {
          name: 'webgpu-chromium',
          ...common,
          include: everywhere,
          setupFiles: ['./test/setup/webgpu-browser.ts'],
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' as const }],
            provider: playwright({
              launchOptions: {
                executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
                env: Object.fromEntries(Object.entries(process.env).filter(([k]) => !/^(VK_|LD_LIBRARY_PATH$)/.test(k))) as Record<string, string>,
                args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
              },
            }),
          },
        },
      },
    ],
  },
});
