import { afterEach, describe, expect, it, vi } from 'vitest';
import { inpaint } from '../../src';
import type { Picture } from '../../src/picture';
import { nodeThreads } from '../../src/threads/node-threads';
import { disc, maskOf, scene } from './support';

const inNode = nodeThreads() !== undefined;
const photo = scene(420, 300);
// Three holes too far apart for one window, a speck, and a wire.
const holes = [disc(60, 70, 22), disc(230, 330, 26), disc(70, 350, 18), disc(200, 60, 3), (y: number, x: number) => y === 150 && x > 40 && x < 380];
const mask = maskOf(420, 300, (y, x) => holes.some((hole) => hole(y, x)));
const fill = (threads: number, more = {}): Promise<Picture> => inpaint(photo, mask, { threads, seed: 3, workingSize: 128, ...more });

afterEach(() => {
  vi.restoreAllMocks();
});

describe.runIf(inNode)('threads of inpaint()', () => {
  it('change nothing of the result, however many there are', { timeout: 300_000 }, async () => {
    const alone = await fill(1);
    for (const threads of [2, 3, 8]) expect((await fill(threads)).data, `${threads} threads`).toEqual(alone.data);
  });
});
