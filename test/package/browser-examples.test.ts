import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFindings } from '../pages/serious-findings';
import { startChromium } from '../pages/site';
import { commandsOf, installExamples } from './example-projects';

// A stroke over the house in the sample photo, in the photo's pixels.
const FROM = [400, 240] as const;
const TO = [480, 260] as const;
const WIDTH = 40;

let root: string;
let browser: Browser;
let photo: Buffer;
const addresses: Record<string, string> = {};
const stops: (() => void)[] = [];
beforeAll(async () => {
  root = installExamples(['browser-no-bundler', 'worker-vite']);
  photo = await sharp(resolve('examples/sample/photo.jpg')).png().toBuffer();
  browser = await startChromium();
  addresses['browser-no-bundler'] = await startServer(commandsOf('browser-no-bundler')[0]!, join(root, 'browser-no-bundler'));
  execFileSync('npm', ['run', 'build'], { cwd: join(root, 'worker-vite'), stdio: ['ignore', 'ignore', 'inherit'] });
  addresses['worker-vite'] = await startServer('npm run preview -- --port 0', join(root, 'worker-vite'));
}, 300_000);
afterAll(async () => {
  for (const stop of stops) stop();
  await browser?.close();
  if (root) rmSync(root, { recursive: true, force: true });
});

