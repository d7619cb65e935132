import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, pages } from '../support/doc-blocks';

// The guide's package.json with the newer tar for tfjs-node-gpu, installed as it stands.
const blocks = pages.flatMap((page) => blocksOf(page, 'json'));
let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'cra-inpaint-overrides-'));
  writeFileSync(join(project, 'package.json'), blocks[0]!.code);
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
}, 300_000);
afterAll(() => {
  if (project) rmSync(project, { recursive: true, force: true });
});

/** A place of a tree of packages, as npm tells it. */
interface Place {
  version?: string;
  dependencies?: Record<string, Place>;
}

function versionsOf(name: string, { dependencies = {} }: Place): string[] {
  return Object.entries(dependencies).flatMap(([key, place]) => [...(key === name ? [place.version!] : []), ...versionsOf(name, place)]);
}

describe("the guide's override for tfjs-node-gpu's tar", () => {
  it('is the one such block, and puts the newer tar in both places', () => {
    expect(blocks.map(({ page }) => page)).toEqual(['docs/guides/backends.md']);
    const tree: Place = JSON.parse(execFileSync('npm', ['ls', 'tar', '--json'], { cwd: project, encoding: 'utf8' }));
    const versions = versionsOf('tar', tree).map((version) => version.split('.').map(Number));
    expect(versions.length).toBe(2);
    for (const [major, minor, patch] of versions) expect(major === 7 && (minor! > 5 || (minor === 5 && patch! >= 22))).toBe(true);
  });

  it("unpacks by the package's own installer", () => {
    mkdirSync(join(project, 'archive'));
    mkdirSync(join(project, 'unpacked'));
    writeFileSync(join(project, 'archive/file.txt'), 'libtensorflow');
    execFileSync('tar', ['czf', 'archive.tar.gz', 'archive'], { cwd: project });
    const program = `
      const { downloadAndUnpackResource } = require('@tensorflow/tfjs-node-gpu/scripts/resources.js');
      const server = require('http').createServer((_, response) => require('fs').createReadStream('archive.tar.gz').pipe(response));
      server.listen(0, '127.0.0.1', () =>
        downloadAndUnpackResource('http://127.0.0.1:' + server.address().port + '/archive.tar.gz', 'unpacked', () => server.close()));`;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^https?_proxy$/i.test(name)));
    expect(spawnSync(process.execPath, ['-e', program], { cwd: project, env, encoding: 'utf8' }).status).toBe(0);
    expect(readFileSync(join(project, 'unpacked/archive/file.txt'), 'utf8')).toBe('libtensorflow');
  });

  it('lets the backend start and compute', { timeout: 600_000 }, ({ skip }) => {
    const env = { ...process.env, TFJS_NODE_GPU_OFFICIAL: '0' };
    const { status, stdout, stderr } = spawnSync('bash', [resolve('scripts/provision-node-gpu.sh'), '.'], { cwd: project, env, encoding: 'utf8' });
    skip(
      status !== 0 && !existsSync(join(project, 'node_modules/@tensorflow/tfjs-node-gpu/deps')),
      `libtensorflow can't be had: ${stderr.trim().split('\n').at(-1)}`,
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/tfjs-node-gpu ready/) });
  });
});
