import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
  '.css': 'text/css',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const EMPTY = `<!doctype html><link rel="icon" href="data:,"><title>page</title>
<script type="module">import * as kit from '/standalone/page.js'; globalThis.kit = kit;</script>`;

/** How a site is served. */
export interface SiteOptions {
  /** Folders that are looked through for a path, the first first. */
  folders: string[];
  /** Cross-origin isolated: SharedArrayBuffer, and so threads. */
  isolated?: boolean;
  /** Other origins may show what it serves, and may not read it. */
  closed?: boolean;
  /** The content security policy of all that is served. */
  policy?: string;
  /** Answers itself by path. */
  own?: Record<string, () => string | Buffer>;
}

/** Serves folders on a free port of this machine; the root is an empty page with the kit, unless there is an index.html. */
export async function serve({ folders, isolated = false, closed = false, policy, own = {} }: SiteOptions): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://here').pathname);
    const name = path.endsWith('/') ? `${path}index.html` : path;
    const file = folders.map((folder) => join(folder, name)).find(existsSync);
    const body = own[path]?.() ?? (file && readFileSync(file)) ?? (path === '/' ? EMPTY : undefined);
    if (body === undefined) return void response.writeHead(404).end();
    const headers: Record<string, string> = { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' };
    if (!closed) headers['access-control-allow-origin'] = '*';
    if (policy) headers['content-security-policy'] = policy;
    if (isolated) {
      headers['cross-origin-opener-policy'] = 'same-origin';
      headers['cross-origin-embedder-policy'] = 'require-corp';
      headers['cross-origin-resource-policy'] = 'cross-origin';
    }
    response.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Starts Chromium; `webgpu` with a software driver, which Vulkan drivers named for Node would break. */
export async function startChromium({ webgpu = false } = {}): Promise<Browser> {
  const installed = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VK_|LD_LIBRARY_PATH$)/.test(name))) as Record<string, string>;
  const gpu = webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu'];
  const args = ['--no-sandbox', ...gpu];
  return chromium.launch({ executablePath: installed ?? (await sparticuz.executablePath()), env, args });
}

/** A page on which a failure that nobody caught fails the test: `errors` stays empty. */
export async function openPage(browser: Browser, address: string): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address);
  await page.waitForFunction(() => 'kit' in globalThis);
  return { page, errors };
}
