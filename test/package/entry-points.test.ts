import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';

const entryPoints = [
  'cra-inpaint',
  'cra-inpaint/ops',
  'cra-inpaint/pixels',
  'cra-inpaint/generators',
  'cra-inpaint/layers',
  'cra-inpaint/train',
  'cra-inpaint/node',
  'cra-inpaint/weights',
];

// ES modules alone.
const browserEntryPoints = ['cra-inpaint/browser', 'cra-inpaint/worker'];

/** Runs a script in a project; returns what it printed as JSON. Anything on stderr, a warning of tfjs say, is an error. */
function evaluate(project: string, kind: 'module' | 'commonjs', script: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${kind}`, '-e', script], { cwd: project, encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const imported = (project: string, entry: string) =>
  evaluate(project, 'module', `console.log(JSON.stringify(Object.keys(await import('${entry}')).sort()))`) as string[];
const required = (project: string, entry: string) =>
  evaluate(project, 'commonjs', `console.log(JSON.stringify(Object.keys(require('${entry}')).sort()))`) as string[];

describe('the packed package in an empty project', () => {
  it('holds the build and the papers, no sources and no tests', () => {
    const files = inject('packedFiles');
    const papers = files.filter((file) => !file.startsWith('dist/')).sort();
    expect(papers.filter((file) => !/^docs\/((guides\/)?[\w-]+\.md|images\/[\w-]+\.(jpg|png))$/.test(file))).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    // What the README links to.
    expect(papers.filter((file) => file.startsWith('docs/images/')).length).toBeGreaterThan(5);
    expect(papers).not.toContain('docs/index.md');
    for (const page of ['architecture', 'files', 'generators', 'masks', 'ops', 'options', 'pixels', 'troubleshooting'])
      expect(papers).toContain(`docs/${page}.md`);
    const wasm = ['-simd', '-threaded-simd', ''].map((variant) => `dist/standalone/tfjs-backend-wasm${variant}.wasm`);
    expect(files.filter((file) => !/\.(js|cjs|d\.ts|d\.cts)$/.test(file) && file.startsWith('dist/')).sort()).toEqual(['dist/standalone/NOTICE.txt', ...wasm]);
  });

  it.each(entryPoints)('%s: import and require give the same names', (entry) => {
    const names = imported(inject('fullProject'), entry);
    expect(names.length).toBeGreaterThan(0);
    expect(required(inject('fullProject'), entry)).toEqual(names.filter((name) => name !== 'module.exports'));
  });

  it.each([
    ['module', 'js', 'await import'],
    ['commonjs', 'cjs', 'require'],
  ] as const)('has its compiled loops as a %s', (kind, extension, load) => {
    const file = join(inject('fullProject'), 'node_modules/cra-inpaint/dist/arrays', `vector-memory.${extension}`);
    expect(evaluate(inject('fullProject'), kind, `console.log((${load}(${JSON.stringify(file)})).VectorMemory.open(16) !== undefined)`)).toBe(true);
  });

  it.each(['cra-inpaint', 'cra-inpaint/ops', 'cra-inpaint/pixels', 'cra-inpaint/generators', 'cra-inpaint/layers', 'cra-inpaint/train', 'cra-inpaint/weights'])(
    '%s: needs neither sharp nor a backend to be imported',
    (entry) => {
      expect(imported(inject('bareProject'), entry).length).toBeGreaterThan(0);
      expect(required(inject('bareProject'), entry).length).toBeGreaterThan(0);
    },
  );

  it.each(browserEntryPoints)('%s: can be imported in Node too, with no more than the package, as by what renders pages on a server', (entry) => {
    expect(imported(inject('bareProject'), entry).length).toBeGreaterThan(0);
  });

  it('cra-inpaint has every name of /ops, /generators and /layers but the initializers, and they are the same things', () => {
    const script = (load: string) => `const parts = [${load}('cra-inpaint/ops'), ${load}('cra-inpaint/generators'), ${load}('cra-inpaint/layers')];
      const all = ${load}('cra-inpaint');
      const differing = parts.flatMap((part) => Object.entries(part)).filter(([name, value]) => all[name] !== value).map(([name]) => name);
      console.log(JSON.stringify(differing.filter((name) => !['default', 'module.exports'].includes(name))));`;
    const initializers = ['identity', 'kaiming', 'normal', 'ones', 'truncatedNormal', 'zeros'];
    expect((evaluate(inject('fullProject'), 'module', script('await import')) as string[]).sort()).toEqual(initializers);
    expect((evaluate(inject('fullProject'), 'commonjs', script('require')) as string[]).sort()).toEqual(initializers);
  });

  it('computes: an op on the cpu backend, by import and by require', () => {
    const compute = `await tf.setBackend('cpu');
      const hole = tf.tensor3d([0, 0, 1, 0, 0], [1, 5, 1]);
      console.log(JSON.stringify(Array.from(await ops.growMask(hole, 1).data())));`;
    const esm = `import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-cpu'; import * as ops from 'cra-inpaint/ops'; tf.env().set('IS_TEST', true); ${compute}`;
    const cjs = `const tf = require('@tensorflow/tfjs-core'); require('@tensorflow/tfjs-backend-cpu'); const ops = require('cra-inpaint/ops'); tf.env().set('IS_TEST', true); (async () => { ${compute} })();`;
    expect(evaluate(inject('fullProject'), 'module', esm)).toEqual([0, 1, 1, 1, 0]);
    expect(evaluate(inject('fullProject'), 'commonjs', cjs)).toEqual([0, 1, 1, 1, 0]);
  });
});
