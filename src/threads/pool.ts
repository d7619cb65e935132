import { AbortError } from '../errors';
import { fromPlainError } from '../plain-error';
import type { FromThread, StartThread, Thread } from './protocol';
import type { Pause, Task, Threads } from './task';

interface Job {
  task: Task<unknown, unknown>;
  args: unknown;
  pause: Pause;
  /** Who asked for it. */
  owner: object | undefined;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Seat {
  thread?: Thread;
  /** Whether it has said that it is there. */
  ready: boolean;
  job?: Job;
}

/** How a {@link ThreadPool} is made. */
export interface PoolOptions {
  count: number;
  start: StartThread;
  /** Told, once, why there are no threads: all is done on this one then. */
  onWithout?: (reason: Error) => void;
}

/**
 * Threads that do tasks, each one at a time, in the order in which they are asked for. A thread starts when there is a task for it, and what
 * tasks fail by comes by its own class. Where no thread can be started, tasks are done here.
 */
export class ThreadPool implements Threads {
  readonly count: number;
  readonly #start: StartThread;
  readonly #onWithout: ((reason: Error) => void) | undefined;
  readonly #seats = new Set<Seat>();
  readonly #waiting: Job[] = [];
  #without = false;
  #closed = false;

  constructor({ count, start, onWithout }: PoolOptions) {
    this.count = count;
    this.#start = start;
    this.#onWithout = onWithout;
  }

  /** @param owner by whom it may be dropped alone. */
  run<A, R>(task: Task<A, R>, args: A, pause: Pause, owner?: object): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ task: task as Task<unknown, unknown>, args, pause, owner, resolve: resolve as Job['resolve'], reject });
      this.#serve();
    });
  }

  /** Leaves off what is asked of them, or what one owner asked, by AbortErrors. Nothing else stops a thread at work, so those are ended; others stay. */
  drop(owner?: object): void {
    const dropped = new AbortError('aborted', 'the threads were to leave off');
    const isMeant = (job: Job) => owner === undefined || job.owner === owner;
    for (const seat of [...this.#seats].filter(({ job }) => job && isMeant(job))) {
      this.#seats.delete(seat);
      seat.thread?.end();
      seat.job?.reject(dropped);
    }
    for (const job of this.#waiting.splice(0)) {
      if (isMeant(job)) job.reject(dropped);
      else this.#waiting.push(job);
    }
    this.#serve();
  }

  /** Ends all threads; what is still asked of them fails by an AbortError. */
  close(): void {
    this.#closed = true;
    this.drop();
    for (const { thread } of this.#seats) thread?.end();
    this.#seats.clear();
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      if (this.#closed) {
        this.close();
        return;
      }
      if (this.#without) {
        this.#here(this.#waiting.shift() as Job);
        continue;
      }
      let seat = [...this.#seats].find(({ job }) => !job);
      if (!seat && this.#seats.size < this.count) seat = this.#open();
      // Just now it may have turned out that there are none.
      if (!seat && this.#without) continue;
      if (!seat) return;
      const job = this.#waiting.shift() as Job;
      seat.job = job;
      try {
        seat.thread?.post({ name: job.task.name, args: job.args });
      } catch (error) {
        // What can't be sent was never under way.
        seat.job = undefined;
        job.reject(error);
      }
    }
  }

  #here({ task, args, pause, resolve, reject }: Job): void {
    // Never within run(): who asks does not expect to be done at once.
    Promise.resolve()
      .then(() => task.run(args, pause))
      .then(resolve, reject);
  }

  #open(): Seat | undefined {
    const seat: Seat = { ready: false };
    try {
      seat.thread = this.#start(
        (message) => this.#hear(seat, message),
        (error) => this.#bury(seat, error),
      );
    } catch (error) {
      this.#doWithout(error as Error);
      return undefined;
    }
    this.#seats.add(seat);
    return seat;
  }

  #hear(seat: Seat, message: FromThread): void {
    seat.ready = true;
    if (message.type === 'ready') return;
    const { job } = seat;
    seat.job = undefined;
    if (message.type === 'done') job?.resolve(message.result);
    else job?.reject(fromPlainError(message.error));
    this.#serve();
  }

  /** A thread that has died takes its task with it; one that never lived leaves it to this thread. */
  #bury(seat: Seat, error: Error): void {
    if (!this.#seats.delete(seat)) return;
    seat.thread?.end();
    if (seat.ready) seat.job?.reject(error);
    else {
      if (seat.job) this.#waiting.unshift(seat.job);
      this.#doWithout(error);
    }
    this.#serve();
  }

  #doWithout(reason: Error): void {
    if (this.#without) return;
    this.#without = true;
    this.#onWithout?.(reason);
  }
}
