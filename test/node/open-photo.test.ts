import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { ArgumentError, MaskError, PictureError } from '../../src/errors';
import { encodePicture, readPicture } from '../../src/io/node';
import { openPhoto } from '../../src/node';
import type { Picture } from '../../src/picture';
import { maskFrom } from '../../src/shapes';
import { expectFailure, hasty, maskOf, scene } from '../cra/support';

const [W, H] = [90, 70];
const options = { workingSize: 48, generator: hasty(), thin: 0 };
const photo: Picture = { ...scene(W, H, 4, 16), metadata: { density: 240 } };
const shapes = { box: [30, 20, 15, 12] as const };
let folder: string;
const at = (name: string) => join(folder, name);
const same = (one: Picture, other: Picture) =>
  one.channels === other.channels && Buffer.compare(Buffer.from(one.data.buffer), Buffer.from(other.data.buffer)) === 0;

beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = mkdtempSync(join(tmpdir(), 'open-photo-'));
  writeFileSync(at('photo.png'), await encodePicture(photo, { format: 'png' }));
  const mask = maskFrom(shapes, photo);
  writeFileSync(at('mask.png'), await encodePicture({ ...mask, data: mask.data }, { format: 'png' }));
  writeFileSync(
    at('small.png'),
    await encodePicture(
      maskOf(W / 2, H / 2, (y, x) => x >= 15 && x < 22 && y >= 10 && y < 16),
      { format: 'png' },
    ),
  );
  writeFileSync(at('mask.svg'), `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H}"><rect x="30" y="20" width="15" height="12"/></svg>`);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('is filled by masks of any kind as inpaint() fills, and written with its bits, alpha and what it carries', async () => {
  const read = await readPicture(at('photo.png'));
  const expected = await inpaint(read, maskFrom(shapes, photo), options);
  const session = await openPhoto(at('photo.png'));
  expect(session).toMatchObject({ width: W, height: H, channels: 4, bits: 16, format: 'png' });
  for (const mask of [at('mask.png'), readFileSync(at('mask.png')), at('mask.svg'), { shapes }, maskFrom(shapes, photo)]) {
    await session.fill(mask, options);
    expect(same(await session.toPicture(), expected)).toBe(true);
    await session.undo();
    expect(same(await session.toPicture(), read)).toBe(true);
  }
  expect(await session.estimate(at('mask.png'), options)).toMatchObject({ windows: 1, basis: 'measured' });
  await session.fill(at('small.png'), { ...options, fitMask: true });
  expect(same(await session.toPicture(), read)).toBe(false);
  await session.undo();
  await session.redo();
  await session.undo();
  const [, , written] = await Promise.all([session.fill({ shapes }, options), session.write(at('out.tif')), session.encode({ format: 'png' })]);
  for (const back of [await readPicture(at('out.tif')), await readPicture(written)]) {
    expect(same(back, expected)).toBe(true);
    expect(back.metadata?.density).toBeCloseTo(240);
  }
  session.dispose();
  await expectFailure(() => session.write(at('late.png')), ArgumentError, 'argument');
});

it('fails by typed errors, and goes on', async () => {
  const session = await openPhoto(at('photo.png'));
  await expectFailure(() => session.fill(at('small.png'), options), MaskError, 'mask-size');
  await expectFailure(() => session.fill(at('nothing.png'), options), PictureError, 'file-read');
  await expectFailure(() => session.write(at('no/folder.png')), PictureError, 'file-write');
  expect((await session.fill({ shapes }, options)).canUndo).toBe(true);
  await expectFailure(() => openPhoto(at('nothing.png')), PictureError, 'file-read');
  await expectFailure(() => openPhoto(at('photo.png'), { pixelLimit: 5 }), PictureError, 'pixel-limit');
});
