import { describe, expect, it } from 'vitest';
import { eachPage } from './each-page';
import { serve } from './site';

// A worker that remembers what it was sent.
const remembering = `import '/standalone/worker.js'; globalThis.sent = [];
addEventListener('message', ({ data }) => { if (data.type === 'inpaint') sent.push(data.job.photo, data.job.mask); });`;

const page = eachPage({ '/remembering.js': () => remembering });

describe('an inpainter', () => {
  it('takes pictures of every kind, and leaves them their caller', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, encodePicture, same, scene, toCanvas, toImageData } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const [photo, mask] = [scene(48, 40, 4), disc(48, 40, 5)];
      const image = toImageData(photo);
      const file = await encodePicture(photo, { format: 'png' });
      const address = URL.createObjectURL(file);
      const element = new Image();
      element.src = address;
      const canvas = document.createElement('canvas');
      canvas.width = 48;
      canvas.height = 40;
      canvas.getContext('2d')!.putImageData(image, 0, 0);
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      const sources = {
        photo,
        image,
        file,
        address,
        url: new URL(address),
        element,
        canvas,
        offscreen: toCanvas(photo),
        bitmap: await createImageBitmap(image),
        frame,
      };
      const expected = await inpainter.inpaint(photo, mask);
      const equal: Record<string, boolean> = {};
      for (const [name, source] of Object.entries(sources)) {
        const filled = await inpainter.inpaint(source, mask);
        // Three channels where the source has no alpha.
        const four = filled.channels === 4 ? filled : { ...filled, channels: 4 as const, data: toImageData(filled).data };
        equal[name] = same(four, expected);
      }
      return { equal, alive: sources.bitmap.width === 48 && image.data.length > 0 && frame.format !== null };
    });
    expect(found.equal).toEqual(Object.fromEntries(Object.keys(found.equal).map((name) => [name, true])));
    expect(Object.keys(found.equal).length).toBe(10);
    expect(found.alive).toBe(true);
  });

  it('takes a mask as shapes, and one that is held in runs, without its pixels', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, maskFrom, same, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm', worker: () => new Worker('/remembering.js', { type: 'module' }) });
      const photo = scene(48, 40, 3);
      const shapes = [{ box: [12, 10, 9, 7] as const }, '50%,60%,10%,10%'];
      const mask = maskFrom(shapes, photo);
      const expected = await inpainter.inpaint(photo, { width: 48, height: 40, channels: 1, data: mask.data });
      const asShapes = await inpainter.inpaint(photo, { shapes }, { hole: 'alpha' });
      const runs = { ...maskFrom(shapes, photo) };
      Object.defineProperty(runs, 'data', {
        get() {
          throw new Error('the pixels were asked for');
        },
      });
      const asRuns = await inpainter.inpaint(photo, runs);
      const wrong = await inpainter.inpaint(photo, { shapes: { box: [1, 2, 3, Number.NaN] } }).catch(({ name, code, message }) => ({ name, code, message }));
      const unsendable = await inpainter.inpaint(photo, { shapes: { box: (() => 1) as never } }).catch(({ name, code }) => ({ name, code }));
      const other = await inpainter.inpaint(photo, maskFrom(shapes, { width: 40, height: 40 })).catch(({ code }) => code);
      await inpainter.dispose();
      return { equal: [same(asShapes, expected), same(asRuns, expected)], changed: !same(photo, expected), wrong, unsendable, other };
    });
    expect(found).toEqual({
      equal: [true, true],
      changed: true,
      wrong: { name: 'MaskError', code: 'mask-shapes', message: 'maskFrom: shapes.box[3] must be a number from 0 to 10000000, got NaN' },
      unsendable: { name: 'ArgumentError', code: 'argument' },
      other: 'mask-size',
    });
  });

  it('keeps a canvas of wide colours, and one without alpha, as they are', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, readPicture, same } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const equal: boolean[] = [];
      const kinds: unknown[] = [];
      for (const settings of [{ colorSpace: 'display-p3' as const }, { alpha: false }]) {
        const canvas = new OffscreenCanvas(40, 32);
        const context = canvas.getContext('2d', settings)!;
        context.fillStyle = 'color(display-p3 0 1 0)';
        context.fillRect(0, 0, 40, 32);
        const filled = await inpainter.inpaint(canvas, disc(40, 32, 4));
        // One colour is filled by itself.
        equal.push(same(filled, await readPicture(canvas)));
        kinds.push([filled.channels, filled.metadata?.colorSpace, filled.data[0]]);
      }
      return { equal, kinds };
    });
    expect(found).toEqual({
      equal: [true, true],
      kinds: [
        [4, 'display-p3', 0],
        [3, undefined, 0],
      ],
    });
  });

  it('takes what an element shows where its file cannot be sent, and says what cannot be read', async () => {
    const elsewhere = await serve({
      folders: [],
      own: { '/photo.svg': () => '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="32"/>' },
      closed: true,
    });
    const found = await page().evaluate(async (address) => {
      const { createInpainter, disc, failureOf, scene, toCanvas } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const mask = disc(40, 32, 4);
      const image = (src: string) => Object.assign(new Image(), { src });
      const orange = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="32"><path fill="#f80" d="M0 0h40v32h-40z"/></svg>';
      const drawn = await inpainter.inpaint(image(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(orange)}`), mask);
      const placeholder = Object.assign(document.createElement('canvas'), { width: 40, height: 32 });
      const foreign = image(`${address}/photo.svg`);
      await foreign.decode();
      const painted = Object.assign(document.createElement('canvas'), { width: 40, height: 32 });
      painted.getContext('2d')!.drawImage(foreign, 0, 0);
      const offscreen = placeholder.transferControlToOffscreen();
      offscreen.getContext('2d')!.fillRect(0, 0, 40, 32);
      // What is drawn there shows here with a frame to come.
      for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
      const frame = new VideoFrame(toCanvas(scene(40, 32)) as OffscreenCanvas, { timestamp: 0 });
      frame.close();
      return {
        drawn: [...drawn.data.slice(0, 4)],
        placeholder: (await inpainter.inpaint(placeholder, mask)).width,
        codes: [
          await failureOf(inpainter.inpaint(foreign, mask)),
          await failureOf(inpainter.inpaint(painted, mask)),
          await failureOf(inpainter.inpaint(image('/nowhere.png'), mask)),
          await failureOf(inpainter.inpaint(Object.assign(document.createElement('canvas'), { width: 0 }), mask)),
          await failureOf(inpainter.inpaint(frame, mask)),
          await failureOf(inpainter.inpaint(scene(40, 32), mask, { generator: () => undefined } as never)),
        ].map(({ type, code }) => `${type} ${code}`),
        choice: await failureOf((async () => createInpainter({ generator: { name: 'mine', fill: () => undefined } as never }))()),
        weights: await failureOf((async () => createInpainter({ generator: { name: 'migan', weights: (() => undefined) as never } }))()),
      };
    }, elsewhere.address);
    elsewhere.server.close();
    expect(found).toMatchObject({
      drawn: [255, 136, 0, 255],
      placeholder: 40,
      codes: [
        'PictureError file-read',
        'PictureError file-read',
        'PictureError file-read',
        'PictureError damaged',
        'PictureError damaged',
        'ArgumentError argument',
      ],
      choice: { type: 'ArgumentError', message: expect.stringContaining("it can't be sent") },
      weights: { type: 'ArgumentError' },
    });
  });

  it('frees the bitmaps and frames that it was sent, also of a call that was aborted', async () => {
    await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, scene, toCanvas } = kit;
      const inpainter = createInpainter({ backend: 'wasm', worker: () => new Worker('/remembering.js', { type: 'module' }) });
      const canvas = toCanvas(scene(64, 64));
      const frame = new VideoFrame(canvas as OffscreenCanvas, { timestamp: 0 });
      const controller = new AbortController();
      const done = inpainter.inpaint(await createImageBitmap(canvas), disc(64, 64, 8), { onProgress: () => controller.abort() });
      await failureOf(inpainter.inpaint(canvas, frame, { signal: controller.signal }));
      await done;
      frame.close();
      await inpainter.inpaint(scene(16, 16), disc(16, 16, 2));
    });
    const sizes = await page()
      .workers()[0]!
      .evaluate(() => {
        const { sent } = globalThis as unknown as { sent: { width?: number; codedWidth?: number }[] };
        return sent.map((picture) => picture.codedWidth ?? picture.width);
      });
    // Bitmaps and frames lose their size when they are closed; Pictures don't.
    expect(sizes).toEqual([0, 64, 0, 0, 16, 16]);
  });
});
