import type { Server } from 'node:http';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder } from './build';
import { openPage, serve, startChromium } from './site';

// A worker that gives its GPU device away when it is told to.
const stash = `const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (...args) { return (globalThis.lastDevice = await requestDevice.apply(this, args)); };
addEventListener('message', ({ data }) => { if (data === 'lose') globalThis.lastDevice.destroy(); });`;
const losing = `import '/stash.js'; import '/standalone/worker.js';`;

let browser: Browser;
let site: { server: Server; address: string };
let isolated: { server: Server; address: string };

beforeAll(async () => {
  site = await serve({ folders: [folder], own: { '/stash.js': () => stash, '/losing.js': () => losing } });
  isolated = await serve({ folders: [folder], isolated: true });
  browser = await startChromium({ webgpu: true });
});
afterAll(async () => {
  await browser?.close();
  site?.server.close();
  isolated?.server.close();
});

describe('the backend', () => {
  it('webgpu in a worker gives what it gives on the page', async () => {
    const { page, errors } = await openPage(browser, site.address);
    const found = await page.evaluate(async () => {
      const { createInpainter, disc, inpaint, same, scene, tf } = kit;
      const said: string[] = [];
      const inpainter = createInpainter({ backend: 'webgpu', onBackend: ({ backend, reason }) => said.push(`${backend} (${reason})`) });
      const [photo, mask] = [scene(48, 40), disc(48, 40, 5)];
      const filled = await inpainter.inpaint(photo, mask, { thin: 0 });
      await tf.setBackend('webgpu');
      return { equal: same(filled, await inpaint(photo, mask, { thin: 0 })), changed: !same(filled, photo), said };
    });
    expect(found).toMatchObject({ equal: true, changed: true, said: [expect.stringMatching(/^webgpu \(webgpu: .*swiftshader/i)] });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('webgpu on a software adapter is passed over, unless it is asked for, or nothing else starts', async () => {
    const { page } = await openPage(browser, site.address);
    const found = await page.evaluate(async () => {
      const { detectBackend, tf } = kit;
      const usual = await detectBackend();
      const asked = await detectBackend({ order: ['webgpu', 'wasm'] });
      const factories = ['wasm', 'cpu'].map((name) => [name, tf.findBackendFactory(name)] as const);
      for (const [name] of factories) tf.removeBackend(name);
      const alone = await detectBackend();
      return [usual, asked, alone].map(({ name, passedOver }) => ({ name, passedOver }));
    });
    expect(found).toEqual([
      { name: 'wasm', passedOver: [{ backend: 'webgpu', reason: expect.stringMatching(/software .*swiftshader/i) }] },
      { name: 'webgpu', passedOver: [] },
      { name: 'webgpu', passedOver: ['webgpu', 'wasm', 'cpu'].map((backend) => ({ backend, reason: expect.any(String) })) },
    ]);
    await page.close();
  });

  it('webgpu whose device is lost in mid-run: the picture is finished on wasm, and the page is told', async () => {
    const { page, errors } = await openPage(browser, site.address);
    const found = await page.evaluate(async () => {
      const { createInpainter, disc, inpaint, same, scene, tf } = kit;
      const said: { backend: string; reason: string }[] = [];
      const worker = new Worker('/losing.js', { type: 'module' });
      const inpainter = createInpainter({ worker, backend: 'webgpu', onBackend: (choice) => said.push(choice) });
      const [photo, mask] = [scene(64, 56), disc(64, 56, 9)];
      const lose = {
        thin: 0,
        onProgress: ({ stage, done }: { stage: string; done: number }) => void (stage === 'fill' && done > 0.2 && worker.postMessage('lose')),
      };
      const filled = await inpainter.inpaint(photo, mask, lose);
      const memory = await inpainter.memory();
      const next = await inpainter.inpaint(photo, mask, { thin: 0 });
      await tf.setBackend('wasm');
      const expected = await inpaint(photo, mask, { thin: 0 });
      return { equal: [same(filled, expected), same(next, expected)], said, memory };
    });
    expect(found.said.map(({ backend }) => backend)).toEqual(['webgpu', 'wasm']);
    expect(found.said[1]!.reason).toMatch(/^webgpu: its device was lost; wasm: /);
    expect(found.equal).toEqual([true, true]);
    expect(found.memory).toEqual({ tensors: 0, bytes: 0, backend: 'wasm' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('tensors that stayed on a lost device are disposed of on the next backend, as those of a network are', async () => {
    const { page, errors } = await openPage(browser, site.address);
    const found = await page.evaluate(async () => {
      const { detectBackend, disc, inpaint, scene, tf } = kit;
      const backend = await detectBackend({ order: ['webgpu', 'wasm'] });
      const names: string[] = [];
      let weights: ReturnType<typeof tf.tensor1d> | undefined;
      const lose = () => {
        if (tf.getBackend() === 'webgpu') (tf.backend() as unknown as { device: GPUDevice }).device.destroy();
      };
      await backend.run(async (name) => {
        names.push(name);
        weights?.dispose();
        weights = tf.tensor1d([1, 2, 3]);
        // On the GPU from here on.
        const twice = tf.mul(weights, 2);
        await twice.data();
        twice.dispose();
        return inpaint(scene(48, 40), disc(48, 40, 5), { thin: 0, onProgress: lose });
      });
      weights?.dispose();
      return { names, inUse: backend.name, tensors: tf.memory().numTensors };
    });
    expect(found).toEqual({ names: ['webgpu', 'wasm'], inUse: 'wasm', tensors: 0 });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('wasm has threads on a page that is cross-origin isolated, and gives the same', async () => {
    const results: unknown[] = [];
    for (const { address } of [site, isolated]) {
      const { page, errors } = await openPage(browser, address);
      const files: string[] = [];
      page.on('request', (request) => request.url().endsWith('.wasm') && files.push(request.url().replace(/.*\//, '')));
      const found = await page.evaluate(async () => {
        const { createInpainter, disc, scene } = kit;
        let said = '';
        const inpainter = createInpainter({ backend: 'wasm', onBackend: ({ reason }) => (said = reason) });
        const { data } = await inpainter.inpaint(scene(96, 80), disc(96, 80, 9), { thin: 0 });
        return { data: [...data], said };
      });
      results.push(found.data);
      expect(files).toEqual([address === site.address ? 'tfjs-backend-wasm-simd.wasm' : 'tfjs-backend-wasm-threaded-simd.wasm']);
      expect(errors).toEqual([]);
      await page.close();
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('wasm does without threads where the policy forbids workers made of Blobs', async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'; worker-src 'self'";
    const strict = await serve({ folders: [folder], isolated: true, policy });
    const { page, errors } = await openPage(browser, strict.address);
    const found = await page.evaluate(async () => {
      const { createInpainter, disc, same, scene } = kit;
      let said = '';
      const inpainter = createInpainter({ backend: 'wasm', onBackend: ({ reason }) => (said = reason) });
      const photo = scene(48, 40);
      const filled = await inpainter.inpaint(photo, disc(48, 40, 5), { thin: 0 });
      return { changed: !same(filled, photo), said, isolated: crossOriginIsolated };
    });
    expect(found).toEqual({ changed: true, said: "wasm: one thread, since the page's policy forbids workers made of Blobs", isolated: true });
    expect(errors).toEqual([]);
    await page.close();
    strict.server.close();
  });
});
