import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The names of the files in the package. */
    packedFiles: string[];
    /** A project that has the package and what npm installs with it, nothing else. */
    bareProject: string;
    /** The same with sharp and the cpu and wasm backends. */
    fullProject: string;
  }
}

const npm = (args: string[], cwd: string): string => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Whether a source file is younger than the build. */
function isStale(): boolean {
  if (!existsSync('dist/index.d.cts')) return true;
  const built = statSync('dist/index.d.cts').mtimeMs;
  return ['tsup.config.ts', 'package.json', ...readdirSync('src', { recursive: true, encoding: 'utf8' }).map((file) => join('src', file))].some(
    (file) => statSync(file).mtimeMs > built,
  );
}

function install(root: string, name: string, packages: string[]): string {
  const project = join(root, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], project);
  return project;
}

/** Packs the package and installs it, as a user would, in two empty projects. */
export default function setup(project: TestProject): () => void {
  const root = mkdtempSync(join(tmpdir(), 'cra-inpaint-package-'));
  if (isStale()) npm(['run', 'build'], process.cwd());
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', root], process.cwd())) as { filename: string; files: { path: string }[] }[];
  const tarball = join(root, packed!.filename);
  project.provide(
    'packedFiles',
    packed!.files.map((file) => file.path),
  );
  project.provide('bareProject', install(root, 'bare', [tarball]));
  project.provide(
    'fullProject',
    install(root, 'full', [tarball, '@tensorflow/tfjs-backend-cpu@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0', 'sharp@0.35.5']),
  );
  return () => rmSync(root, { recursive: true, force: true });
}