/** Starts a server by its command line, and gives the address that it prints. */
function startServer(command: string, cwd: string): Promise<string> {
  const [program, ...args] = command.split(' ');
  const env = { ...process.env, PORT: '0', NO_COLOR: '1' };
  const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  // npm has children of its own.
  stops.push(() => child.exitCode === null && process.kill(-child.pid!));
  let printed = '';
  return new Promise((ready, fail) => {
    child.on('exit', (code) => fail(new Error(`${command} ended with ${code}: ${printed}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [address] = printed.match(/http:\/\/localhost:\d+/) ?? [];
      if (address) ready(address);
    });
  });
}

/** A page, what went wrong on it, the addresses that it and its workers asked for, and how often it was loaded. */
interface Opened {
  page: Page;
  errors: string[];
  requests: string[];
  loads: number;
}

async function open(address: string): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  const opened: Opened = { page, errors: [], requests: [], loads: 0 };
  page.on('pageerror', (error) => opened.errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && opened.errors.push(message.text()));
  page.on('request', (request) => opened.requests.push(request.url()));
  page.on('load', () => {
    opened.loads++;
  });
  await page.goto(address);
  return opened;
}

const choose = (page: Page, buffer: Buffer, name = 'plain.png') => page.setInputFiles('#file', { name, mimeType: 'image/png', buffer });
const said = (page: Page, words: RegExp) => page.locator('#said').filter({ hasText: words }).waitFor();

/** Chooses the sample photo, and paints over a part of it with the mouse. */
async function paint(page: Page): Promise<void> {
  await choose(page, photo);
  await said(page, /640 × 492 pixels/);
  const { x, y, width } = (await page.locator('#brush').boundingBox())!;
  const scale = width / 640;
  await page.locator('#size').fill(String(Math.round(WIDTH * scale)));
  await page.mouse.move(x + FROM[0] * scale, y + FROM[1] * scale);
  await page.mouse.down();
  await page.mouse.move(x + TO[0] * scale, y + TO[1] * scale, { steps: 5 });
  await page.mouse.up();
}

async function downloaded(page: Page): Promise<{ name: string; file: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  return { name: download.suggestedFilename(), file: readFileSync(await download.path()) };
}

/** What a page asked for elsewhere. */
const elsewhere = (requests: string[], address: string) => requests.filter((url) => !url.startsWith(address) && !/^(data|blob):/.test(url));

const rgb = async (file: Buffer) => (await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })).data;

/** How far a pixel is from the middle of the stroke. */
function fromStroke(p: number): number {
  const [x, y] = [(p % 640) - FROM[0], Math.floor(p / 640) - FROM[1]];
  const [dx, dy] = [TO[0] - FROM[0], TO[1] - FROM[1]];
  const along = Math.min(1, Math.max(0, (x * dx + y * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - along * dx, y - along * dy);
}

/** What a fill did to the photo: the mean difference under the paint, the largest beyond it, and how rough what was filled in is. */
async function changes(file: Buffer): Promise<{ size: (number | string | undefined)[]; inside: number; outside: number; roughness: number }> {
  const { width, height, format } = await sharp(file).metadata();
  const [before, after] = [await rgb(photo), await rgb(file)];
  let [sum, count, outside, roughness] = [0, 0, 0, 0];
  for (let i = 0; i < before.length; i++) {
    const distance = fromStroke(Math.floor(i / 3));
    const difference = Math.abs(before[i]! - after[i]!);
    // The hole is grown by 3 pixels, and has a seam of 2.
    if (distance > WIDTH / 2 + 8) outside = Math.max(outside, difference);
    if (distance > WIDTH / 2 - 4) continue;
    sum += difference;
    count++;
    const around = after[i - 3]! + after[i + 3]! + after[i - 3 * 640]! + after[i + 3 * 640]!;
    roughness = Math.max(roughness, Math.abs(after[i]! - around / 4));
  }
  return { size: [width, height, format], inside: sum / count, outside, roughness };
}

describe('browser-no-bundler', () => {
  it('removes what was painted over, leaves all else as it was, and asks nobody else', async () => {
    const { page, errors, requests } = await open(addresses['browser-no-bundler']!);
    await paint(page);
    await page.click('#fill');
    await said(page, /^Done/);
    const { name, file } = await downloaded(page);
    expect(name).toBe('plain-filled.png');
    const { size, inside, outside } = await changes(file);
    expect(size).toEqual([640, 492, 'png']);
    expect(inside).toBeGreaterThan(10);
    expect(outside).toBe(0);
    // The worker's requests are among them.
    expect(requests.filter((url) => /worker\.js$|\.wasm$/.test(url)).length).toBeGreaterThanOrEqual(2);
    expect(elsewhere(requests, addresses['browser-no-bundler']!)).toEqual([]);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.textContent('#engine')).toBe('Computing on wasm');
    // How many it takes depends on the machine's cores; it does not lack the right to.
    expect(await page.getAttribute('#engine', 'title')).toMatch(/wasm: (one thread|\d threads)$/);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('can be cancelled, and says in words what is wrong', async () => {
    const { page, errors } = await open(addresses['browser-no-bundler']!);
    await choose(page, Buffer.from('no picture'));
    await said(page, /cannot read that kind of picture/);
    expect(await page.isDisabled('#fill')).toBe(true);
    await paint(page);
    await page.click('#fill');
    await page.waitForSelector('#bar[value]');
    await page.click('#cancel');
    await said(page, /^Cancelled/);
    expect(await page.isEnabled('#fill')).toBe(true);
    expect(await page.isDisabled('#download')).toBe(true);
    await page.evaluate(() => {
      const brush = document.querySelector<HTMLCanvasElement>('#brush')!;
      const pen = brush.getContext('2d')!;
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, brush.width, brush.height);
    });
    await page.click('#fill');
    await said(page, /nothing to fill it from/);
    await page.click('#clear');
    expect(await page.isDisabled('#fill')).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('lives on after an address that is none, and says what is not to be sniffed', async () => {
    const { port } = new URL(addresses['browser-no-bundler']!);
    const statusOf = (path: string) =>
      new Promise<(number | string | string[] | undefined)[]>((done, fail) => {
        const asked = request({ port, host: 'localhost', path }, (response) => {
          response.resume();
          done([response.statusCode, response.headers['x-content-type-options']]);
        });
        asked.on('error', fail).end();
      });
    expect(await statusOf('//')).toEqual([404, 'nosniff']);
    expect(await statusOf('/cra-inpaint/..%2f..%2fpackage.json')).toEqual([404, 'nosniff']);
    expect(await statusOf('/page.js')).toEqual([200, 'nosniff']);
  });

  it('names the version of this package in the address of a CDN', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(readFileSync('examples/browser-no-bundler/page.js', 'utf8')).toContain(`/cra-inpaint@${version}/dist/standalone/cra-inpaint.js`);
  });
});

describe('worker-vite', () => {
  it("fills with the package's worker, and measures frames", async () => {
    const { page, errors, requests } = await open(addresses['worker-vite']!);
    await paint(page);
    await page.click('#fill');
    // What holds the page's own thread up is noticed.
    await page.evaluate(() => {
      const until = performance.now() + 400;
      while (performance.now() < until);
    });
    const places = new Set<string>();
    for (let i = 0; i < 3; i++) {
      places.add(await page.evaluate(() => document.getElementById('dot')!.style.translate));
      await page.waitForTimeout(30);
    }
    expect(places.size).toBeGreaterThan(1);
    await said(page, /^Filled in [\d.]+ s/);
    expect(Number((await page.textContent('#said'))!.match(/was (\d+) ms/)![1])).toBeGreaterThanOrEqual(400);
    const { size, inside, outside, roughness } = await changes((await downloaded(page)).file);
    expect(size).toEqual([640, 492, 'png']);
    expect(inside).toBeGreaterThan(10);
    expect(outside).toBe(0);
    expect(roughness).toBeGreaterThan(8);
    expect(requests.filter((url) => /worker/.test(url)).length).toBeGreaterThan(0);
    expect(requests.filter((url) => /smooth/.test(url))).toEqual([]);
    expect(elsewhere(requests, addresses['worker-vite']!)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('fills with a worker of its own', async () => {
    const opened = await open(addresses['worker-vite']!);
    await fillSmoothly(opened);
    await opened.page.close();
  });

  it('does so on the dev server too, which loads the page once', async () => {
    const opened = await open(await startServer('npm run dev -- --port 0', join(root, 'worker-vite')));
    await fillSmoothly(opened);
    expect(opened.loads).toBe(1);
    await opened.page.close();
  });

  /** Fills by the worker of one's own, whose generator makes what no other does: colours without any texture. */
  async function fillSmoothly({ page, errors, requests }: Opened): Promise<void> {
    await page.selectOption('#who', 'smooth');
    await paint(page);
    await page.click('#fill');
    await said(page, /^Filled/);
    expect(await page.textContent('#engine')).toMatch(/^Worker: .*smooth.*, on wasm$/);
    expect(page.workers().filter((worker) => !worker.url().startsWith('blob:')).length).toBe(1);
    expect(requests.some((url) => /smooth\.worker/.test(url))).toBe(true);
    expect(requests.filter((url) => /standalone/.test(url))).toEqual([]);
    const { size, inside, outside, roughness } = await changes((await downloaded(page)).file);
    expect(size).toEqual([640, 492, 'png']);
    expect(inside).toBeGreaterThan(10);
    expect(outside).toBe(0);
    expect(roughness).toBeLessThanOrEqual(2);
    expect(errors).toEqual([]);
  }

  it('can be cancelled, and ends its worker, also in the middle of a fill', async () => {
    const { page, errors } = await open(addresses['worker-vite']!);
    await paint(page);
    await page.click('#fill');
    await page.waitForSelector('#bar[value]');
    await page.click('#cancel');
    await said(page, /^Cancelled/);
    expect(page.workers().length).toBeGreaterThan(0);
    await page.click('#fill');
    await page.waitForSelector('#bar[value]');
    await page.click('#dispose');
    await said(page, /^Cancelled/);
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
    expect(await page.textContent('#engine')).toBe('No worker is running');
    await page.click('#fill');
    await said(page, /^Filled/);
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe.each(['browser-no-bundler', 'worker-vite'])('%s', (name) => {
  it.each(['light', 'dark'] as const)('axe finds nothing serious at first and with something painted, %s', async (colorScheme) => {
    const { page } = await open(addresses[name]!);
    await page.emulateMedia({ colorScheme });
    expect(await seriousFindings(page)).toEqual([]);
    await paint(page);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });
});
