import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkSameShape, checkShape, checkWhole } from '../check';

/** How {@link membrane} works. */
export interface MembraneOptions<T extends Tensor3D | Tensor4D = Tensor3D | Tensor4D> {
  /**
   * Steps of the solver, a whole number >= 0; 8 by default. Each one shrinks the error about eightfold whatever the
   * hole's size, so that 4 will do for 8-bit pictures.
   */
  iterations?: number;
  /** The right side of Poisson's equation, of the shape of `x`; only its hole pixels are looked at. 0 by default. */
  source?: T;
}

/**
 * `count` pictures of height x width cells, as one flat vector: a neighbour is then a contiguous slice away, which every
 * backend copies fast. The last row and column of the finest grid are empty, so that no neighbour is across an edge.
 */
interface Size {
  count: number;
  height: number;
  width: number;
}

/** One grid of the pyramid: each cell is tied to its right and its lower neighbour and to known pixels by springs. */
interface Grid extends Size {
  right: Tensor1D;
  below: Tensor1D;
  known: Tensor1D;
  /** Damped inverses of the diagonal: the two steps of the smoother. */
  steps: [Tensor1D, Tensor1D];
}

/** A hole ready to be solved on: its grids, and 1 where a cell is hole and its picture has known pixels to hold it. */
interface Springs {
  held: Tensor1D;
  grids: Grid[];
}

// Chebyshev's two steps over the upper part of the spectrum of the diagonally scaled operator.
const damping = [1.39, 0.57] as const;
// Blocks that move as one are twice too stiff among each other in two dimensions, and less so towards the rim.
const softerTie = 0.5;
const softerRim = 0.75;
// The finest grid's sides are brought to this multiple: odd sides further down need a slice, which is slow on large grids.
const multiple = 8;

/** The flat vector moved by whole cells, zero where nothing came from: `shift(x, 1)` holds each cell's left neighbour. */
function shift(x: Tensor1D, by: number): Tensor1D {
  const kept = x.size - Math.abs(by);
  if (kept <= 0) return tf.zerosLike(x);
  const gap = tf.zeros([Math.abs(by)]) as Tensor1D;
  return by > 0 ? tf.concat1d([gap, tf.slice1d(x, 0, kept)]) : tf.concat1d([tf.slice1d(x, -by, kept), gap]);
}

/** The sum of the four neighbours, on a grid whose last row and column are zero. */
function neighbourSum(x: Tensor1D, width: number): Tensor1D {
  return tf.add(tf.add(shift(x, 1), shift(x, -1)), tf.add(shift(x, width), shift(x, -width)));
}

/** Sums of 2x2 blocks; an odd last row or column makes blocks of its own. */
function blockSum(x: Tensor, { count, height, width }: Size): Tensor1D {
  const grid = tf.reshape(x, [count, height, width, 1]) as Tensor4D;
  const even =
    height % 2 || width % 2
      ? tf.pad(grid, [
          [0, 0],
          [0, height % 2],
          [0, width % 2],
          [0, 0],
        ])
      : grid;
  return tf.mul(tf.reshape(tf.avgPool(even, 2, 2, 'valid'), [-1]), 4);
}

/** The adjoint of {@link blockSum}: each block's value in all its cells. */
function spread(x: Tensor1D, coarse: Size, { count, height, width }: Size): Tensor1D {
  const grid = tf.reshape(x, [count, coarse.height, coarse.width, 1]) as Tensor4D;
  const even = tf.image.resizeNearestNeighbor(grid, [coarse.height * 2, coarse.width * 2]);
  const kept = height % 2 || width % 2 ? tf.slice(even, [0, 0, 0, 0], [count, height, width, 1]) : even;
  return tf.reshape(kept, [-1]);
}

function makeGrid(size: Size, right: Tensor1D, below: Tensor1D, known: Tensor1D): Grid {
  const diagonal = tf.addN([known, right, shift(right, 1), below, shift(below, size.width)]) as Tensor1D;
  const inverse = tf.divNoNan(tf.onesLike(diagonal), diagonal) as Tensor1D;
  return {
    ...size,
    right,
    below,
    known,
    steps: [tf.mul(inverse, damping[0]), tf.mul(inverse, damping[1])],
  };
}

/** A tie between two blocks is the sum of the ties of the cells on either side: those that leave an odd column or row. */
function coarserTies(ties: Tensor1D, size: Size, axis: 'right' | 'below'): Tensor1D {
  const { count, height, width } = size;
  const odd = tf.tensor(Float32Array.from({ length: axis === 'right' ? width : height }, (_, i) => (i % 2) * softerTie));
  const across = tf.reshape(odd, axis === 'right' ? [1, 1, width] : [1, height, 1]);
  return blockSum(tf.mul(tf.reshape(ties, [count, height, width]), across), size);
}

