import {
  add,
  clone,
  customGrad,
  engine,
  gather,
  getBackend,
  getKernel,
  mul,
  pad,
  reshape,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tensor1d,
  tensor3d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { ALONG_AXIS, type AlongAxisAttributes } from '../kernels/along-axis';
import '../kernels/cpu/along-axis';

/**
 * A sparse linear map along one axis: output i = sum over k of `weights[i][k]` * input[`indices[i][k]`].
 * Resizing, blurring and folding patches are two of these, one for the rows and one for the columns.
 */
export interface AxisMap {
  /** Input length. */
  size: number;
  indices: number[][];
  weights: number[][];
}

/** The map whose output i is the sum of `weights[i][k]` * input[`first[i]` + k]. */
export const bandMap = (size: number, first: number[], weights: number[][]): AxisMap => ({
  size,
  indices: weights.map((row, i) => row.map((_, k) => first[i] + k)),
  weights,
});

/** The map with the matrix transposed: its gradient. */
export function transposeMap({ size, indices, weights }: AxisMap): AxisMap {
  const out: AxisMap = { size: indices.length, indices: Array.from({ length: size }, () => []), weights: Array.from({ length: size }, () => []) };
  indices.forEach((row, i) => {
    row.forEach((at, k) => {
      out.indices[at].push(i);
      out.weights[at].push(weights[i][k]);
    });
  });
  return out;
}

/** Applies one map to the rows and one to the columns of x [B, H, W, C]. Differentiable, to any order. */
export function applyMaps(x: Tensor4D, rows: AxisMap, columns: AxisMap): Tensor4D {
  return linear(
    x,
    (t) => separable(t, rows, columns),
    (dy) => applyMaps(dy, transposeMap(rows), transposeMap(columns)),
  );
}

/** A linear function with its adjoint as gradient. */
export function linear(x: Tensor4D, forward: (x: Tensor4D) => Tensor4D, adjoint: (dy: Tensor4D) => Tensor4D): Tensor4D {
  return customGrad((...args) => ({ value: forward(args[0] as Tensor4D) as Tensor, gradFunc: (dy: Tensor) => adjoint(dy as Tensor4D) as Tensor }))(
    x,
  ) as Tensor4D;
}

const isIdentity = ({ size, indices, weights }: AxisMap) =>
  indices.length === size && indices.every((row, i) => row.length === 1 && row[0] === i && weights[i][0] === 1);

function separable(x: Tensor4D, rows: AxisMap, columns: AxisMap): Tensor4D {
  return tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const [h, w] = [rows.indices.length, columns.indices.length];
    // A clone, since a custom gradient may not return its own input.
    const y = isIdentity(rows) ? clone(x) : along(reshape(x, [batch, height, width * channels]), rows);
    if (isIdentity(columns)) return reshape(y, [batch, h, w, channels]);
    if (getKernel(ALONG_AXIS, getBackend())) return reshape(along(reshape(y, [batch * h, width, channels]), columns), [batch, h, w, channels]);
    // The composition copies whole rows: the longer the better.
    const turned = along(reshape(transpose(reshape(y, [batch, h, width, channels]), [0, 2, 1, 3]), [batch, width, h * channels]), columns);
    return transpose(reshape(turned, [batch, w, h, channels]), [0, 2, 1, 3]);
  });
}

// Along axis 1 of [outer, n, inner].
function along(x: Tensor3D, map: AxisMap): Tensor3D {
  if (!getKernel(ALONG_AXIS, getBackend())) return composedAlongAxis(x, map);
  const attributes: AlongAxisAttributes = { indices: map.indices, weights: map.weights };
  return engine().runKernel(ALONG_AXIS, { x }, attributes) as Tensor3D;
}

/** The map as a composition of tfjs ops, one gather for each entry of a matrix row: what runs where there is no kernel. */
export function composedAlongAxis(x: Tensor3D, map: AxisMap): Tensor3D {
  const [outer, size, inner] = x.shape;
  const count = map.indices.length;
  return tidy(() => {
    // Outputs without any input read a line of zeros, and rows with fewer entries one of their own with weight 0:
    // a NaN in the input must not come in from elsewhere.
    const lines = map.indices.some((row) => row.length === 0)
      ? pad(x, [
          [0, 0],
          [0, 1],
          [0, 0],
        ])
      : x;
    let y: Tensor | undefined;
    for (let k = 0; k < Math.max(1, ...map.indices.map((row) => row.length)); k++) {
      const soFar: Tensor | undefined = y;
      const next: Tensor = tidy(() => {
        const picked = gather(
          lines,
          tensor1d(
            map.indices.map((row) => row[k] ?? row[0] ?? size),
            'int32',
          ),
          1,
        );
        const weights = map.weights.map((row) => (row.length === 0 ? 1 : (row[k] ?? 0)));
        const part = weights.every((w) => w === 1) ? picked : mul(picked, tensor3d(weights, [1, count, 1]));
        return soFar ? add(soFar, part) : part;
      });
      soFar?.dispose();
      y = next;
    }
    return reshape(y!, [outer, count, inner]);
  });
}
