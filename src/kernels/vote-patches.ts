import { votePatches } from '../arrays/patch-votes';
import { registerArrayKernel } from './cpu/register';

/** The kernel behind the op `votePatches`: inputs features, offsets, weights, hole; attribute patchSize; one output. */
export const VOTE_PATCHES = 'CraVotePatches';

registerArrayKernel(VOTE_PATCHES, ['cpu', 'wasm', 'tensorflow'], ({ features, offsets, weights, hole }, attributes) => {
  const [height, width, channels] = features.shape;
  const values = votePatches({
    height,
    width,
    channels,
    features: features.values,
    offsets: offsets.values,
    weights: weights.values,
    hole: hole.values,
    patchSize: attributes.patchSize as number,
  });
  return [{ values, shape: features.shape }];
});
