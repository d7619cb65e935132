import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';

/** Bundles a line of code with the installed package; returns the package's files in the bundle, and its code. */
async function bundle(code: string): Promise<{ files: string[]; code: string }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: inject('fullProject'), loader: 'ts' },
    absWorkingDir: inject('fullProject'),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    external: ['@tensorflow/*', 'sharp'],
    logLevel: 'error',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file.replace(/^.*\/dist\//, ''));
  return { files: files.filter((file) => file !== '<stdin>').sort(), code: outputFiles[0]!.text };
}

describe('a bundle of', () => {
  it('nothing is empty', async () => {
    const { files } = await bundle("import 'cra-inpaint'; import 'cra-inpaint/ops'; import 'cra-inpaint/generators';");
    expect(files.filter((file) => !file.startsWith('kernels/'))).toEqual([]);
  });

  it.each(['cra-inpaint', 'cra-inpaint/ops'])(
    'one op of %s is small, and carries no generator, no other mechanism and no kernel of other ops',
    async (entry) => {
      const { files, code } = await bundle(`export { gaussianBlur } from '${entry}';`);
      expect(files.some((file) => file.startsWith('ops/'))).toBe(true);
      expect(files.filter((file) => /^(cli|cra|generators|io)\/|^kernels\/.*(gate|patch)/.test(file))).toEqual([]);
      expect(code.length).toBeLessThan(6000);
    },
  );

  it('the core holds no Node module: it is for browsers too', async () => {
    const { code } = await bundle("export * from 'cra-inpaint'; export * from 'cra-inpaint/ops'; export * from 'cra-inpaint/generators';");
    expect(code).not.toMatch(/from"node:|require\("node:|from"sharp"/);
  });

  it('one reader of weights is small, and carries no other', async () => {
    const { files, code } = await bundle("export { readSafetensors } from 'cra-inpaint/weights';");
    expect(files.filter((file) => /^io\//.test(file))).toEqual([
      'io/weights/parse.js',
      'io/weights/safetensors.js',
      'io/weights/strict-json.js',
      'io/weights/weight-file.js',
    ]);
    expect(code.length).toBeLessThan(6000);
  });

  it('all readers of weights need no Node module to be bundled', async () => {
    const { code } = await bundle("export * from 'cra-inpaint/weights';");
    expect(code).not.toMatch(/from"node:|require\("node:|import\("node:/);
    expect(code).not.toContain('@tensorflow');
    expect(code.length).toBeLessThan(44_000);
  });

  it('the op that searches nearest patches brings its kernels along', async () => {
    const { files, code } = await bundle("import { nearestPatches } from 'cra-inpaint/ops'; console.log(nearestPatches);");
    expect(files.filter((file) => file.startsWith('kernels/')).length).toBeGreaterThan(0);
    expect(code).toContain('registerKernel');
  });
});
