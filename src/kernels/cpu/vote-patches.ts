import { votePatches } from '../../arrays/patch-votes';
import { VOTE_PATCHES, type VotePatchesAttributes } from '../vote-patches';
import { registerArrayKernel } from './register';

registerArrayKernel(VOTE_PATCHES, ['cpu', 'wasm', 'tensorflow'], ({ features, offsets, weights, hole }, attributes) => {
  const { patchSize } = attributes as VotePatchesAttributes;
  const [height, width, channels] = features.shape;
  const values = votePatches({
    height,
    width,
    channels,
    features: features.values,
    offsets: offsets.values,
    weights: weights.values,
    hole: hole.values,
    patchSize,
  });
  return [{ values, shape: features.shape }];
});
