import { expect, it, vi } from 'vitest';
import { ThreadPool } from '../../src/threads/pool';
import type { FromThread, ToThread } from '../../src/threads/protocol';
import { task } from '../../src/threads/task';
import { asThread } from '../../src/threads/web-workers';

/** A worker that says that it is there, and doubles. */
class FakeWorker {
  onmessage: ((event: { data: FromThread }) => void) | null = null;
  onerror: ((event: { message?: string; preventDefault(): void }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  terminated = false;
  postMessage({ args }: ToThread): void {
    queueMicrotask(() => this.onmessage?.({ data: { type: 'done', result: 2 * (args as number) } }));
  }
  terminate(): void {
    this.terminated = true;
  }
}
const noPause = () => Promise.resolve();
const ten = task('ten times', (value: number) => 10 * value);

function pool(Kind: typeof FakeWorker) {
  const workers: FakeWorker[] = [];
  const onWithout = vi.fn();
  const start = () => {
    workers.push(new Kind());
    return workers.at(-1) as unknown as Worker;
  };
  return { workers, onWithout, threads: new ThreadPool({ count: 2, start: asThread(start), onWithout }) };
}

it('asks workers, and ends them', async () => {
  const { threads, workers, onWithout } = pool(FakeWorker);
  expect(await Promise.all([1, 2, 3].map((value) => threads.run(ten, value, noPause)))).toEqual([2, 4, 6]);
  threads.close();
  expect(workers.map(({ terminated, onmessage, onerror }) => [terminated, onmessage, onerror])).toEqual([1, 2].map(() => [true, null, null]));
  expect(onWithout).not.toHaveBeenCalled();
});

it('does on this thread what workers that never start were asked, and says why once', async () => {
  const preventDefault = vi.fn();
  const { threads, workers, onWithout } = pool(
    class extends FakeWorker {
      override postMessage(): void {
        queueMicrotask(() => this.onerror?.({ preventDefault }));
      }
    },
  );
  expect(await Promise.all([1, 2, 3].map((value) => threads.run(ten, value, noPause)))).toEqual([10, 20, 30]);
  expect(workers.every(({ terminated }) => terminated)).toBe(true);
  expect(onWithout.mock.calls.map(([{ message }]) => message)).toEqual(['no reason is given, its script may be missing']);
  expect(preventDefault).toHaveBeenCalled();
});

it('fails by what a worker says that cannot be read', async () => {
  const { threads } = pool(
    class extends FakeWorker {
      override postMessage(): void {
        queueMicrotask(() => {
          this.onmessage?.({ data: { type: 'ready' } });
          this.onmessageerror?.();
        });
      }
    },
  );
  await expect(threads.run(ten, 1, noPause)).rejects.toThrow('cannot be read');
});
