/** How {@link severalAtATime} works on items. */
export interface Several<T, R> {
  /** How much of all that may be under way an item is, from 0 to 1. */
  share(item: T): Promise<number>;
  /** Never fails. */
  work(item: T): Promise<R>;
  /** Given the results in the items' order, each as soon as those before it are there. */
  tell(result: R): void;
  /** Whether no more items are to be begun. */
  isOver(): boolean;
}

/**
 * Works on items in their order, on as many at a time as have shares that add up to 1, and on at least one.
 * @returns how many were under way at once, at the most
 */
export async function severalAtATime<T, R>(items: readonly T[], { share, work, tell, isOver }: Several<T, R>): Promise<number> {
  const underWay = new Set<Promise<void>>();
  const results = new Map<number, R>();
  let [shares, told, most] = [0, 0, 0];
  for (const [n, item] of items.entries()) {
    const own = await share(item);
    // Sums of thirds are no whole numbers.
    while (underWay.size > 0 && shares + own > 1 + 1e-9) await Promise.race(underWay);
    if (isOver()) break;
    shares += own;
    const ended = work(item).then((result) => {
      underWay.delete(ended);
      shares -= own;
      results.set(n, result);
      for (; results.has(told); told++) {
        tell(results.get(told) as R);
        results.delete(told);
      }
    });
    underWay.add(ended);
    most = Math.max(most, underWay.size);
  }
  await Promise.all(underWay);
  return most;
}
