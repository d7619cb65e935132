import { expect, it } from 'vitest';
import { inOrder, oneAtATime, WindowProgress } from '../../src/cra/windows';
import type { Window } from '../../src/pixels/window';

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Work that ends when the test says so, or when it is stopped. */
function works() {
  const open = new Map<number, { resolve(value: string): void; reject(error: Error): void }>();
  const begun: number[] = [];
  let [most, stops] = [0, 0];
  const work = (item: number) => {
    begun.push(item);
    return new Promise<string>((resolve, reject) => {
      open.set(item, { resolve, reject });
      most = Math.max(most, open.size);
    });
  };
  const settle = (item: number) => {
    const one = open.get(item)!;
    open.delete(item);
    return one;
  };
  const stop = () => {
    stops++;
    for (const item of [...open.keys()]) settle(item).reject(new Error(`stopped ${item}`));
  };
  return {
    begun,
    open,
    work,
    stop,
    end: (item: number) => settle(item).resolve(`done ${item}`),
    fail: (item: number) => settle(item).reject(new Error(`failed ${item}`)),
    most: () => most,
    stops: () => stops,
  };
}

it('works on as many at a time as there are shares for, and hands them on in order', async () => {
  const { begun, work, stop, end, most } = works();
  const results: string[] = [];
  const all = (async () => {
    for await (const result of inOrder([0, 1, 2, 3, 4], () => ({ work: 1 / 3, held: 1 / 3 }), work, stop)) results.push(result);
  })();
  await turn();
  // Three thirds are one, however they are rounded.
  expect(begun).toEqual([0, 1, 2]);
  end(2);
  end(1);
  await turn();
  expect([results, begun]).toEqual([[], [0, 1, 2]]);
  end(0);
  await turn();
  expect([results, begun]).toEqual([
    ['done 0', 'done 1', 'done 2'],
    [0, 1, 2, 3, 4],
  ]);
  end(4);
  end(3);
  await all;
  expect([results, most()]).toEqual([['done 0', 'done 1', 'done 2', 'done 3', 'done 4'], 3]);
});

