import { existsSync, rmSync } from 'node:fs';
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

const common: Options = { target: 'es2022', platform: 'node', splitting: false, removeNodeProtocol: false, silent: true };
const code = (format: 'esm' | 'cjs', extension: string, entry: string[]): Options => ({ ...common, format, entry, esbuildPlugins: [mirror(extension)] });

// The public entry points. Their declarations are bundled; what they share goes into files of its own.
const entryPoints = {
  index: 'src/index.ts',
  'ops/index': 'src/ops/index.ts',
  'generators/index': 'src/generators/index.ts',
  'layers/index': 'src/layers/index.ts',
  'train/index': 'src/train/index.ts',
  'io/node': 'src/io/node.ts',
  'io/weights/index': 'src/io/weights/index.ts',
};

export default defineConfig(() => {
  rmSync('dist', { recursive: true, force: true });
  return [
    code('esm', '.js', ['src/**/*.ts']),
    code('cjs', '.cjs', ['src/**/*.ts', '!src/cli/**']),
    { ...common, format: ['esm', 'cjs'], entry: entryPoints, dts: { only: true } },
  ];
});
