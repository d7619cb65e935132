import { describe, expect, it } from 'vitest';
import { eachPage } from './each-page';

// A worker that throws, where nobody catches it, when it is asked to fill a hole of an open photo.
const crashing = `import '/standalone/worker.js'; addEventListener('message', ({ data }) => { if (data.task?.do === 'fill') throw new Error('out of the blue'); });`;

const page = eachPage({ '/crashing.js': () => crashing });

describe('a session', () => {
  it('fills, undoes and does again what inpaint() gives, and what is drawn of its patches is what it has', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, encodePicture, inpaint, maskFrom, readPicture, same, scene, tf, toImageData } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const photo = scene(160, 120, 4, 16);
      const file = await encodePicture(photo, { format: 'png' });
      const stages = new Set<string>();
      const hear = { onProgress: ({ stage }: { stage: string }) => void stages.add(stage) };
      const session = await inpainter.open(file, hear);
      await tf.setBackend('wasm');
      const [one, two] = [{ box: [20, 30, 30, 26] as const }, { stroke: [40, 40, 100, 70], width: 24 }];
      const first = await inpaint(photo, maskFrom(one, photo), { seed: 3 });
      const second = await inpaint(first, maskFrom(two, photo), { seed: 3 });
      const shown = new OffscreenCanvas(160, 120).getContext('2d')!;
      shown.putImageData(toImageData(photo), 0, 0);
      const results: unknown[] = [];
      const see = async (step: ReturnType<typeof session.undo>, expected: typeof photo) => {
        const { patches, canUndo, canRedo } = await step;
        for (const { image, left, top } of patches) shown.putImageData(image, left, top);
        const drawn = shown.getImageData(0, 0, 160, 120).data;
        const wanted = toImageData(expected).data;
        const now = await session.toPicture();
        results.push([same(now, expected), drawn.every((v, i) => v === wanted[i]), patches.length, canUndo && session.canUndo, canRedo && session.canRedo]);
      };
      await see(session.fill({ shapes: one }, { seed: 3, ...hear }), first);
      await see(session.fill(maskFrom(two, photo), { seed: 3 }), second);
      await see(session.undo(), first);
      await see(session.undo(), photo);
      await see(session.undo(), photo);
      await see(session.redo(), first);
      const box = { top: 30, left: 10, bottom: 60, right: 70 };
      const part = await session.original(box);
      const blob = await session.toBlob(hear);
      const jpeg = await session.toBlob({ format: 'jpeg', quality: 80 });
      const whole = await session.toImageData();
      const { width, height, channels, bits, format, hasLocation } = session;
      return {
        results,
        facts: { width, height, channels, bits, format, hasLocation },
        part: [part instanceof ImageData, part.width, part.height, part.data[0] === toImageData(photo).data[(30 * 160 + 10) * 4]],
        whole: toImageData(first).data.every((v, i) => v === whole.data[i]),
        blob: [blob.type, same(await readPicture(blob), first)],
        jpeg: jpeg.type,
        stages: [...stages],
        tensors: (await inpainter.memory()).tensors,
      };
    });
    expect(found).toEqual({
      results: [
        [true, true, 1, true, false],
        [true, true, 1, true, false],
        [true, true, 1, true, true],
        [true, true, 1, false, true],
        [true, true, 0, false, true],
        [true, true, 1, true, true],
      ],
      facts: { width: 160, height: 120, channels: 4, bits: 16, format: 'png', hasLocation: false },
      part: [true, 60, 30, true],
      whole: true,
      blob: ['image/png', true],
      jpeg: 'image/jpeg',
      stages: ['decode', 'plan', 'low-resolution', 'fill', 'detail', 'composite', 'encode'],
      tensors: 0,
    });
  });

  it('that is aborted, while it fills or as it ends, has not changed', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, failureOf, same, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const photo = scene(160, 120);
      const session = await inpainter.open(photo);
      await session.fill({ shapes: { box: [20, 30, 30, 26] } });
      const before = await session.toPicture();
      const outcomes: unknown[] = [];
      for (const stage of ['fill', 'composite']) {
        const controller = new AbortController();
        // Of the last stage it is told when the worker has done its part: its answer is on the way.
        const onProgress = (progress: { stage: string }) => void (progress.stage === stage && controller.abort());
        const failure = await failureOf(session.fill({ shapes: { box: [90, 40, 30, 30] } }, { signal: controller.signal, onProgress }));
        outcomes.push([failure.code, same(await session.toPicture(), before), session.canUndo]);
      }
      await session.undo();
      outcomes.push(same(await session.toPicture(), photo));
      const opening = new AbortController();
      const opened = failureOf(inpainter.open(photo, { signal: opening.signal }));
      opening.abort();
      return { outcomes, opened: (await opened).code, goesOn: (await session.redo()).patches.length };
    });
    expect(found).toEqual({ outcomes: [['aborted', true, true], ['aborted', true, true], true], opened: 'aborted', goesOn: 1 });
  });

  it('keeps several photos apart, and fails by typed errors', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, failureOf, same, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm' });
      const [one, two] = await Promise.all([inpainter.open(scene(64, 48)), inpainter.open(scene(80, 60, 3, 16))]);
      await two.fill(disc(80, 60, 9));
      const apart = [same(await one.toPicture(), scene(64, 48)), same(await two.toPicture(), scene(80, 60, 3, 16)), two.bits];
      const failures = {
        size: (await failureOf(one.fill(disc(80, 60, 9)))).code,
        shapes: (await failureOf(one.fill({ shapes: 'nowhere' }))).code,
        option: (await failureOf(one.fill({ shapes: [] }, { seed: -1 }))).code,
        generator: (await failureOf(one.fill(disc(64, 48, 6), { generator: { name: 'nobody' } }))).code,
        weights: (await failureOf(one.fill(disc(64, 48, 6), { generator: { name: 'hifill' }, thin: 0 }))).code,
        box: (await failureOf(one.toImageData({ top: 0, left: 0, bottom: 49, right: 1 }))).code,
        format: (await failureOf(one.toBlob({ format: 'avif' }))).code,
        photo: (await failureOf(inpainter.open(new Blob(['no picture'])))).code,
        limit: (await failureOf(inpainter.open(scene(8, 8), { pixelLimit: 63 }))).code,
      };
      await one.dispose();
      await one.dispose();
      const after = (await failureOf(one.undo())).message;
      await two.undo();
      const under = failureOf(two.fill(disc(80, 60, 9)));
      await inpainter.dispose();
      return { apart, failures, after, under: (await under).code, disposed: (await failureOf(two.undo())).message, late: await two.dispose() };
    });
    expect(found).toMatchObject({
      apart: [true, false, 16],
      failures: {
        size: 'mask-size',
        shapes: 'mask-shapes',
        option: 'argument',
        generator: 'argument',
        weights: 'weights-missing',
        box: 'shape',
        format: 'format',
        photo: 'format',
        limit: 'pixel-limit',
      },
      after: expect.stringContaining('the session is disposed of'),
      under: 'aborted',
      disposed: expect.stringContaining('the inpainter is disposed'),
    });
  });

  it('is lost with its worker, and says so; the inpainter goes on', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, failureOf, scene } = kit;
      let started = 0;
      const worker = () => new Worker(started++ === 0 ? '/crashing.js' : '/standalone/worker.js', { type: 'module' });
      const inpainter = createInpainter({ backend: 'wasm', worker });
      const session = await inpainter.open(scene(32, 32));
      const crash = await failureOf(session.fill({ shapes: { box: [9, 9, 12, 12] } }));
      const later = await failureOf(session.toImageData());
      await session.dispose();
      const again = await inpainter.open(scene(32, 32));
      return { crash, later, again: (await again.undo()).patches.length };
    });
    expect(found.crash).toMatchObject({ type: 'BackendError', code: 'backend' });
    expect(found.later).toMatchObject({ type: 'BackendError', code: 'session-lost', message: expect.stringContaining('open it again') });
    expect(found.again).toBe(0);
  });

  it('has another generator fill where a call says so, and shows what it makes before it has detail', async () => {
    const found = await page().evaluate(async () => {
      const { createInpainter, disc, scene } = kit;
      const inpainter = createInpainter({ backend: 'wasm', generator: { name: 'nobody' } });
      const ready = await inpainter.ready({ generator: 'exemplar' });
      const session = await inpainter.open({ ...scene(400, 300), metadata: { colorSpace: 'display-p3' } });
      const looks: { box: object; width: number; image: boolean; colorSpace: string }[] = [];
      const onPreview = ({ box, image }: { box: object; image: ImageData }) =>
        looks.push({ box, width: image.width, image: image instanceof ImageData, colorSpace: image.colorSpace });
      const guess = await session.estimate(disc(400, 300, 40), { generator: 'exemplar' });
      const { patches } = await session.fill(disc(400, 300, 40), { generator: 'exemplar', workingSize: 64, onPreview });
      await inpainter.inpaint(scene(60, 60), disc(60, 60, 5), { generator: 'exemplar', thin: 0, onPreview });
      const measured = await session.estimate({ shapes: { box: [9, 9, 40, 40] } }, { generator: 'exemplar' });
      return { backend: ready.backend, patches: patches.length, looks, bases: [guess.basis, measured.basis], windows: guess.windows };
    });
    expect(found).toMatchObject({
      backend: 'wasm',
      patches: 1,
      bases: ['guess', 'measured'],
      windows: 1,
      looks: [
        { width: 64, image: true, colorSpace: 'display-p3' },
        { width: 60, image: true, colorSpace: 'srgb' },
      ],
    });
  });
});
