import { matMul, reshape, type Tensor2D, type Tensor3D, type Tensor4D, tensor2d, tidy, transpose } from '@tensorflow/tfjs-core';
import { checkArgument, checkWhole } from '../check';
import { checkImage, likeRank, toBatch } from './rank';

/**
 * The Fourier transform of real pictures over rows and columns, each channel by itself. Of the spectrum, which is symmetric,
 * the half along the width is kept.
 *
 * S[u, v, c] = sum over (i, j) of x[i, j, c] exp(-2 pi i (u i / H + v j / W)) / sqrt(H W); y[u, v, 2 c] = Re S[u, v, c],
 * y[u, v, 2 c + 1] = Im S[u, v, c]
 *
 * A product with a matrix for each axis, on every backend and for every size: TensorFlow.js has its own transform on some
 * backends only, without a gradient, and it is no faster below about a thousand pixels. H² W + H W² products for a channel.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range, finite.
 * @returns [.., H, floor(W / 2) + 1, 2 C], real and imaginary parts as channels, taking turns. Differentiable, to any order;
 * the gradient is the adjoint, which is not {@link irfft2}.
 * @throws ShapeError
 * @example
 * ```ts
 * const spectrum = rfft2(x);
 * const same = irfft2(spectrum, x.shape[1]); // x is [H, W, C]
 * ```
 */
export function rfft2<T extends Tensor3D | Tensor4D>(x: T): T {
  checkImage(x, 'rfft2', 'x');
  return tidy(() => {
    const batch = toBatch(x);
    const [pictures, height, width, channels] = batch.shape;
    const half = Math.floor(width / 2) + 1;
    const lines = reshape(transpose(reshape(batch, [pictures * height, width, channels]), [1, 0, 2]), [width, pictures * height * channels]);
    const alongRows = matMul(analysis(width), lines as Tensor2D);
    const stacked = transpose(reshape(alongRows, [2, half, pictures, height, channels]), [0, 3, 2, 1, 4]);
    const spectrum = matMul(turns(height), reshape(stacked, [2 * height, pictures * half * channels]) as Tensor2D);
    const taking = transpose(reshape(spectrum, [2, height, pictures, half * channels]), [2, 1, 3, 0]);
    return likeRank(reshape(taking, [pictures, height, half, 2 * channels]) as Tensor4D, x);
  });
}

/**
 * The picture of a half spectrum: takes {@link rfft2} back.
 *
 * x[i, j, c] = sum over u and all W columns v of S[u, v, c] exp(2 pi i (u i / H + v j / W)) / sqrt(H W), where the columns that
 * are not there are the conjugates of those that are
 *
 * Any half spectrum will do, of a real picture or not: imaginary parts that a real picture can't have, those of column 0 and,
 * for an even width, of the last one after the transform along the columns, are not looked at.
 *
 * @param spectrum [H, floor(W / 2) + 1, 2 C] or [B, H, floor(W / 2) + 1, 2 C], float32, finite; channels as {@link rfft2} makes them.
 * @param width W, in pixels: an even width and the odd one after it have as many columns.
 * @returns [.., H, W, C]. Differentiable, to any order.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const smooth = irfft2(tf.mul(rfft2(x), lowPass), x.shape[1]);
 * ```
 */
export function irfft2<T extends Tensor3D | Tensor4D>(spectrum: T, width: number): T {
  checkImage(spectrum, 'irfft2', 'spectrum');
  const doubled = spectrum.shape[spectrum.rank - 1];
  checkArgument(doubled % 2 === 0, 'irfft2', 'spectrum', 'of an even number of channels', doubled);
  checkWhole(width, 1, 'irfft2', 'width');
  const half = spectrum.shape[spectrum.rank - 2];
  checkArgument(Math.floor(width / 2) + 1 === half, 'irfft2', 'width', `one whose half spectrum has ${half} columns`, width);
  return tidy(() => {
    const batch = toBatch(spectrum);
    const [pictures, height] = batch.shape;
    const channels = doubled / 2;
    const stacked = transpose(reshape(batch, [pictures, height, half * channels, 2]), [3, 1, 0, 2]);
    const alongColumns = matMul(turns(height), reshape(stacked, [2 * height, pictures * half * channels]) as Tensor2D, true);
    const apart = transpose(reshape(alongColumns, [2, height, pictures, half, channels]), [0, 3, 2, 1, 4]);
    const lines = matMul(synthesis(width), reshape(apart, [2 * half, pictures * height * channels]) as Tensor2D);
    const picture = transpose(reshape(lines, [width, pictures * height, channels]), [1, 0, 2]);
    return likeRank(reshape(picture, [pictures, height, width, channels]) as Tensor4D, spectrum);
  });
}

/** cos and sin of whole numbers of nths of a turn, over sqrt(n). Angles are reduced and in float64: of large ones float32 would know little. */
function circle(n: number): { cos(nths: number): number; sin(nths: number): number } {
  const [cosines, sines] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    const angle = (2 * Math.PI * k) / n;
    cosines[k] = Math.cos(angle) / Math.sqrt(n);
    sines[k] = Math.sin(angle) / Math.sqrt(n);
  }
  return { cos: (nths) => cosines[nths % n], sin: (nths) => sines[nths % n] };
}

/** Fills a matrix by place. */
function matrix(rows: number, columns: number, at: (row: number, column: number) => number): Tensor2D {
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] = at(i, j);
  return tensor2d(values, [rows, columns]);
}

/** [2 half, n]: a real line's half spectrum, its real parts above the imaginary ones. */
function analysis(n: number): Tensor2D {
  const { cos, sin } = circle(n);
  const half = Math.floor(n / 2) + 1;
  return matrix(2 * half, n, (k, j) => (k < half ? cos(k * j) : -sin((k - half) * j)));
}

/** [n, 2 half]: the real line of a half spectrum. All columns stand for their conjugates, too, but the first and, of an even n, the last. */
function synthesis(n: number): Tensor2D {
  const { cos, sin } = circle(n);
  const half = Math.floor(n / 2) + 1;
  const isSingle = (k: number) => k === 0 || 2 * k === n;
  return matrix(n, 2 * half, (j, column) => {
    const k = column % half;
    if (isSingle(k)) return column < half ? cos(k * j) : 0;
    return column < half ? 2 * cos(k * j) : -2 * sin(k * j);
  });
}

/** [2 n, 2 n]: the spectrum of a complex line, its real parts above the imaginary ones. Its transpose is its inverse. */
function turns(n: number): Tensor2D {
  const { cos, sin } = circle(n);
  return matrix(2 * n, 2 * n, (row, column) => {
    const nths = (row % n) * (column % n);
    if (row < n === column < n) return cos(nths);
    return row < n ? sin(nths) : -sin(nths);
  });
}
