import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Keeps every relative import as it stands and gives it the extension of the output, so that dist/ mirrors src/ file by
 * file: each kernel is in one file and registered once whatever entry point asks for it, package.json's sideEffects can
 * name the kernels' folder, and a bundler takes one op without the others.
 */
const mirror = (extension: string): Plugin => ({
  name: 'mirror',
  setup(build) {
    build.onResolve({ filter: /^\.\.?(\/|$)/ }, ({ kind, path, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const file = [path, `${path}/index`].find((candidate) => existsSync(join(resolveDir, `${candidate}.ts`)));
      return file ? { path: file + extension, external: true } : { errors: [{ text: `no file ${path}.ts` }] };
    });
  },
});

const program = /kernels[\\/]webgpu[\\/].*-program\.ts$/;

/** A source file; without what only their readers need where it is a WGSL program: a minifier does not look into texts. */
function sourceOf(path: string): string {
  const source = readFileSync(path, 'utf8');
  return program.test(path) ? source.replace(/^ *\/\/.*\n|^ +/gm, '') : source;
}

const shortPrograms: Plugin = {
  name: 'short-programs',
  setup(build) {
    build.onLoad({ filter: program }, ({ path }) => ({ contents: sourceOf(path), loader: 'ts' }));
  },
};

/** What import() gives of a CommonJS module. */
const namespaceOf = '(module) => (module.__esModule ? module : { ...module, default: module })';

/**
 * Has CommonJS modules require what they load late, too: what they import() instead, Node reads through for the names it exports, which for
 * TensorFlow.js takes longer than running it. The package webgpu is an ES module and nothing else.
 */
const required: Plugin = {
  name: 'required',
  setup(build) {
    build.onLoad({ filter: /src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: sourceOf(path).replace(/(?<!typeof )\bimport\(('(?!webgpu')[^']+')\)/g, (_, name) => `(async () => (${namespaceOf})(require(${name})))()`),
      loader: 'ts',
    }));
  },
};

const common: Options = { target: 'es2022', platform: 'node', splitting: false, removeNodeProtocol: false, silent: true };
const code = (format: 'esm' | 'cjs', extension: string, entry: string[]): Options => ({
  ...common,
  format,
  entry,
  esbuildPlugins: [mirror(extension), format === 'cjs' ? required : shortPrograms],
});

// The public entry points. Their declarations are bundled; what they share goes into files of its own.
const entryPoints = {
  index: 'src/index.ts',
  'ops/index': 'src/ops/index.ts',
  'pixels/index': 'src/pixels/index.ts',
  'generators/index': 'src/generators/index.ts',
  'layers/index': 'src/layers/index.ts',
  'train/index': 'src/train/index.ts',
  'node/index': 'src/node/index.ts',
  'io/weights/index': 'src/io/weights/index.ts',
};

// Those for browsers alone are ES modules alone.
const browserEntryPoints = {
  'browser/index': 'src/browser/index.ts',
  'browser/worker': 'src/browser/worker.ts',
  'standalone/cra-inpaint': 'src/browser/standalone/index.ts',
};
const browserCode = ['src/browser/**/*.ts', 'src/io/browser.ts', 'src/io/browser/**/*.ts'];

/**
 * The command is a program and no library: a file of its own, and its thread's, which load faster than a hundred, and reach for nothing of each
 * other's in their loops.
 */
const command: Options = {
  ...common,
  format: 'cjs',
  entry: { 'cli/index': 'src/cli/index.ts', 'cli/inpaint-thread': 'src/cra/inpaint-thread.ts' },
  external: [/^[^./]/],
  esbuildPlugins: [required],
  outExtension: () => ({ js: '.cjs' }),
};

/** Whole files for browsers, TensorFlow.js and all, and beside them what its wasm backend loads. */
const standalone: Options = {
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  entry: {
    'standalone/cra-inpaint': 'src/browser/standalone/index.ts',
    'standalone/worker': 'src/browser/standalone/worker.ts',
    'standalone/thread': 'src/browser/standalone/thread.ts',
  },
  noExternal: [/./],
  esbuildPlugins: [shortPrograms],
  // Emscripten asks whether this is Node; webpack answers that it is, in part.
  define: { __filename: 'undefined', __dirname: 'undefined' },
  splitting: false,
  minify: true,
  silent: true,
  async onSuccess() {
    copyFileSync('src/browser/standalone/NOTICE.txt', 'dist/standalone/NOTICE.txt');
    const wasm = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
    for (const variant of ['', '-simd', '-threaded-simd'])
      copyFileSync(`${wasm}/tfjs-backend-wasm${variant}.wasm`, `dist/standalone/tfjs-backend-wasm${variant}.wasm`);
  },
};

export default defineConfig(() => {
  rmSync('dist', { recursive: true, force: true });
  return [
    code('esm', '.js', ['src/**/*.ts', '!src/cli/**', '!src/browser/standalone/**']),
    code('cjs', '.cjs', ['src/**/*.ts', '!src/cli/**', ...browserCode.map((files) => `!${files}`)]),
    command,
    standalone,
    { ...common, format: ['esm', 'cjs'], entry: entryPoints, dts: { only: true } },
    { ...common, format: 'esm', entry: browserEntryPoints, dts: { only: true } },
  ];
});
