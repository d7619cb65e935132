import type { Case, Pixels } from '../cases';

/** A filled picture and what it took. */
export interface Outcome {
  result: Pixels;
  seconds: number;
  /** Peak resident memory of the process, in MiB. */
  megabytes: number;
}

/** A way to fill a hole. Each run is a process of its own. */
export interface Method {
  name: string;
  /** Where the results may be kept on disk: slow methods that do not change. Part of the cache's key. */
  version?: string;
  /** How far outside the hole it may change pixels. */
  allowed(width: number, height: number): number;
  run(which: Case): Promise<Outcome>;
}
