import { expect, it } from 'vitest';
import { AbortError, MaskError } from '../../src/errors';
import { toPlainError } from '../../src/plain-error';
import { ThreadPool } from '../../src/threads/pool';
import type { FromThread, StartThread, ToThread } from '../../src/threads/protocol';
import { task } from '../../src/threads/task';

/** A thread that does what a test tells it to. */
interface Fake {
  /** What it was given, in order. */
  given: ToThread[];
  ended: boolean;
  say(message: FromThread): void;
  die(error: Error): void;
}

/** Threads in the order in which they were started. What can't be cloned can't be sent, as to real ones. */
function fakes({ ready = true } = {}) {
  const started: Fake[] = [];
  const start: StartThread = (listen, died) => {
    const fake: Fake = { given: [], ended: false, say: listen, die: died };
    started.push(fake);
    return {
      post(message) {
        fake.given.push(structuredClone(message));
        if (ready) listen({ type: 'ready' });
      },
      end() {
        fake.ended = true;
      },
    };
  };
  return { started, start };
}

const here: unknown[] = [];
const double = task('double', (n: unknown) => {
  here.push(n);
  return 2 * (n as number);
});
const noPause = () => Promise.resolve();
const done = (fake: Fake, result: unknown) => fake.say({ type: 'done', result });
const argsOf = ({ given }: Fake) => given.map(({ args }) => args);
const soon = () => new Promise((resolve) => setTimeout(resolve, 0));

function pool(count: number, start: StartThread) {
  const reasons: string[] = [];
  const threads = new ThreadPool({ count, start, onWithout: ({ message }) => reasons.push(message) });
  here.length = 0;
  return { threads, reasons, run: (n: unknown) => threads.run(double, n, noPause) };
}

it('starts a thread only when there is a task that no other is free for, and no more than there may be', async () => {
  const { started, start } = fakes();
  const { run } = pool(2, start);
  expect(started).toHaveLength(0);
  const first = run(1);
  expect(started).toHaveLength(1);
  done(started[0], 'one');
  expect(await first).toBe('one');
  const others = [run(2), run(3), run(4), run(5)];
  expect(started).toHaveLength(2);
  expect(started.map(argsOf)).toEqual([[1, 2], [3]]);
  done(started[1], 'three');
  expect(started.map(argsOf)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  done(started[1], 'four');
  done(started[1], 'five');
  done(started[0], 'two');
  expect(await Promise.all(others)).toEqual(['two', 'three', 'four', 'five']);
  expect(started).toHaveLength(2);
  expect(started[1].given.map(({ name }) => name)).toEqual(['double', 'double', 'double']);
});

it('gives what a task failed by by its own class, and goes on with that thread', async () => {
  const { started, start } = fakes();
  const { run } = pool(1, start);
  const [first, second] = [run(1), run(2)];
  const error = toPlainError(new MaskError('mask-size', 'of another size', { expected: 1, actual: 2 }));
  started[0].say({ type: 'failed', error });
  await expect(first).rejects.toThrow(MaskError);
  await expect(first).rejects.toMatchObject({ code: 'mask-size', message: 'of another size', expected: 1, actual: 2 });
  done(started[0], 4);
  expect([await second, started.length]).toEqual([4, 1]);
});

it('a thread that dies takes its task with it, and the next one gets a new thread', async () => {
  const { started, start } = fakes();
  const { run, reasons } = pool(1, start);
  const [first, second] = [run(1), run(2)];
  started[0].die(new Error('out of breath'));
  await expect(first).rejects.toThrow('out of breath');
  // Threads tell both what they died of and that they are gone.
  started[0].die(new Error('the thread ended'));
  expect([started.map(argsOf), started[0].ended]).toEqual([[[1], [2]], true]);
  done(started[1], 4);
  expect([await second, reasons, here]).toEqual([4, [], []]);
});

it('an idle thread that dies is no harm', async () => {
  const { started, start } = fakes();
  const { run } = pool(1, start);
  const first = run(1);
  done(started[0], 2);
  await first;
  started[0].die(new Error('bored'));
  const second = run(2);
  done(started[1], 4);
  expect(await second).toBe(4);
});

it('where threads never come to life all is done here, and that is told once', async () => {
  const { started, start } = fakes({ ready: false });
  const { run, reasons } = pool(2, start);
  const results = [run(1), run(2), run(3)];
  for (const fake of started) fake.die(new Error('no such script'));
  expect(await Promise.all([...results, run(4)])).toEqual([2, 4, 6, 8]);
  expect([reasons, started.length, here.sort()]).toEqual([['no such script'], 2, [1, 2, 3, 4]]);
});

it('where none may be started at all, too: the first task is not left waiting', async () => {
  const { run, reasons } = pool(2, () => {
    throw new Error('not allowed');
  });
  expect(await Promise.race([run(1), soon().then(() => 'left waiting')])).toBe(2);
  expect([await run(2), reasons]).toEqual([4, ['not allowed']]);
});

it('what fails here fails as it is', async () => {
  const threads = new ThreadPool({
    count: 2,
    start: () => {
      throw new Error('not allowed');
    },
  });
  const error = new MaskError('mask-full', 'nothing is left');
  const fails = task('fails', () => {
    throw error;
  });
  await expect(threads.run(fails, 0, noPause)).rejects.toBe(error);
});

it('what cannot be sent fails alone, and its thread does the next', async () => {
  const { started, start } = fakes();
  const { run, reasons } = pool(1, start);
  await expect(run(() => 'a function')).rejects.toMatchObject({ name: 'DataCloneError' });
  const next = run(5);
  done(started[0], 10);
  expect([await next, started.length, started[0].ended, reasons]).toEqual([10, 1, false, []]);
});

it('close() ends all threads; what is under way, what waits, and what comes later fails as aborted', async () => {
  const { started, start } = fakes();
  const { threads, run } = pool(2, start);
  const asked = [run(1), run(2), run(3)];
  threads.close();
  const outcomes = await Promise.allSettled([...asked, run(4)]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(AbortError) });
  expect([started.map(({ ended }) => ended), here]).toEqual([[true, true], []]);
  // What a thread may still say on its way out.
  done(started[0], 2);
  started[1].die(new Error('the thread ended'));
  threads.close();
  expect(started).toHaveLength(2);
});
