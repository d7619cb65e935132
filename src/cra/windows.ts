import type { Window } from '../pixels/window';
import type { Stage } from './options';

/**
 * Works on items ahead and hands the results on in the items' order: as many at a time as have shares that add up to 1, and at least one.
 * @param stop is called where it ends early; what is under way is waited for, whatever becomes of it.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  share: (item: T) => number,
  work: (item: T) => Promise<R>,
  stop: () => void,
): AsyncGenerator<R, void, undefined> {
  const underWay: { share: number; result: Promise<R> }[] = [];
  let [next, shares] = [0, 0];
  let failure: { error: unknown } | undefined;
  const begin = (item: T, share: number) => {
    const result = work(item);
    // The first failure is the one to be told, not what others fail by once they are stopped.
    result.catch((error) => {
      if (failure) return;
      failure = { error };
      stop();
    });
    underWay.push({ share, result });
    shares += share;
  };
  try {
    while (next < items.length || underWay.length > 0) {
      while (next < items.length && !failure) {
        const own = share(items[next]);
        // Sums of thirds are no whole numbers.
        if (underWay.length > 0 && shares + own > 1 + 1e-9) break;
        begin(items[next++], own);
      }
      const first = underWay[0];
      const result = await first.result;
      underWay.shift();
      shares = underWay.reduce((sum, { share }) => sum + share, 0);
      yield result;
    }
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    stop();
    await Promise.allSettled(underWay.map(({ result }) => result));
  }
}

/** Has work done, be it later. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets one piece of work begin when the one before has ended. */
export function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** How far all windows have come together, told as one. */
export class WindowProgress {
  readonly #total: number;
  readonly #tell: (stage: Stage, done: number, total: number) => void;
  readonly #stages = new Map<Stage, { ended: Set<Window>; begun: Map<Window, number> }>();

  constructor(total: number, tell: (stage: Stage, done: number, total: number) => void) {
    this.#total = total;
    this.#tell = tell;
  }

  /** A stage may be told to be done twice: by who does it, and by who had it done. What goes back, of a generator's that begins anew, is not told. */
  report(window: Window, stage: Stage, fraction: number): void {
    const { ended, begun } = this.#stages.get(stage) ?? { ended: new Set(), begun: new Map() };
    this.#stages.set(stage, { ended, begun });
    if (fraction < 1 && !ended.has(window)) begun.set(window, Math.max(fraction, begun.get(window) ?? 0));
    else {
      begun.delete(window);
      ended.add(window);
    }
    this.#tell(
      stage,
      [...begun.values()].reduce((sum, part) => sum + part, ended.size),
      this.#total,
    );
  }
}
