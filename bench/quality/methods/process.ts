import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Case, Pixels } from '../cases';
import type { Outcome } from './method';

/** Runs a command and gives back what it wrote to its standard output and error. */
export function output(command: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve({ stdout, stderr }) : reject(new Error(`${command} ${args[0]} ended with ${code}:\n${stderr.slice(-2000)}`)),
    );
  });
}

/** Runs `work` in a new folder, which is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'quality-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes RGB pixels as a PNG. */
export const writePng = ({ width, height, data }: Pixels, path: string) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 2 })
    .toFile(path);

/** Reads a picture as RGB pixels. */
export async function readPixels(path: string): Promise<Pixels> {
  const { data, info } = await sharp(path).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Runs a command that reads in.png and mask.png (white = hole) and writes out.png, all in `folder`; times it with GNU time. */
export function runOnFiles({ input, hole }: Case, command: (folder: string) => string[]): Promise<Outcome> {
  return inFolder(async (folder) => {
    await writePng(input, join(folder, 'in.png'));
    await sharp(
      hole.data.map((value) => value * 255),
      { raw: { width: hole.width, height: hole.height, channels: 1 } },
    )
      .png()
      .toFile(join(folder, 'mask.png'));
    const { stderr } = await output('/usr/bin/time', ['-f', '\n%e %M', ...command(folder)]);
    const [seconds, kilobytes] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    return { result: await readPixels(join(folder, 'out.png')), seconds, megabytes: kilobytes / 1024 };
  });
}
