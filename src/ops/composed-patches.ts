import {
  add,
  cast,
  cumsum,
  div,
  expandDims,
  fill,
  floor,
  gather,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  minimum,
  mul,
  pad,
  range,
  reshape,
  scatterND,
  slice,
  square,
  squaredDifference,
  stack,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tensor,
  tidy,
  tile,
  unstack,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { randomIntegers } from '../arrays/random';
import { type NearestPatchesAttributes, SEARCH_STEPS } from '../kernels/nearest-patches';

// The ops nearestPatches and votePatches as compositions of tfjs ops: what runs where there is no kernel, and what the
// kernels are tested against. All pixels are computed, asked for or not: plain, not fast.

/** Row and column of every pixel, [H, W], int32. */
function placesOf(height: number, width: number): [Tensor, Tensor] {
  const rows = tile(reshape(range(0, height, 1, 'int32'), [height, 1]), [1, width]);
  const columns = tile(reshape(range(0, width, 1, 'int32'), [1, width]), [height, 1]);
  return [rows, columns];
}

const within = (y: Tensor, x: Tensor): Tensor => {
  const [height, width] = y.shape;
  const below = logicalAnd(less(y, height), less(x, width));
  return logicalAnd(below, logicalAnd(greaterEqual(y, 0), greaterEqual(x, 0)));
};

/** y * stride + x of places that may lie outside, moved inside. */
const indexOf = (y: Tensor, x: Tensor, stride: number): Tensor => {
  const [height, width] = y.shape;
  const whole = (n: number) => tensor(n, [], 'int32');
  const inner = (t: Tensor, size: number) => minimum(maximum(t, whole(0)), whole(size - 1));
  return add(mul(inner(y, height), whole(stride)), inner(x, width));
};

/** x of the pixel `down` rows below and `right` columns to the right; 0 beyond the border. */
const shifted = (x: Tensor, down: number, right: number): Tensor => {
  const [m, n] = [Math.abs(down), Math.abs(right)];
  const padded = pad(x, [
    [m, m],
    [n, n],
  ]);
  return slice(padded, [m + down, n + right], x.shape);
};

/** {@link votePatches} as a composition of tfjs ops. */
export function composedVotes(features: Tensor3D, offsets: Tensor3D, weights: Tensor2D, hole: Tensor3D, patchSize: number): Tensor3D {
  return tidy(() => {
    const [height, width, channels] = features.shape;
    const margin = patchSize >> 1;
    const [rows, columns] = placesOf(height, width);
    const [down, right] = unstack(offsets, 2);
    const pixels = reshape(features, [height * width, channels]);
    let sums: Tensor = zerosLike(features);
    let total: Tensor = zeros([height, width, 1]);
    for (let dy = -margin; dy <= margin; dy++) {
      for (let dx = -margin; dx <= margin; dx++) {
        const y = add(rows, shifted(down, dy, dx));
        const x = add(columns, shifted(right, dy, dx));
        const weight = expandDims(where(within(y, x), maximum(shifted(weights, dy, dx), 0), zeros([height, width])), 2);
        sums = add(sums, mul(weight, gather(pixels, indexOf(y, x, width))));
        total = add(total, weight);
      }
    }
    const rebuilt = logicalAnd(greater(hole, 0), greater(total, 0));
    const mean = div(sums, where(greater(total, 0), total, fill([height, width, 1], 1)));
    return where(tile(rebuilt, [1, 1, channels]), mean, features) as Tensor3D;
  });
}

// A type, not an interface, for tidy to accept it as a container of tensors.
type Found = { down: Tensor; right: Tensor; distance: Tensor };

/** The search of {@link nearestPatches} as a composition of tfjs ops, in the steps of the WebGPU kernel. */
export function composedSearch(
  features: Tensor3D,
  sources: Tensor3D,
  queries: Tensor3D,
  offsets: Tensor3D,
  { patchSize, iterations, searchRadius, rowPenalty, columnPenalty, seed }: NearestPatchesAttributes,
): [Tensor3D, Tensor2D] {
  const [height, width, channels] = features.shape;
  const margin = patchSize >> 1;
  const [rows, columns] = placesOf(height, width);
  const random = randomIntegers(seed);
  const uniform = () =>
    tensor(
      Float32Array.from({ length: height * width }, () => random() / 2 ** 32),
      [height, width],
    ) as Tensor2D;
  const asked = greater(reshape(queries, [height, width]), 0);
  const flatSources = reshape(sources, [height * width]);
  const nowhere = fill([height, width], Number.POSITIVE_INFINITY);

  // The picture with its edge repeated, such that patches may hang over the border.
  const edge = (size: number) => tensor(Int32Array.from({ length: size + 2 * margin }, (_, i) => Math.min(Math.max(i - margin, 0), size - 1)));
  const padded = gather(gather(features, edge(height) as Tensor1D, 0), edge(width) as Tensor1D, 1);
  const stride = width + 2 * margin;
  const pixels = reshape(padded, [(height + 2 * margin) * stride, channels]);

  const distanceTo = (y: Tensor, x: Tensor): Tensor =>
    tidy(() => {
      const corner = indexOf(y, x, stride);
      let total: Tensor = zeros([height, width]);
      for (let dy = 0; dy < patchSize; dy++) {
        for (let dx = 0; dx < patchSize; dx++) {
          const there = gather(pixels, add(corner, tensor(dy * stride + dx, [], 'int32')));
          total = add(total, sum(squaredDifference(there, slice(padded, [dy, dx, 0], [height, width, channels])), 2));
        }
      }
      const far = (a: Tensor, from: Tensor, size: number, penalty: number) => mul(square(div(cast(sub(a, from), 'float32'), size)), penalty);
      const penalty = add(far(y, rows, height, rowPenalty), far(x, columns, width, columnPenalty));
      const valid = logicalAnd(within(y, x), greater(gather(flatSources, indexOf(y, x, width)), 0));
      return where(valid, add(div(total, patchSize * patchSize), penalty), nowhere);
    });

  /** Takes over what is nearer. */
  const attempt = (best: Found, down: Tensor, right: Tensor, allowed: Tensor = asked): Found => {
    const distance = distanceTo(add(rows, down), add(columns, right));
    const nearer = logicalAnd(allowed, less(distance, best.distance));
    return { down: where(nearer, down, best.down), right: where(nearer, right, best.right), distance: where(nearer, distance, best.distance) };
  };

  // A list of the sources without reading them: each is written to the place of its rank, all others behind the list.
  const isSource = greater(flatSources, 0);
  const rank = cumsum(cast(isSource, 'int32'), 0);
  const end = height * width;
  const slots = expandDims(where(isSource, sub(rank, tensor(1, [], 'int32')), fill([end], end, 'int32')), 1);
  const list = scatterND(slots, range(0, end, 1, 'int32'), [end + 1]);
  const count = cast(slice(rank, [end - 1], [1]), 'float32');
  const drawn = gather(list, cast(floor(minimum(mul(uniform(), count), maximum(sub(count, 1), 0))), 'int32'));
  const drawnRows = cast(floor(div(add(cast(drawn, 'float32'), 0.5), width)), 'int32');
  const drawnColumns = sub(drawn, mul(drawnRows, tensor(width, [], 'int32')));

  const none = zeros([height, width], 'int32');
  const [givenDown, givenRight] = unstack(offsets, 2);
  let best = attempt({ down: none, right: none, distance: nowhere }, givenDown, givenRight);
  const unset = logicalAnd(asked, greater(best.distance, 3e38));
  best = attempt(best, sub(drawnRows, rows), sub(drawnColumns, columns), unset);

  for (let pass = 0; pass < iterations * SEARCH_STEPS.length; pass++) {
    const step = SEARCH_STEPS[pass % SEARCH_STEPS.length];
    const before = best;
    best = tidy(() => {
      let now = before;
      for (const [dy, dx] of [
        [-step, 0],
        [0, -step],
        [step, 0],
        [0, step],
      ]) {
        const neighbour = logicalAnd(asked, greater(shifted(cast(asked, 'int32'), dy, dx), 0));
        now = attempt(now, shifted(before.down, dy, dx), shifted(before.right, dy, dx), neighbour);
      }
      for (let reach = step === 1 ? searchRadius : 0; reach >= 1; reach >>= 1) {
        const jump = () => cast(sub(floor(mul(uniform(), 2 * reach + 1)), reach), 'int32');
        now = attempt(now, add(now.down, jump()), add(now.right, jump()));
      }
      return now;
    });
  }
  const distances = where(asked, best.distance, zeros([height, width])) as Tensor2D;
  return [stack([best.down, best.right], 2) as Tensor3D, distances];
}
