import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFindings } from '../pages/serious-findings';
import { startChromium } from '../pages/site';
import { installExamples } from './example-projects';

let root: string;
let browser: Browser;
let photo: Buffer;
const stops: (() => void)[] = [];
beforeAll(async () => {
  root = installExamples(['react', 'next']);
  photo = await sharp(resolve('examples/sample/photo.jpg')).png().toBuffer();
  browser = await startChromium();
}, 600_000);
afterAll(async () => {
  for (const stop of stops) stop();
  await browser?.close();
  if (root) rmSync(root, { recursive: true, force: true });
});

const env = { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' };

/** Starts a server by a script of an example, and gives the address that it prints. */
function startServer(name: string, script: string, ...args: string[]): Promise<string> {
  const child = spawn('npm', ['run', script, '--', ...args], { cwd: join(root, name), env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  // npm has children of its own.
  stops.push(() => child.exitCode === null && process.kill(-child.pid!));
  let printed = '';
  return new Promise((ready, fail) => {
    child.on('exit', (code) => fail(new Error(`${name} ended with ${code}: ${printed}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [address] = printed.match(/http:\/\/localhost:\d+/) ?? [];
      if (address) ready(address);
    });
  });
}

/** Fills a box of the photo on an example's page, and expects it to be filled, all else to be as it was, and one worker to be there. */
async function expectFilled(address: string): Promise<void> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(address);
  const said = (words: RegExp) => page.locator('#said').filter({ hasText: words }).waitFor();
  await page.locator('#engine').filter({ hasText: 'on wasm' }).waitFor();
  await page.setInputFiles('#file', { name: 'photo.png', mimeType: 'image/png', buffer: photo });
  await page.fill('#box', '400,240,80,60,7');
  await page.click('#fill');
  await said(/shapes must be four numbers, got 5/);
  await page.fill('#box', '400,240,80,60');
  await page.click('#fill');
  await said(/^Done/);
  const address2 = await page.getAttribute('#result', 'src');
  const file = Buffer.from(
    await page.evaluate(
      async (src) => btoa(Array.from(new Uint8Array(await (await fetch(src)).arrayBuffer()), (byte) => String.fromCharCode(byte)).join('')),
      address2!,
    ),
    'base64',
  );
  const pixels = async (picture: Buffer) => (await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })).data;
  const [before, after] = [await pixels(photo), await pixels(file)];
  let [inside, outside] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    const [x, y] = [Math.floor(i / 3) % 640, Math.floor(i / 3 / 640)];
    if (x >= 400 && x < 480 && y >= 240 && y < 300) inside += Math.abs(before[i]! - after[i]!) / (3 * 80 * 60);
    else if (x < 385 || x >= 495 || y < 225 || y >= 315) outside = Math.max(outside, Math.abs(before[i]! - after[i]!));
  }
  expect([inside > 10, outside]).toEqual([true, 0]);
  // The one that StrictMode's first mount started is gone.
  await expect.poll(() => page.workers().filter((worker) => !worker.url().startsWith('blob:')).length, { timeout: 20_000 }).toBe(1);
  expect(errors).toEqual([]);
  expect(await seriousFindings(page)).toEqual([]);
  await page.close();
}

describe('react', () => {
  it('fills on the dev server, where StrictMode mounts twice', { timeout: 300_000 }, async () => {
    await expectFilled(await startServer('react', 'dev', '--port', '0'));
  });

  it('fills once it is built', { timeout: 300_000 }, async () => {
    execFileSync('npm', ['run', 'build'], { cwd: join(root, 'react'), env, stdio: ['ignore', 'ignore', 'inherit'] });
    await expectFilled(await startServer('react', 'preview', '--port', '0'));
  });
});

describe('next', () => {
  // Its older bundler takes a minute, which CI has not to spare: `npm run test:package` runs it.
  const bundlers: [string, string[]][] = [
    ['Turbopack', []],
    ['webpack', ['--webpack']],
  ];
  it.each(process.env.CI ? bundlers.slice(0, 1) : bundlers)('fills once it is built by %s', { timeout: 600_000 }, async (_, args) => {
    execFileSync('npm', ['run', 'build', '--', ...args], { cwd: join(root, 'next'), env, stdio: ['ignore', 'ignore', 'inherit'] });
    await expectFilled(await startServer('next', 'start', '--port', '0'));
  });
});

it('both examples share one hook', () => {
  expect(readFileSync('examples/next/app/use-inpainter.js', 'utf8')).toBe(readFileSync('examples/react/src/use-inpainter.js', 'utf8'));
});