it('items of different shares never exceed one, but one that is too large alone', async () => {
  const shares = [0.25, 0.25, 0.5, 7, 0.5, 0.5];
  const { begun, open, work, stop, end } = works();
  const results: string[] = [];
  const seen: number[][] = [];
  const all = (async () => {
    for await (const result of inOrder([0, 1, 2, 3, 4, 5], (item) => ({ work: shares[item], held: shares[item] }), work, stop)) results.push(result);
  })();
  while (results.length < 6) {
    await turn();
    const underWay = [...open.keys()];
    seen.push(underWay);
    expect(underWay.length === 1 || underWay.reduce((sum, item) => sum + shares[item], 0) <= 1, String(underWay)).toBe(true);
    if (underWay.length > 0) end(underWay[0]);
  }
  await all;
  expect(seen).toContainEqual([0, 1, 2]);
  expect(seen).toContainEqual([3]);
  expect(seen).toContainEqual([4, 5]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
});

it('one that is done ahead of its turn lets others begin, as far as what is held leaves room', async () => {
  const { begun, work, stop, end } = works();
  const results: string[] = [];
  const all = (async () => {
    for await (const result of inOrder([0, 1, 2, 3, 4], () => ({ work: 0.4, held: 0.1 }), work, stop)) results.push(result);
  })();
  await turn();
  const seen = [begun.slice()];
  for (const done of [1, 2, 3]) {
    end(done);
    await turn();
    seen.push(begun.slice());
  }
  expect([results, seen]).toEqual([
    [],
    [
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ],
  ]);
  end(0);
  await turn();
  end(4);
  await all;
  expect(results).toEqual([0, 1, 2, 3, 4].map((item) => `done ${item}`));
});

it('nothing begins once it has been broken off, though others end', async () => {
  const { begun, work, stop, end } = works();
  const all = (async () => {
    for await (const _ of inOrder(
      [0, 1, 2, 3, 4],
      () => ({ work: 0.3, held: 0 }),
      work,
      () => undefined,
    ))
      break;
    stop();
  })();
  await turn();
  end(0);
  await turn();
  end(2);
  end(1);
  await all;
  expect(begun).toEqual([0, 1, 2]);
});

it('the first failure stops the others, is the one that is told, and nothing more begins', async () => {
  const { begun, open, work, stop, fail } = works();
  const all = (async () => {
    for await (const _ of inOrder([0, 1, 2, 3], () => ({ work: 0.5, held: 0.5 }), work, stop));
  })();
  const told = expect(all).rejects.toThrow('failed 1');
  await turn();
  fail(1);
  await told;
  expect([begun, open.size]).toEqual([[0, 1], 0]);
});

it('what is done before a failure is still handed on where it comes first', async () => {
  const { work, stop, end, fail } = works();
  const results: string[] = [];
  const all = (async () => {
    for await (const result of inOrder([0, 1], () => ({ work: 0.5, held: 0.5 }), work, stop)) results.push(result);
  })();
  const told = expect(all).rejects.toThrow('failed 1');
  await turn();
  end(0);
  fail(1);
  await told;
  expect(results).toEqual(['done 0']);
});

it('breaking off stops what is under way, and waits for it', async () => {
  const { begun, open, work, stop, end, stops } = works();
  const ended: number[] = [];
  const slowToEnd = (item: number) =>
    work(item).catch(async (error) => {
      await turn();
      ended.push(item);
      throw error;
    });
  const all = (async () => {
    for await (const _ of inOrder([0, 1, 2, 3], () => ({ work: 0.5, held: 0.5 }), slowToEnd, stop)) break;
  })();
  await turn();
  end(0);
  await all;
  expect(stops()).toBeGreaterThan(0);
  expect([begun, open.size, ended]).toEqual([[0, 1], 0, [1]]);
});

it('nothing to do is done', async () => {
  const { work, stop } = works();
  expect((await inOrder([], () => ({ work: 1, held: 1 }), work, stop).next()).done).toBe(true);
});

it('one at a time begins when the one before has ended, whatever became of it', async () => {
  const { begun, work, end, fail } = works();
  const inTurn = oneAtATime();
  const [first, second, third] = [0, 1, 2].map((item) => inTurn(() => work(item)));
  await turn();
  expect(begun).toEqual([0]);
  fail(0);
  await expect(first).rejects.toThrow('failed 0');
  await turn();
  expect(begun).toEqual([0, 1]);
  end(1);
  expect(await second).toBe('done 1');
  await turn();
  end(2);
  expect(await third).toBe('done 2');
});

it('the progress of several windows is one, which never goes back and ends where all is done', () => {
  const told: number[] = [];
  const progress = new WindowProgress(3, (_, done, total) => {
    expect(total).toBe(3);
    told.push(done);
  });
  const [a, b, c] = [{}, {}, {}] as Window[];
  const steps: [Window, number][] = [
    [a, 0.5],
    [b, 0.25],
    [b, 1],
    [b, 1],
    [a, 0.75],
    [a, 0.25],
    [c, 0.5],
    [a, 1],
    [a, 0.5],
    [c, 1],
    [c, 1],
  ];
  for (const [window, fraction] of steps) progress.report(window, 'fill', fraction);
  expect(told).toEqual([0.5, 0.75, 1.5, 1.5, 1.75, 1.75, 2.25, 2.5, 2.5, 3, 3]);
});

it('each stage has a progress of its own', () => {
  const told: unknown[] = [];
  const progress = new WindowProgress(2, (stage, done) => told.push([stage, done]));
  const [a, b] = [{}, {}] as Window[];
  progress.report(a, 'low-resolution', 1);
  progress.report(a, 'fill', 0.5);
  progress.report(b, 'low-resolution', 1);
  expect(told).toEqual([
    ['low-resolution', 1],
    ['fill', 0.5],
    ['low-resolution', 2],
  ]);
});
