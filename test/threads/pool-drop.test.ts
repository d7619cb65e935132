import { expect, it } from 'vitest';
import { AbortError } from '../../src/errors';
import { ThreadPool } from '../../src/threads/pool';
import type { FromThread, ToThread } from '../../src/threads/protocol';
import { task } from '../../src/threads/task';

const double = task('double', (value: number) => 2 * value);
const noPause = () => Promise.resolve();

/** Threads that answer when they are told to. */
function pool(count: number) {
  const threads: { asked: ToThread[]; ended: boolean; listen(message: FromThread): void }[] = [];
  const opened = new ThreadPool({
    count,
    start: (listen) => {
      const thread = { asked: [] as ToThread[], ended: false, listen };
      threads.push(thread);
      return {
        post: (message) => thread.asked.push(message),
        end: () => {
          thread.ended = true;
        },
      };
    },
  });
  const answer = (n: number) => {
    const { args } = threads[n].asked.at(-1)!;
    threads[n].listen({ type: 'done', result: 2 * (args as number) });
  };
  const ask = (value: number, owner?: object) => opened.run(double, value, noPause, owner);
  return { opened, threads, ask, answer };
}

it('that drops what is asked of it ends the threads at work alone, and has others for the next task', async () => {
  const { opened, threads, ask, answer } = pool(2);
  const idle = ask(1);
  const [atWork, waiting] = [ask(2), ask(3)];
  answer(0);
  expect(await idle).toBe(2);
  // The first thread has taken up what waited.
  answer(0);
  expect(await waiting).toBe(6);
  opened.drop();
  await expect(atWork).rejects.toThrow(AbortError);
  expect(threads.map(({ ended }) => ended)).toEqual([false, true]);
  const next = [ask(6), ask(7)];
  expect(threads).toHaveLength(3);
  answer(0);
  answer(2);
  expect(await Promise.all(next)).toEqual([12, 14]);
});

it('that drops what waits does not do it', async () => {
  const { opened, threads, ask } = pool(1);
  const asked = [ask(1), ask(2), ask(3)];
  opened.drop();
  for (const dropped of asked) await expect(dropped).rejects.toThrow(AbortError);
  expect(threads.map(({ asked }) => asked.length)).toEqual([1]);
});

it('that drops what one asked of it goes on with what others did', async () => {
  const { opened, threads, ask, answer } = pool(2);
  const [one, other] = [{}, {}];
  const asked = [ask(1, one), ask(2, other), ask(3, one), ask(4, other), ask(5)];
  opened.drop(one);
  await expect(asked[0]).rejects.toThrow(AbortError);
  await expect(asked[2]).rejects.toThrow(AbortError);
  // In the place of the thread that was ended there is another, for who was next.
  expect(threads.map(({ ended, asked }) => [ended, asked.at(-1)?.args])).toEqual([
    [true, 1],
    [false, 2],
    [false, 4],
  ]);
  answer(1);
  answer(1);
  answer(2);
  expect(await Promise.all([asked[1], asked[3], asked[4]])).toEqual([4, 8, 10]);
});

it('that is closed ends idle threads too', async () => {
  const { opened, threads, ask, answer } = pool(2);
  const [first, second] = [ask(1), ask(2)];
  answer(0);
  await first;
  opened.close();
  await expect(second).rejects.toThrow(AbortError);
  expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
  await expect(ask(3)).rejects.toThrow(AbortError);
});
