import { relative } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

// `a.add(b)` is there only where somebody imports all of TensorFlow.js, as types and tests here do; users of the core alone would get
// "a.add is not a function".
const SAMPLE = 'src/sample.ts';
const CODE = `import * as tf from '@tensorflow/tfjs-core';
export const method = (a: tf.Tensor3D) => a.add(1);
export const chained = (a: tf.Tensor) => tf.add(a, 1).mean();
export const taken = ({ sum }: tf.Tensor) => sum;
export const core = (a: tf.Tensor) => [a.clone(), a.dataSync(), a.shape, a.dispose()];
export const list = (numbers: number[][]) => numbers.concat(numbers);`;

/** Uses of what TensorFlow.js adds to tensors, by file and line. */
function tensorMethods(): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const isSample = (file: string) => relative('.', file) === SAMPLE;
  host.fileExists = (file) => isSample(file) || fileExists(file);
  host.getSourceFile = (file, ...rest) => (isSample(file) ? ts.createSourceFile(file, CODE, ts.ScriptTarget.ES2022, true) : getSourceFile(file, ...rest));
  const names = fileNames.filter((file) => relative('.', file).startsWith('src/') || file.endsWith('.d.ts'));
  // The package with all methods, so that their types are known whether or not a file of src/ imports them.
  const program = ts.createProgram([...names, SAMPLE, 'node_modules/@tensorflow/tfjs/dist/index.d.ts'], options, host);
  const checker = program.getTypeChecker();
  const isMethod = (symbol: ts.Symbol | undefined) => symbol?.declarations?.some((node) => node.getSourceFile().fileName.includes('/chained_ops/'));

  const found: string[] = [];
  for (const source of program.getSourceFiles()) {
    const file = relative('.', source.fileName);
    if (!file.startsWith('src/')) continue;
    const visit = (node: ts.Node): void => {
      const named = ts.isPropertyAccessExpression(node) ? checker.getSymbolAtLocation(node.name) : undefined;
      const taken = ts.isBindingElement(node)
        ? checker.getTypeAtLocation(node.parent).getProperty((node.propertyName ?? node.name).getText(source))
        : undefined;
      if (isMethod(named ?? taken)) found.push(`${file}, line ${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText(source)}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

it("src/ calls functions of tfjs-core, not tensors' methods", { timeout: 300_000 }, () => {
  const found = tensorMethods();
  expect(found.filter((place) => place.startsWith(SAMPLE))).toEqual([
    `${SAMPLE}, line 2: a.add`,
    `${SAMPLE}, line 3: tf.add(a, 1).mean`,
    `${SAMPLE}, line 4: sum`,
  ]);
  expect(found.filter((place) => !place.startsWith(SAMPLE))).toEqual([]);
});
