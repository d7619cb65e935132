import { expect, it } from 'vitest';
import { runAll, type Threads, task, thisThread } from '../../src/threads/task';

const noPause = () => Promise.resolve();

/** A task that tells when it begins and ends, and fails for 3. */
function watched() {
  const log: string[] = [];
  const run = task('watched', async (n: number) => {
    log.push(`begin ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (n === 3) throw new Error('three');
    log.push(`end ${n}`);
    return n * n;
  });
  return { run, log };
}

it('on one thread one is done after the other, each is told, and the results are in order', async () => {
  const { run, log } = watched();
  const results = await runAll(thisThread, run, [2, 1], noPause, () => log.push('told'));
  expect([results, log]).toEqual([
    [4, 1],
    ['begin 2', 'end 2', 'told', 'begin 1', 'end 1', 'told'],
  ]);
});

it('on one thread the first failure is the end', async () => {
  const { run, log } = watched();
  await expect(runAll(thisThread, run, [2, 3, 1], noPause)).rejects.toThrow('three');
  expect(log).toEqual(['begin 2', 'end 2', 'begin 3']);
});

it('on several all are asked for at once, and what comes first changes nothing of the order', async () => {
  const answers: (() => void)[] = [];
  const threads: Threads = {
    count: 2,
    run: ({ run }, args, pause) => new Promise((resolve) => answers.push(() => resolve(run(args, pause)))),
  };
  let told = 0;
  const all = runAll(threads, watched().run, [4, 5, 6], noPause, () => told++);
  expect(answers).toHaveLength(3);
  for (const answer of answers.reverse()) answer();
  expect([await all, told]).toEqual([[16, 25, 36], 3]);
});

it('nothing to do is done', async () => {
  for (const count of [1, 4]) expect(await runAll({ ...thisThread, count }, watched().run, [], noPause)).toEqual([]);
});
