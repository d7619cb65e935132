import { describe, expect, it } from 'vitest';
import { eachPage } from './each-page';

// A worker that throws, where nobody catches it, when it gets its first picture; and one that can't be loaded.
const crashing = `import '/standalone/worker.js'; addEventListener('message', ({ data }) => { if (data.type === 'inpaint') throw new Error('out of the blue'); });`;
const broken = `import '/nowhere.js';`;

const page = eachPage({ '/crashing.js': () => crashing, '/broken.js': () => broken });

describe('an inpainter', () => {
  it('gives what inpaint() gives on the page, and says what it computes on', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, inpaint, same, scene, tf } = kit;
      const said: { backend: string; reason: string }[] = [];
      const inpainter = createInpainter({ backend: 'wasm', onBackend: (choice) => said.push(choice) });
      const [photo, mask] = [scene(96, 80), disc(96, 80, 9)];
      const stages = new Set<string>();
      const filled = await inpainter.inpaint(photo, mask, { seed: 3, thin: 0, onProgress: ({ stage }) => stages.add(stage) });
      await tf.setBackend('wasm');
      return {
        equal: same(filled, await inpaint(photo, mask, { seed: 3, thin: 0 })),
        changed: !same(filled, photo),
        intact: photo.data.length === 96 * 80 * 3 && same(photo, scene(96, 80)),
        said,
        stages: [...stages],
        tensors: (await inpainter.memory()).tensors,
      };
    });
    expect(found).toMatchObject({ equal: true, changed: true, intact: true, tensors: 0 });
    expect(found.said).toEqual([{ backend: 'wasm', reason: 'wasm: one thread, since the page is not cross-origin isolated' }]);
    expect(found.stages).toEqual(['plan', 'low-resolution', 'fill', 'detail', 'composite']);
  });

  it('passes WebGPU over where there is no GPU, and says so', async () => {
    const said = await page().evaluate(() => new Promise<{ backend: string; reason: string }>((resolve) => kit.createInpainter({ onBackend: resolve })));
    expect(said).toEqual({ backend: 'wasm', reason: expect.stringMatching(/^webgpu: the browser offers no GPU adapter; wasm: /) });
  });

  it('gives a Picture, a file, an ImageData or a bitmap', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, encodePicture, readPicture, same, scene, toImageData } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const [deep, mask] = [scene(40, 32, 3, 16), disc(40, 32, 4)];
      const file = await encodePicture(deep, { format: 'png' });
      const picture = await inpainter.inpaint(file, mask);
      const blob = await inpainter.inpaint(file, mask, { output: 'blob' });
      const jpeg = await inpainter.inpaint(file, mask, { output: 'blob', format: 'jpeg', quality: 80 });
      const image = await inpainter.inpaint(file, mask, { output: 'image-data' });
      const bitmap = await inpainter.inpaint(file, mask, { output: 'bitmap' });
      return {
        picture: [picture.data.constructor.name, picture.metadata?.format],
        blob: [blob.type, same(await readPicture(blob), picture)],
        jpeg: jpeg.type,
        image: [image instanceof ImageData, image.data.every((value, i) => value === toImageData(picture).data[i])],
        bitmap: [bitmap instanceof ImageBitmap, bitmap.width, bitmap.height],
      };
    });
    expect(found).toEqual({
      picture: ['Uint16Array', 'png'],
      blob: ['image/png', true],
      jpeg: 'image/jpeg',
      image: [true, true],
      bitmap: [true, 40, 32],
    });
  });

  it('works through calls in their order, one at a time', async () => {
    const order = await page().evaluate(async () => {
      const { createInpainter, disc, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const mask = disc(64, 64, 8);
      const canvas = new OffscreenCanvas(64, 64);
      canvas.getContext('2d')!.fillRect(0, 0, 30, 64);
      const heard: string[] = [];
      const hear = (name: string) => ({ onProgress: () => void (heard.at(-1) !== name && heard.push(name)) });
      // A canvas takes longer to get ready than a Picture.
      const calls = [
        inpainter.inpaint(canvas, mask, hear('canvas')),
        inpainter.inpaint(scene(64, 64), mask, hear('first')),
        inpainter.inpaint(scene(64, 64), mask, hear('second')),
      ];
      await Promise.all(calls);
      return heard;
    });
    expect(order).toEqual(['canvas', 'first', 'second']);
  });

  it('that is aborted while waiting never starts; others are done', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const mask = disc(64, 64, 8);
      const controller = new AbortController();
      let heard = 0;
      const first = inpainter.inpaint(scene(64, 64), mask);
      const waiting = failureOf(inpainter.inpaint(scene(64, 64), mask, { signal: controller.signal, onProgress: () => heard++ }));
      const last = inpainter.inpaint(scene(64, 64), mask);
      controller.abort(new Error('changed my mind'));
      const failure = await waiting;
      await Promise.all([first, last]);
      const late = await failureOf(inpainter.inpaint(scene(64, 64), mask, { signal: controller.signal }));
      return { failure, heard, late: late.code };
    });
    expect(found.failure).toMatchObject({ type: 'AbortError', name: 'AbortError', code: 'aborted', cause: 'changed my mind' });
    expect(found).toMatchObject({ heard: 0, late: 'aborted' });
  });

  it('that is aborted in mid-run answers at once, and the worker is free soon after', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const controller = new AbortController();
      let abortedAt = 0;
      let answered = false;
      let atOnce = false;
      const onProgress = ({ stage, done }: { stage: string; done: number }) => {
        if (stage !== 'fill' || done < 0.1 || abortedAt) return;
        abortedAt = performance.now();
        controller.abort();
        // Before anything else has its turn, such as a message of the worker's.
        setTimeout(() => {
          atOnce = answered;
        }, 0);
      };
      const call = inpainter.inpaint(scene(1200, 900), disc(1200, 900, 200), { signal: controller.signal, onProgress });
      call.catch(() => {
        answered = true;
      });
      const failure = await failureOf(call);
      await inpainter.inpaint(scene(16, 16), disc(16, 16, 2));
      const free = performance.now() - abortedAt;
      return { code: failure.code, atOnce, free, tensors: (await inpainter.memory()).tensors };
    });
    console.log(`aborted: the next picture was done after ${found.free.toFixed(0)} ms`);
    expect(found).toMatchObject({ code: 'aborted', atOnce: true, tensors: 0 });
    expect(found.free).toBeLessThan(3000);
  });

  it('says what cannot be written before it fills', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      let heard = 0;
      const photo = { ...scene(32, 32), metadata: { format: 'avif' as const } };
      const options = { output: 'blob', onProgress: () => heard++ } as const;
      const format = await failureOf(inpainter.inpaint(photo, disc(32, 32, 3), options));
      const quality = await failureOf(inpainter.inpaint(photo, disc(32, 32, 3), { ...options, format: 'jpeg', quality: 500 }));
      return { codes: [format.code, quality.code], heard };
    });
    expect(found).toEqual({ codes: ['format', 'argument'], heard: 0 });
  });

  it("fails by the errors' own classes", async () => {
    const failures = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const networks = createInpainter({ backend: 'wasm', generator: { name: 'migan' } });
      const unknown = createInpainter({ backend: 'wasm', generator: { name: 'nobody' } });
      const damaged = createInpainter({ backend: 'wasm', generator: { name: 'migan', weights: new Blob(['no weights']) } });
      const [photo, mask] = [scene(32, 32), disc(32, 32, 3)];
      const broken = () => {
        throw new RangeError('my own');
      };
      return {
        size: await failureOf(inpainter.inpaint(photo, disc(30, 32, 3))),
        damaged: await failureOf(inpainter.inpaint(new Blob(['no picture']), mask)),
        missing: await failureOf(inpainter.inpaint('/nowhere.png', mask)),
        address: await failureOf(inpainter.inpaint('http://', mask)),
        number: await failureOf(inpainter.inpaint(7 as never, mask)),
        option: await failureOf(inpainter.inpaint(photo, mask, { seed: -1 })),
        output: await failureOf(inpainter.inpaint(photo, mask, { output: 'jpeg' as never })),
        weights: await failureOf(networks.inpaint(photo, mask)),
        file: await failureOf(damaged.inpaint(photo, mask)),
        name: await failureOf(unknown.inpaint(photo, mask)),
        limit: await failureOf(inpainter.inpaint(photo, mask, { pixelLimit: 1023 })),
        listener: await failureOf(inpainter.inpaint(photo, mask, { onProgress: broken })),
        // And it goes on working.
        after: (await inpainter.inpaint(photo, mask)).width,
      };
    });
    expect(failures).toMatchObject({
      size: { type: 'MaskError', name: 'MaskError', code: 'mask-size', expected: { width: 32, height: 32 }, actual: { width: 30, height: 32 } },
      damaged: { type: 'PictureError', code: 'format' },
      missing: { type: 'PictureError', code: 'file-read', actual: 404 },
      address: { type: 'ArgumentError', code: 'argument' },
      number: { type: 'ArgumentError', code: 'argument' },
      option: { type: 'ArgumentError', code: 'argument', actual: -1 },
      output: { type: 'ArgumentError', code: 'argument', actual: 'jpeg' },
      weights: { type: 'WeightsError', code: 'weights-missing' },
      file: { type: 'WeightsError', code: 'weights-format' },
      name: { type: 'ArgumentError', actual: 'nobody' },
      limit: { type: 'PictureError', code: 'pixel-limit', expected: 1023, actual: { width: 32, height: 32 } },
      listener: { name: 'RangeError', message: 'my own' },
      after: 32,
    });
  });

  it('warns, of the caller or on the console', async () => {
    const warnings: string[] = [];
    page().on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    const heard = await page().evaluate(async () => {
      const { createInpainter, disc, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const heard: string[] = [];
      const nothing = { ...disc(32, 32, 1), data: new Uint8ClampedArray(32 * 32) };
      await inpainter.inpaint(scene(32, 32), nothing, { onWarning: ({ code }) => heard.push(code) });
      await inpainter.inpaint(scene(32, 32), nothing);
      return heard;
    });
    expect(heard).toEqual(['mask-without-hole']);
    expect(warnings.filter((text) => text.startsWith('cra-inpaint: the mask marks no hole'))).toHaveLength(1);
  });

  it('that is disposed ends what is under way and its worker, and refuses the rest', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const calls = [1, 2].map(() => failureOf(inpainter.inpaint(scene(200, 200), disc(200, 200, 30))));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await inpainter.dispose();
      await inpainter.dispose();
      const ended = (await Promise.all(calls)).map(({ type, code }) => [type, code]);
      return { ended, refused: await failureOf(inpainter.inpaint(scene(16, 16), disc(16, 16, 2))), memory: (await failureOf(inpainter.memory())).type };
    });
    expect(found.ended).toEqual([1, 2].map(() => ['AbortError', 'aborted']));
    expect(found.refused).toMatchObject({ type: 'ArgumentError', message: expect.stringContaining('disposed') });
    expect(found.memory).toBe('ArgumentError');
    await expect.poll(() => page().workers().length, { timeout: 20_000 }).toBe(0);
  });

  it('whose worker crashes fails by a BackendError, and starts another', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      let started = 0;
      const worker = () => new Worker(started++ === 0 ? '/crashing.js' : '/standalone/worker.js', { type: 'module' });
      const backend = await new Promise<ReturnType<typeof createInpainter>>((resolve) => {
        const inpainter = createInpainter({ backend: 'wasm', worker, onBackend: () => resolve(inpainter) });
      });
      const [photo, mask] = [scene(32, 32), disc(32, 32, 3)];
      const failures = await Promise.all([1, 2].map(() => failureOf(backend.inpaint(photo, mask))));
      return { failures, next: (await backend.inpaint(photo, mask)).width, started };
    });
    for (const failure of found.failures) {
      expect(failure).toMatchObject({ type: 'BackendError', code: 'backend', message: expect.stringMatching(/the worker crashed: .*out of the blue/) });
    }
    expect(found).toMatchObject({ next: 32, started: 2 });
  });

  it('lets what others say to its worker pass', async () => {
    const { width, memory } = await page().evaluate(async () => {
      const { createInpainter, disc, scene } = kit;
      const worker = new Worker('/standalone/worker.js', { type: 'module' });
      const inpainter = createInpainter({ backend: 'wasm', worker });
      for (const foreign of [null, undefined, 'setup', 7, { type: 'setup' }]) worker.postMessage(foreign);
      const { width } = await inpainter.inpaint(scene(32, 32), disc(32, 32, 3));
      return { width, memory: (await inpainter.memory()).backend };
    });
    expect({ width, memory }).toEqual({ width: 32, memory: 'wasm' });
  });

  it("whose worker can't be started fails by a BackendError; one that was handed over is not replaced", async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene } = kit;
      const inpainter = createInpainter({ worker: new Worker('/broken.js', { type: 'module' }) });
      const [photo, mask] = [scene(32, 32), disc(32, 32, 3)];
      return { first: await failureOf(inpainter.inpaint(photo, mask)), second: await failureOf(inpainter.inpaint(photo, mask)) };
    });
    expect(found.first).toMatchObject({ type: 'BackendError', message: expect.stringContaining("the worker can't be started") });
    expect(found.second).toMatchObject({ type: 'BackendError', message: expect.stringContaining('not a function') });
  });
});
