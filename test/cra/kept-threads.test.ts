import { describe, expect, it, vi } from 'vitest';
import { AbortError, inpaint } from '../../src';
import { inpaintBy } from '../../src/cra/inpaint';
import { type Threads, thisThread } from '../../src/threads/task';
import { disc, maskOf, scene } from './support';

const photo = scene(160, 120);
const mask = maskOf(160, 120, disc(60, 80, 14));
const options = { threads: 1, seed: 3, workingSize: 64, thin: 0 };

/** Threads of a caller's, which write down what is asked of them. */
function kept(run: Threads['run'] = thisThread.run) {
  const asked: string[] = [];
  const drop = vi.fn();
  const threads = {
    count: 3,
    drop,
    run: (...[task, args, pause]: Parameters<Threads['run']>) => {
      asked.push(task.name);
      return run(task, args, pause);
    },
  };
  return { threads: threads as Threads & { drop(): void }, asked, drop };
}

describe("inpaint() by its caller's threads", () => {
  it('asks them, gives the same, and leaves them off once it has ended', async () => {
    const { threads, asked, drop } = kept();
    const filled = await inpaintBy(photo, mask, options, threads);
    expect(filled.data).toEqual((await inpaint(photo, mask, options)).data);
    expect(asked).toContain('copy-and-blend');
    expect(drop).toHaveBeenCalledTimes(1);
  });

  it('leaves them off where it is aborted, however long they would take', async () => {
    const controller = new AbortController();
    const { threads, drop } = kept(() => {
      controller.abort();
      return new Promise<never>(() => undefined);
    });
    await expect(inpaintBy(photo, mask, { ...options, signal: controller.signal }, threads)).rejects.toThrow(AbortError);
    expect(drop).toHaveBeenCalledTimes(1);
  });

  it('leaves them off where one fails', async () => {
    const { threads, drop } = kept(() => Promise.reject(new RangeError('out of the blue')));
    await expect(inpaintBy(photo, mask, options, threads)).rejects.toThrow('out of the blue');
    expect(drop).toHaveBeenCalledTimes(1);
  });
});
