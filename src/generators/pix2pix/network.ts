import { mul, sub, type Tensor4D, tanh } from '@tensorflow/tfjs-core';
import { type Normalization, UNetDown, UNetUp } from '../../layers/unet-block';
import type { FillNetwork, NetworkStage, NetworkState } from '../network/network';
import { authorsOrigin, levelsOrigin } from './origins';

/** What a {@link pix2pixNetwork} is made of. */
export interface Pix2pixNetworkOptions {
  /** Channels of the first level, 8 times as many of the deepest. Default 64. */
  baseWidth?: number;
  /** Default `'batch'`. */
  normalization?: Normalization;
  /** What batch normalisation goes by. Default `'stored'`. */
  statistics?: 'stored' | 'batch';
}

const LEVELS = 8;
const WIDTHS = [1, 2, 4, 8, 8, 8, 8, 8];
// The authors' dropout: three levels above the deepest.
const DROPPING = [5, 6, 7];

/** U-Net-256 of pix2pix: eight levels down to one pixel of 256, and up again, joined at each level. */
export function pix2pixNetwork({ baseWidth = 64, normalization = 'batch', statistics = 'stored' }: Pix2pixNetworkOptions = {}): FillNetwork {
  const width = (level: number) => WIDTHS[level - 1] * baseWidth;
  const levels = Array.from({ length: LEVELS }, (_, n) => n + 1);
  const downs = levels.map(
    (n) =>
      new UNetDown(`down${n}`, {
        input: n === 1 ? 3 : width(n - 1),
        output: width(n),
        first: n === 1,
        normalization: n === 1 || n === LEVELS ? 'none' : normalization,
        bias: normalization !== 'batch',
        statistics,
      }),
  );
  const ups = levels.map(
    (n) =>
      new UNetUp(`up${n}`, {
        input: n === LEVELS ? width(n) : 2 * width(n),
        output: n === 1 ? 3 : width(n - 1),
        normalization: n === 1 ? 'none' : normalization,
        bias: n === 1 || normalization !== 'batch',
        statistics,
        dropout: DROPPING.includes(n) ? 0.5 : 0,
      }),
  );

  const hide: NetworkStage = ({ image, hole }) => ({ down0: mul(image, sub(1, hole)) });
  const down =
    (n: number): NetworkStage =>
    (state, weights, mode) => {
      const next: NetworkState = { ...state, [`down${n}`]: downs[n - 1].apply(state[`down${n - 1}`] as Tensor4D, weights, mode) };
      return n === 1 ? without(next, 'down0') : next;
    };
  const up =
    (n: number): NetworkStage =>
    (state, weights, mode): NetworkState => {
      const deepest = n === LEVELS;
      const below = state[deepest ? `down${n}` : 'up'] as Tensor4D;
      const y = ups[n - 1].apply(below, deepest ? undefined : (state[`down${n}`] as Tensor4D), weights, mode);
      if (n === 1) return { image: tanh(y) };
      return { ...without(state, `down${n}`), up: y };
    };

  return {
    name: 'pix2pix',
    multiple: 2 ** LEVELS,
    workingSize: 256,
    layers: [...downs, ...ups],
    publishedParameters: baseWidth === 64 && normalization === 'batch' ? 54_413_955 : undefined,
    origins: [levelsOrigin, authorsOrigin],
    stages: [hide, ...levels.map(down), ...levels.map((n) => up(LEVELS + 1 - n))],
  };
}

function without(state: NetworkState, name: string): NetworkState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => key !== name));
}