/** The grids from the picture's own down to a single cell. */
function makeGrids(hole: Tensor1D, known: Tensor1D, finest: Size): Grid[] {
  let size = finest;
  let right = tf.mul(hole, shift(hole, -1)) as Tensor1D;
  let below = tf.mul(hole, shift(hole, -size.width)) as Tensor1D;
  let toKnown = tf.mul(hole, neighbourSum(known, size.width)) as Tensor1D;
  const grids = [makeGrid(size, right, below, toKnown)];
  while (size.height > 1 || size.width > 1) {
    right = coarserTies(right, size, 'right');
    below = coarserTies(below, size, 'below');
    toKnown = tf.mul(blockSum(toKnown, size), softerRim);
    size = {
      count: size.count,
      height: Math.ceil(size.height / 2),
      width: Math.ceil(size.width / 2),
    };
    grids.push(makeGrid(size, right, below, toKnown));
  }
  return grids;
}

/** A u: what the springs pull at each cell; from differences, which keep their digits where u is large and flat. */
function pull({ right, below, known, width }: Grid, u: Tensor1D): Tensor1D {
  const across = tf.mul(right, tf.sub(shift(u, -1), u)) as Tensor1D;
  const along = tf.mul(below, tf.sub(shift(u, -width), u)) as Tensor1D;
  const inwards = tf.add(tf.sub(across, shift(across, 1)), tf.sub(along, shift(along, width)));
  return tf.sub(tf.mul(known, u), inwards);
}

/** One multigrid V-cycle from zero: an approximate solution of A u = force. Symmetric, as conjugate gradients need it. */
function vCycle(grids: Grid[], level: number, force: Tensor1D): Tensor1D {
  const grid = grids[level]!;
  const coarser = grids[level + 1];
  const smooth = (u: Tensor1D, step: Tensor1D) => tf.add(u, tf.mul(step, tf.sub(force, pull(grid, u)))) as Tensor1D;
  const [first, second] = grid.steps;
  const before = smooth(tf.mul(force, first), second);
  if (!coarser) return smooth(before, first);
  const correction = vCycle(grids, level + 1, blockSum(tf.sub(force, pull(grid, before)), grid));
  return smooth(smooth(tf.add(before, spread(correction, coarser, grid)), second), first);
}

const dot = (a: Tensor1D, b: Tensor1D): Tensor => tf.sum(tf.mul(a, b));

/** Solves A u = force on the held cells, with u = 0 off them, by conjugate gradients behind a V-cycle. Nothing is read back. */
function solve({ held, grids }: Springs, force: Tensor1D, iterations: number): Tensor1D {
  let u = tf.zerosLike(force);
  let rest = tf.mul(held, force) as Tensor1D;
  let direction: Tensor1D | undefined;
  let energy: Tensor | undefined;
  for (let i = 0; i < iterations; i++) {
    const old: (Tensor | undefined)[] = [u, rest, direction, energy];
    [u, rest, direction, energy] = tf.tidy(() => {
      const wanted = vCycle(grids, 0, rest);
      const newEnergy = dot(rest, wanted);
      const along = (direction && energy ? tf.add(wanted, tf.mul(direction, tf.divNoNan(newEnergy, energy))) : wanted) as Tensor1D;
      const pulled = pull(grids[0]!, along);
      const length = tf.divNoNan(newEnergy, dot(along, pulled));
      return [tf.add(u, tf.mul(along, length)), tf.sub(rest, tf.mul(pulled, length)), along, newEnergy] as [Tensor1D, Tensor1D, Tensor1D, Tensor];
    });
    tf.dispose(old.filter((t) => t !== undefined));
  }
  // A coarse correction spills over the rim; the solver does not mind, but the adjoint would.
  return tf.mul(held, u);
}

/** [B, H, W, C] as the flat pictures that the solver works on, and back. */
function layout([batch, height, width, channels]: readonly [number, number, number, number]) {
  const up = (n: number) => Math.ceil((n + 1) / multiple) * multiple;
  const size: Size = {
    count: batch * channels,
    height: up(height),
    width: up(width),
  };
  const flatten = (x: Tensor4D): Tensor1D => {
    const pictures = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [-1, height, width]) as Tensor3D;
    return tf.reshape(
      tf.pad(pictures, [
        [0, 0],
        [0, size.height - height],
        [0, size.width - width],
      ]),
      [-1],
    );
  };
  const unflatten = (x: Tensor1D): Tensor4D => {
    const pictures = tf.slice(tf.reshape(x, [size.count, size.height, size.width]), [0, 0, 0], [size.count, height, width]);
    return tf.transpose(tf.reshape(pictures, [batch, channels, height, width]), [0, 2, 3, 1]);
  };
  return { size, flatten, unflatten };
}

