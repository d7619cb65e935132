import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { notInChromium, withoutBackend } from '../../vitest.config';

// A test file that no project takes up is as green as one that passes; so what vitest itself lists is compared with what there is.
const root = join(import.meta.dirname, '../..');
const list = execFileSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'list', '--filesOnly', '--json'], { cwd: root, encoding: 'utf8' });

/** The projects that run each file. */
const projects = new Map<string, string[]>();
for (const { file, projectName } of JSON.parse(list) as { file: string; projectName: string }[]) {
  const path = relative(root, file);
  projects.set(path, [...(projects.get(path) ?? []), projectName.replace(/ \(chromium\)$/, '')].sort());
}

const backends = ['cpu', 'tensorflow', 'wasm', 'webgpu-chromium', 'webgpu-node'];
const inNode = backends.filter((name) => name !== 'webgpu-chromium');

it('every file with tests is run', () => {
  const files = ['bench', 'demo', 'examples', 'scripts', 'src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const withTests = files.filter((file) => {
    if (file.includes('node_modules') || !/\.[cm]?[jt]sx?$/.test(file)) return false;
    return /[.-](test|spec)s?\.\w+$/.test(file) || /^import \{[^}]*\b(it|test|describe)\b[^}]*\} from 'vitest'/m.test(readFileSync(join(root, file), 'utf8'));
  });
  expect(withTests.length).toBeGreaterThan(150);
  expect(withTests.filter((file) => !projects.has(file))).toEqual([]);
});

it('a file runs on all backends, on all but Chromium, or in one project', () => {
  const runs = [backends, inNode, ['node'], ['browser'], ['pages'], ['package']].map(String);
  expect([...projects].filter(([, names]) => !runs.includes(String(names)))).toEqual([]);
});

it.each([
  ['test/ops/mask.test.ts', backends],
  ['test/kernels/backend.test.ts', backends],
  ['test/layers/conv2d.test.ts', backends],
  ['test/generators/exemplar.test.ts', backends],
  ['test/pixels/aggregate-cells.test.ts', backends],
  ['test/cra/inpaint.test.ts', backends],
  ['test/train/adam.test.ts', backends],
  ['test/train/losses/l1.test.ts', backends],
  ['test/picture.test.ts', ['node']],
  ['test/arrays/distance-transform.test.ts', ['node']],
  ['test/io/png.test.ts', ['node']],
  ['test/io/weights/formats.test.ts', ['node']],
  ['test/io/browser/read.test.ts', ['browser']],
  ['test/plain-error.test.ts', ['node']],
  ['test/cli/run.test.ts', ['node']],
  ['test/bench/quality/metrics.test.ts', ['node']],
  ['test/demo/mask.test.ts', ['node']],
  ['test/docs/text.test.ts', ['node']],
  ['test/examples/examples.test.ts', ['node']],
  ['test/house/runs.test.ts', ['node']],
  ['test/pages/policy.test.ts', ['pages']],
  ['test/package/types.test.ts', ['package']],
])('%s runs in %j', (file, names) => expect(projects.get(file)).toEqual(names));

it('the files that look at no backend are there, and run once', () => {
  expect(withoutBackend.filter((file) => String(projects.get(file)) !== 'node')).toEqual([]);
});

it('the files that Chromium is spared are there, and run on all other backends; none other is spared', () => {
  expect(
    [...projects]
      .filter(([, names]) => String(names) === String(inNode))
      .map(([file]) => file)
      .sort(),
  ).toEqual([...notInChromium].sort());
});

it('folders are those of src/ and of the root, but for kinds of runs', () => {
  const folders = new Set([...projects.keys()].map((file) => dirname(relative('test', file))));
  const strangers = [...folders].filter((folder) => !['house', 'package', 'pages'].includes(folder) && !existsSync(join(root, 'src', folder)));
  expect(strangers.filter((folder) => !/^(bench|demo|docs|examples)\b/.test(folder) || !existsSync(join(root, folder)))).toEqual([]);
});
