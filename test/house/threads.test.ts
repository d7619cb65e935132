import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { importsOf } from '../support/floors';

// A thread starts in a moment and takes little memory as long as TensorFlow.js is no part of it. Types of it are none at run time.
const code = (file: string) => readFileSync(file, 'utf8');

/** Files that a script takes along, each with the file that it was first found in, and packages. */
function takenAlong(script: string, read = code) {
  const from = new Map<string, string>([[script, 'the script']]);
  const packages = new Map<string, string>();
  for (const [file] of from) {
    for (const name of importsAtRun(read(file))) {
      if (!name.startsWith('.')) {
        packages.set(name, file);
        continue;
      }
      const path = join(dirname(file), name);
      const target = [`${path}.ts`, `${path}/index.ts`].find((candidate) => existsSync(candidate))!;
      if (!from.has(target)) from.set(target, file);
    }
  }
  return { files: [...from.keys()], packages: Object.fromEntries(packages) };
}

/** What a file imports when it runs. Some are long: each is looked through once. */
function importsAtRun(text: string): string[] {
  const known = looked.get(text);
  if (known) return known;
  const { outputText } = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext } });
  looked.set(text, importsOf(outputText));
  return importsAtRun(text);
}
const looked = new Map<string, string[]>();

describe("a thread's script", () => {
  it('takes no package along', () => {
    const { files, packages } = takenAlong('src/cra/inpaint-thread.ts');
    expect(files).toContain('src/arrays/patch-search.ts');
    expect(packages).toEqual({});
  });

  it('is all that a thread in a browser runs', () => {
    expect(importsOf(code('src/browser/standalone/thread.ts'))).toEqual(['../../cra/inpaint-thread']);
  });

  it('is kept by bundlers, though nothing is imported from it', () => {
    const { sideEffects } = JSON.parse(code('package.json')) as { sideEffects: string[] };
    expect(sideEffects).toEqual(expect.arrayContaining(['./src/cra/inpaint-thread.ts', './dist/cra/inpaint-thread.*']));
  });

  it.each([
    ["import { add } from '@tensorflow/tfjs-core'; add;", true],
    ["import { type Tensor, add } from '@tensorflow/tfjs-core'; add;", true],
    ["export * from '@tensorflow/tfjs-core';", true],
    ["const add = async () => (await import('@tensorflow/tfjs-core')).add;", true],
    ["import type { Tensor } from '@tensorflow/tfjs-core';", false],
    ["import { type Tensor, type Tensor3D } from '@tensorflow/tfjs-core';", false],
    ["type Tensor = import('@tensorflow/tfjs-core').Tensor;", false],
  ])('would be found to take TensorFlow.js along by %s: %s', (line, found) => {
    const deep = 'src/pixels/view.ts';
    const { packages } = takenAlong('src/cra/inpaint-thread.ts', (file) => (file === deep ? `${line}\n${code(file)}` : code(file)));
    expect(packages).toEqual(found ? { '@tensorflow/tfjs-core': deep } : {});
  });
});
