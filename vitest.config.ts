import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { commands } from './test/setup/browser-commands';
import { BackendTable } from './test/support/backend-table';

// What runs where. `test/` mirrors `src/`; `bench`, `demo`, `docs` and `examples` in it mirror those of the root. What computes is
// tested on every backend, by the same files, and the rest once, in Node. `test/house/runs.test.ts` holds this against what there is.
const everywhere = ['test/{cra,generators,kernels,layers,ops,pixels,train}/**/*.test.ts'];
const once = ['test/*.test.ts', 'test/{arrays,bench,browser,cli,demo,docs,examples,house,io,node,shapes,threads}/**/*.test.ts'];
/** Files of the first rooms that look at no backend, or choose their own: they run once, with the second. */
export const withoutBackend = [
  'test/cra/find-defects.test.ts',
  'test/cra/inpaint-property.test.ts',
  'test/cra/kinds.test.ts',
  'test/cra/mask-contents.test.ts',
  'test/cra/run-masks.test.ts',
  'test/cra/threads.test.ts',
  'test/cra/windows.test.ts',
  'test/generators/array-matcher.test.ts',
  'test/generators/best.test.ts',
  'test/generators/exemplar-parts.test.ts',
  'test/generators/exemplar-lines.test.ts',
  'test/generators/exemplar-edges.test.ts',
  'test/generators/exemplar-pyramid.test.ts',
  'test/generators/exemplar-relax.test.ts',
  'test/generators/exemplar-reuse.test.ts',
  'test/generators/exemplar-seams.test.ts',
  'test/generators/exemplar-tones.test.ts',
  'test/pixels/align-field.test.ts',
  'test/pixels/average.test.ts',
  'test/pixels/barred.test.ts',
  'test/pixels/composite.test.ts',
  'test/pixels/defects.test.ts',
  'test/pixels/errors.test.ts',
  'test/pixels/grow.test.ts',
  'test/pixels/heal.test.ts',
  'test/pixels/leftovers.test.ts',
  'test/pixels/paint.test.ts',
  'test/pixels/plan-property.test.ts',
  'test/pixels/plan.test.ts',
  'test/pixels/refine-field.test.ts',
  'test/pixels/runs.test.ts',
  'test/pixels/sample.test.ts',
  'test/pixels/seam.test.ts',
  'test/pixels/thickness.test.ts',
  'test/pixels/window.test.ts',
  'test/train/data/masks.test.ts',
  'test/train/data/out-of-memory.test.ts',
  'test/train/data/pictures.test.ts',
  'test/train/run-in-folder.test.ts',
];
/**
 * Whole networks, how they are trained, tests of many fills, and the longest of ops and layers: up to minutes each on a GPU made of software,
 * which a page's WebGPU is here as Node's is. They run on Node's; in Chromium run the others, of the networks `migan`.
 */
export const notInChromium = [
  'test/cra/candidates.test.ts',
  'test/cra/fill-patches.test.ts',
  'test/cra/generator.test.ts',
  'test/cra/rebuilt.test.ts',
  'test/cra/session.test.ts',
  'test/cra/sources.test.ts',
  'test/generators/deepfill-v2.test.ts',
  'test/generators/device.test.ts',
  'test/generators/hifill.test.ts',
  'test/generators/lama-big.test.ts',
  'test/generators/lama.test.ts',
  'test/generators/network/network-generator.test.ts',
  'test/generators/partial-unet.test.ts',
  'test/generators/pix2pix.test.ts',
  'test/layers/fourier-conv2d.test.ts',
  'test/layers/gated-conv2d.test.ts',
  'test/layers/spectral-conv2d.test.ts',
  'test/ops/membrane.test.ts',
  'test/ops/nearest-patches.test.ts',
  'test/ops/partial-conv2d.test.ts',
  'test/ops/rfft2.test.ts',
  'test/ops/spectral-transform.test.ts',
  'test/train/device.test.ts',
  'test/train/losses/gradient-penalty.test.ts',
  'test/train/recipes/deepfill-v2.test.ts',
  'test/train/recipes/hifill.test.ts',
  'test/train/recipes/lama.test.ts',
  'test/train/recipes/pix2pix.test.ts',
  'test/train/recipes/small.test.ts',
  'test/train/trainer.test.ts',
];
// Of the second, what only a browser has: its pictures, canvases, workers. It runs once, in Chromium.
const inBrowser = ['test/io/browser/*.test.ts'];
// Files at once: two even where there are two cores, one of which vitest by itself would leave idle. What has threads of its own, and is large,
// comes after the others. Pages, and projects in Chromium beside them, come last and one file at a time, by `fileParallelism`.
const several = { maxWorkers: Math.max(2, availableParallelism() - 1) };
const large = { maxWorkers: 2, sequence: { groupOrder: 1 } };
const common = { testTimeout: 120_000, hookTimeout: 120_000, slowTestThreshold: 10_000, environment: 'node' as const, pool: 'forks' as const };

const inNode = (name: string, extra: object = several) => ({
  test: { name, ...common, include: everywhere, exclude: withoutBackend, setupFiles: ['./test/setup/threads.ts', `./test/setup/${name}.ts`], ...extra },
});

// Debian's Chromium, or one named by CHROMIUM. Drivers named for Vulkan in Node would break its own.
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VK_|LD_LIBRARY_PATH$)/.test(name))) as Record<string, string>;
const args = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Runs in a page of that Chromium, one file after another. Each project needs an object of its own: vitest writes its name into it. */
const inChromium = () => ({
  fileParallelism: false,
  browser: {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    instances: [{ browser: 'chromium' as const }],
    provider: playwright({ launchOptions: { executablePath, env, args } }),
    commands,
  },
});

export default defineConfig({
  test: {
    reporters: ['default', new BackendTable()],
    projects: [
      { test: { name: 'node', ...common, ...several, include: [...once, ...withoutBackend], exclude: inBrowser, setupFiles: ['./test/setup/threads.ts'] } },
      // Builds, packs and installs the package: not part of `npm test`.
      { test: { name: 'package', ...common, include: ['test/package/**/*.test.ts'], globalSetup: ['./test/package/packed.ts'] } },
      // Drives pages in Chromium from here.
      { test: { name: 'pages', ...common, include: ['test/pages/**/*.test.ts'], globalSetup: ['./test/pages/build.ts'], fileParallelism: false } },
      inNode('cpu'),
      inNode('wasm'),
      inNode('tensorflow', large),
      inNode('webgpu-node', large),
      {
        optimizeDeps: {
          include: ['@tensorflow/tfjs', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu', 'fast-check'],
          exclude: ['@fast-check/vitest'],
        },
        test: {
          name: 'webgpu-chromium',
          ...common,
          include: everywhere,
          exclude: [...withoutBackend, ...notInChromium],
          setupFiles: ['./test/setup/webgpu-browser.ts'],
          ...inChromium(),
        },
      },
      // The demo page's workers are among these, which import the package by its name.
      {
        resolve: {
          alias: [
            { find: /^cra-inpaint$/, replacement: join(import.meta.dirname, 'src/index.ts') },
            { find: /^cra-inpaint\/browser$/, replacement: join(import.meta.dirname, 'src/browser/index.ts') },
          ],
        },
        // Found only once a test has begun, they would make the page load again.
        optimizeDeps: { include: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'] },
        test: { name: 'browser', ...common, include: inBrowser, ...inChromium() },
      },
    ],
  },
});
