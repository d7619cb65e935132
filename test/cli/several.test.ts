import { expect, it } from 'vitest';
import { severalAtATime } from '../../src/cli/several';

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Work on numbered items that ends when the test says so. */
function works(shares: number[]) {
  const begun: number[] = [];
  const told: string[] = [];
  const ends = new Map<number, () => void>();
  let over = false;
  const all = severalAtATime(
    shares.map((_, n) => n),
    {
      share: async (n) => shares[n],
      work(n) {
        begun.push(n);
        return new Promise<string>((resolve) => ends.set(n, () => resolve(`done ${n}`)));
      },
      tell: (result) => told.push(result),
      isOver: () => over,
    },
  );
  const end = async (...items: number[]) => {
    for (const n of items) ends.get(n)!();
    await turn();
  };
  const stop = () => {
    over = true;
  };
  return { begun, told, all, end, stop };
}

it('begins the next as soon as any has ended, and tells in the order of the items', async () => {
  const { begun, told, all, end } = works([1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3]);
  await turn();
  expect([begun, told]).toEqual([[0, 1, 2], []]);
  await end(2);
  expect([begun, told]).toEqual([[0, 1, 2, 3], []]);
  await end(1, 3);
  expect([begun, told]).toEqual([[0, 1, 2, 3, 4], []]);
  await end(0);
  expect(told).toEqual(['done 0', 'done 1', 'done 2', 'done 3']);
  await end(4);
  expect(told.at(-1)).toBe('done 4');
  expect(await all).toBe(3);
});

it('waits where shares would add up to more than 1, and works on one that is more than that alone', async () => {
  const { begun, all, end } = works([0.5, 0.6, 0.4, 7, 0.1]);
  await turn();
  expect(begun).toEqual([0]);
  await end(0);
  expect(begun).toEqual([0, 1, 2]);
  await end(2);
  expect(begun).toEqual([0, 1, 2]);
  await end(1);
  expect(begun).toEqual([0, 1, 2, 3]);
  await end(3);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  await end(4);
  expect(await all).toBe(2);
});

it('begins no more once it is over, and waits for what is under way', async () => {
  const { begun, told, all, end, stop } = works([0.5, 0.5, 0.5]);
  await turn();
  stop();
  await end(0);
  expect([begun, told]).toEqual([[0, 1], ['done 0']]);
  let ended = false;
  const whole = all.then(() => {
    ended = true;
  });
  await turn();
  expect(ended).toBe(false);
  await end(1);
  await whole;
  expect(told).toEqual(['done 0', 'done 1']);
});

it('has nothing to do where there is nothing', async () => {
  expect(await works([]).all).toBe(0);
});
