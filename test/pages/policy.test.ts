import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../support/doc-blocks';
import { folder } from './build';
import { serve, startChromium } from './site';

// The guide's content security policy, word for word, on all that is served: the page, the package's files, the worker.
const [block] = blocksOf('docs/guides/browser.md', 'http');
const POLICY = block!.code.trim().replace('Content-Security-Policy: ', '');

const PAGE = `<!doctype html><title>policy</title><script type="module" src="/start.js"></script><img id="photo"><img id="result">`;
const START = `import * as kit from '/standalone/page.js'; globalThis.kit = kit;`;

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium({ webgpu: true });
});
afterAll(() => browser?.close());

/** Opens a page under a policy, and does all that a page does with a photo. */
async function fillUnder(policy: string, { isolated = false, backend = 'auto' as 'auto' | 'webgpu', workers = 1 } = {}) {
  const site = await serve({ folders: [folder], isolated, policy, own: { '/policy.html': () => PAGE, '/start.js': () => START } });
  const page = await browser.newPage();
  const broken: string[] = [];
  page.on('console', (message) => /content security policy/i.test(message.text()) && broken.push(message.text()));
  try {
    await page.goto(`${site.address}/policy.html`);
    await page.waitForFunction(() => 'kit' in globalThis);
    return { ...(await fill(page, backend, workers)), broken };
  } finally {
    await page.close();
    site.server.close();
  }
}

const fill = (page: Page, choice: 'auto' | 'webgpu', count: number) =>
  page.evaluate(
    async ([backend, workers]) => {
      const { createInpainter, disc, encodePicture, failureOf, readPicture, same, scene } = kit;
      let said = '';
      const inpainter = createInpainter({ backend, workers, onBackend: (choice) => (said = `${choice.backend}: ${choice.reason}`) });
      const shown = document.querySelector<HTMLImageElement>('#photo')!;
      const result = document.querySelector<HTMLImageElement>('#result')!;
      const photo = { ...scene(48, 40), metadata: { format: 'png' as const } };
      shown.src = URL.createObjectURL(await encodePicture(photo));
      const decoded = await shown.decode().then(
        () => true,
        () => false,
      );
      let filled = false;
      const warnings: string[] = [];
      const failure = await failureOf(
        inpainter
          .inpaint(decoded ? shown : photo, disc(48, 40, 5), { output: 'blob', format: 'png', thin: 0, onWarning: ({ code }) => warnings.push(code) })
          .then(async (file) => {
            result.src = URL.createObjectURL(file);
            filled = !same(await readPicture(file), photo);
          }),
      );
      const drawn = await result.decode().then(
        () => result.naturalWidth,
        () => 0,
      );
      await inpainter.dispose();
      // What only the file behind the image says.
      const format = decoded && (await readPicture(shown)).metadata?.format;
      return { decoded, format, drawn, filled, backend: said.split(':')[0], said, warnings, failed: filled ? undefined : failure.code };
    },
    [choice, count] as const,
  );

describe("the guide's policy", () => {
  it('lets a page show, fill and show again, and nothing runs into it', async () => {
    expect(await fillUnder(POLICY)).toMatchObject({ decoded: true, format: 'png', drawn: 48, filled: true, backend: 'wasm', broken: [] });
  });

  it('is enough for WebGPU', async () => {
    expect(await fillUnder(POLICY, { backend: 'webgpu' })).toMatchObject({ filled: true, backend: 'webgpu', broken: [] });
  });

  it('lets wasm have threads where the worker is served with what the guide says', async () => {
    const forWorkers = POLICY.replace("script-src 'self'", "script-src 'self' blob:");
    const { said, filled, broken } = await fillUnder(forWorkers, { isolated: true });
    expect({ filled, broken }).toEqual({ filled: true, broken: [] });
    // How many it takes depends on the machine's cores; it does not lack the right to.
    expect(said).toMatch(/wasm: (one thread|\d threads)$/);
  });

  it('lets the worker start its threads', async () => {
    expect(await fillUnder(POLICY, { workers: 2 })).toMatchObject({ filled: true, backend: 'wasm', warnings: [], broken: [] });
  });

  // Each directive is there for a reason: without it happens what the guide's table says.
  it.each([
    ["'wasm-unsafe-eval'", '', { filled: true, backend: 'cpu' }],
    ["worker-src 'self' blob:", "worker-src 'none'", { filled: false, failed: 'backend' }],
    ["connect-src 'self' blob: data:", "connect-src 'none'", { filled: true, backend: 'cpu' }],
    [' blob: data:;', ';', { filled: true, backend: 'wasm', format: undefined }],
    ["img-src 'self' blob:", "img-src 'none'", { decoded: false, drawn: 0, filled: true, backend: 'wasm' }],
  ])('needs %s', async (part, instead, outcome) => {
    expect(POLICY).toContain(part);
    const { broken, ...found } = await fillUnder(POLICY.replace(part, instead));
    expect(found).toMatchObject(outcome);
    expect(broken.length).toBeGreaterThan(0);
  });
});
