import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';

const examples = resolve('examples');

/** Copies examples into a temporary folder and installs what they depend on, all at once, with the packed tarball in the place of the published package. */
export function installExamples(names: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'cra-inpaint-examples-'));
  const full = inject('fullProject');
  const tarball = resolve(full, JSON.parse(readFileSync(join(full, 'package.json'), 'utf8')).dependencies['cra-inpaint'].replace(/^file:/, ''));
  for (const name of names) {
    cpSync(join(examples, name), join(root, name), { recursive: true, filter: (path) => !path.includes('node_modules') });
    const manifest = join(root, name, 'package.json');
    const { dependencies, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
    writeFileSync(manifest, JSON.stringify({ ...rest, dependencies: { ...dependencies, 'cra-inpaint': `file:${tarball}` } }));
  }
  cpSync(join(examples, 'sample'), join(root, 'sample'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'examples', private: true, workspaces: names }));
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  return root;
}

/** The command lines of an example's README that run one of its programs. */
export const commandsOf = (name: string): string[] =>
  [...readFileSync(join(examples, name, 'README.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap((block) => block[1]!.split('\n'))
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line.startsWith('node '));

/** What a program printed, and how it ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command line in a folder to its end. */
export function run(command: string, cwd: string, env: Record<string, string> = {}): Promise<Ended> {
  const [, ...args] = command.split(/\s+/);
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
