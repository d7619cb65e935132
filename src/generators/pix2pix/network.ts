import { mul, sub, type Tensor4D, tanh } from '@tensorflow/tfjs-core';
import type { Mode, Weights } from '../../layers/layer';
import { type Normalization, UNetDown, UNetUp } from '../../layers/unet-block';
import { type FeatureMaps, type FillNetwork, type NetworkInput, type NetworkStage, networkStages } from '../network';
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

/** What its stages hand on: the features made last, and those of the levels above, to be joined on the way up. */
type Features = FeatureMaps<'features'> & { readonly skips: readonly Tensor4D[] };

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

  const hide: NetworkStage<NetworkInput, Features> = ({ image, hole }) => ({ features: mul(image, sub(1, hole)), skips: [] });
  const down =
    (n: number): NetworkStage<Features, Features> =>
    ({ features, skips }, weights, mode) => ({
      features: downs[n - 1].apply(features, weights, mode),
      // The picture itself is joined to nothing.
      skips: n === 1 ? [] : [...skips, features],
    });
  const rise = (n: number, { features, skips }: Features, weights: Weights, mode?: Mode) =>
    ups[n - 1].apply(features, n === LEVELS ? undefined : skips[n - 1], weights, mode);
  const up =
    (n: number): NetworkStage<Features, Features> =>
    (state, weights, mode) => ({ features: rise(n, state, weights, mode), skips: state.skips.slice(0, n - 1) });
  const finish: NetworkStage<Features, FeatureMaps<'image'>> = (state, weights, mode) => ({ image: tanh(rise(1, state, weights, mode)) });

  const halved = levels.reduce((stages, n) => stages.next(down(n)), networkStages(hide));
  const doubled = levels.slice(1).reduceRight((stages, n) => stages.next(up(n)), halved);

  return {
    name: 'pix2pix',
    multiple: 2 ** LEVELS,
    workingSize: 256,
    layers: [...downs, ...ups],
    publishedParameters: baseWidth === 64 && normalization === 'batch' ? 54_413_955 : undefined,
    origins: [levelsOrigin, authorsOrigin],
    stages: doubled.next(finish),
  };
}
