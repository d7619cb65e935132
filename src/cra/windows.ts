import type { Window } from '../pixels/window';
import type { Stage } from './options';

/** How much of all that may be under way an item is, from 0 to 1: while it is worked on, and once its result waits for those before it. */
export interface Share {
  work: number;
  held: number;
}

/**
 * Works on items ahead and hands the results on in the items' order: as many at a time as have shares that add up to 1, and at least one.
 * @param stop is called where it ends early; what is under way is waited for, whatever becomes of it.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  share: (item: T) => Share,
  work: (item: T) => Promise<R>,
  stop: () => void,
): AsyncGenerator<R, void, undefined> {
  const underWay: { share: number; result: Promise<R> }[] = [];
  let next = 0;
  let isOver = false;
  let failure: { error: unknown } | undefined;
  // Sums of thirds are no whole numbers.
  const hasRoomFor = (own: number) => underWay.length === 0 || underWay.reduce((sum, { share }) => sum + share, own) <= 1 + 1e-9;
  const beginAll = () => {
    while (next < items.length && !failure && !isOver) {
      const { work: own, held } = share(items[next]);
      if (!hasRoomFor(own)) break;
      const result = work(items[next++]);
      const one = { share: own, result };
      underWay.push(one);
      result.then(
        () => {
          // One that is done ahead of its turn keeps hardly any other from beginning.
          one.share = held;
          if (one !== underWay[0]) beginAll();
        },
        (error) => {
          // The first failure is the one to be told, not what others fail by once they are stopped.
          if (failure) return;
          failure = { error };
          stop();
        },
      );
    }
  };
  try {
    for (;;) {
      beginAll();
      if (underWay.length === 0) break;
      const result = await underWay[0].result;
      underWay.shift();
      yield result;
    }
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    isOver = true;
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
