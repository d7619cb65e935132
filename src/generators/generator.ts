import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { Correspondence } from '../ops/correspondence';
import type { Threads } from '../threads/task';

export type { Correspondence, NearestField, SoftAttention } from '../ops/correspondence';

/** What a generator is given: a picture at its working size, and where to fill it. */
export interface FillRequest {
  /** [height, width, 3], float32 in [-1, 1]. Hole pixels are 0 and mean nothing. */
  image: Tensor3D;
  /** [height, width, 1], float32, hole = 1, valid = 0. */
  hole: Tensor3D;
  /**
   * [height, width, 1], float32, 1 where a pixel may be copied from, 0 in the hole. The other known pixels are there to be looked at.
   * Default: every known pixel may.
   */
  sources?: Tensor3D;
  /** [height, width, 1], float32, 1 on the lines of a sketch of what belongs in the hole; for generators that take one. */
  sketch?: Tensor3D;
  /** Seeds every random choice: the same seed gives the same fill on the same backend. */
  seed: number;
  /**
   * Who may do a part of the work beside this thread. Default: nobody.
   * @internal The tasks that threads know are this package's own.
   */
  threads?: Threads;
  /** Aborts the fill between two steps. */
  signal?: AbortSignal;
  /** Called after each step with a fraction in [0, 1]. */
  onProgress?: (fraction: number) => void;
}

/** What a generator gives back. The caller disposes the tensors. */
export interface Fill {
  /** [height, width, 3], float32 in [-1, 1]; only hole pixels are looked at. */
  image: Tensor3D;
  /** Where the fill's look comes from, if the generator knows. */
  correspondence?: Correspondence;
}

/** What holes are thin to the generators of this package: so little of what belongs there is hidden that none has to guess it. */
export const THIN = 20;

/** Who fills the low-resolution picture. */
export interface Generator {
  /** The name in messages and benchmarks. */
  readonly name: string;
  /** The long side it works best at, in pixels; `undefined` takes any. */
  readonly workingSize?: number;
  /** Width and height are padded to multiples of this. */
  readonly multiple: number;
  /** Holes nowhere thicker than this many pixels of the photo need not be its: see the option `thin`. Default 0: it wants them all. */
  readonly thin?: number;
  /** Whether it may be given a picture while it still fills another. Default false. */
  readonly concurrent?: boolean;
  /** Whether it takes a sketch. Default false: it must not be given one. */
  readonly takesSketch?: boolean;
  /** Fills the hole of a picture. The tensors of the request stay the caller's. */
  fill(request: FillRequest): Promise<Fill>;
  /**
   * Fills it in several ways that differ to the eye, the best first: `count` of them, or as many as there are. The first is what `fill` gives.
   * Default: it knows one way only.
   */
  fillSeveral?(request: FillRequest, count: number): Promise<Fill[]>;
  /** Frees the generator's weights, if it has any. */
  dispose?(): void;
}