/** The grids of a hole mask [B or 1, H, W, 1] for pictures of a shape, and the mask flat. A picture all hole gets no ties. */
function prepare(hole: Tensor4D, shape: [number, number, number, number], size: Size, flatten: (x: Tensor4D) => Tensor1D): Springs {
  const each = tf.tile(hole, [shape[0] / hole.shape[0], 1, 1, shape[3]]);
  const known = tf.sub(1, each) as Tensor4D;
  const held = flatten(tf.mul(each, tf.max(known, [1, 2], true)));
  return { held, grids: makeGrids(held, flatten(known), size) };
}

/**
 * Stretches a membrane over the hole from its rim: the smoothest fill, without any texture.
 *
 * Each hole pixel p solves Laplace's equation, or Poisson's where a `source` is given, on the pixel grid:
 *
 * `sum over q in N(p) of (y[q] - y[p]) = source[p]`, where N(p) are the up to four neighbours of p inside the picture,
 *
 * with y = x on known pixels, bit for bit. Where a hole touches the picture's border the membrane is free there (Neumann).
 * A picture without a known pixel comes back as zeros. What x holds in the hole is never looked at, NaN included.
 * For gradient-domain blending, let `source` be the Laplacian of the picture whose gradients are wanted.
 *
 * The solver is conjugate gradients behind a multigrid cycle over the hole's own shape; it reads nothing back, so that it runs
 * synchronously on every backend. The gradient with respect to `x` and to `source` is that of the exact solution.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param hole [H, W, 1] or [B or 1, H, W, 1], hole = 1, valid = 0 (told apart at 0.5).
 * @param options {@link MembraneOptions}
 * @returns the filled tensor, of the shape of `x`.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const smooth = membrane(image, hole);
 * ```
 * Source: Pérez, Gangnet, Blake: Poisson Image Editing, SIGGRAPH 2003.
 */
export function membrane<T extends Tensor3D | Tensor4D>(x: T, hole: Tensor3D | Tensor4D, options: MembraneOptions<T> = {}): T {
  const { iterations = 8, source } = options;
  checkShape(x, x.rank === 3 ? 'HWC' : 'BHWC', 'membrane', 'x');
  checkShape(hole, x.rank === 3 && hole.rank === 3 ? 'HW1' : 'BHW1', 'membrane', 'hole');
  const shape = (x.rank === 3 ? [1, ...x.shape] : x.shape) as [number, number, number, number];
  const batch = hole.rank === 4 && hole.shape[0] === 1 ? 1 : shape[0];
  checkSameShape(hole.rank === 3 ? [1, ...hole.shape] : hole.shape, [batch, shape[1], shape[2], 1], 'membrane', 'hole');
  if (source) checkSameShape(source.shape, x.shape, 'membrane', 'source');
  checkWhole(iterations, 0, 'membrane', 'iterations');
  if (x.size === 0) return tf.clone(x);

  const { size, flatten, unflatten } = layout(shape);
  const stretch = tf.customGrad((...inputs: (Tensor | tf.GradSaveFunc)[]) => {
    const [image, mask, divergence, save] = inputs as [Tensor4D, Tensor4D, Tensor4D, tf.GradSaveFunc];
    const springs = prepare(mask, shape, size, flatten);
    const inHole = tf.cast(mask, 'bool');
    const rim = neighbourSum(flatten(tf.where(inHole, tf.zerosLike(image), image)), size.width);
    const inside = flatten(tf.where(inHole, divergence, tf.zerosLike(divergence)));
    const filled = solve(springs, tf.sub(rim, inside), iterations);
    const value = tf.where(inHole, unflatten(filled), image);
    save([mask]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      // The solver is symmetric, so that the adjoint of the fill is the same solver run on dy.
      const moved = solve(prepare(saved[0] as Tensor4D, shape, size, flatten), flatten(dy as Tensor4D), iterations);
      const dx = tf.mul(tf.sub(1, saved[0]!), tf.add(dy, unflatten(neighbourSum(moved, size.width))));
      return [dx, tf.zerosLike(saved[0]!), tf.neg(unflatten(moved))];
    };
    return { value, gradFunc };
  });
  return tf.tidy(() => {
    const mask = tf.cast(tf.greater(tf.reshape(hole, [batch, shape[1], shape[2], 1]), 0.5), 'float32');
    const divergence = source ? tf.reshape(source, shape) : tf.zeros(shape);
    return tf.reshape(stretch(tf.reshape(x, shape), mask, divergence), x.shape) as T;
  });
}
