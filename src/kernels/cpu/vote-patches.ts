import { votePatches } from '../../arrays/patch-votes';
import { registerArrayKernel } from '../register';
import { VOTE_PATCHES, type VotePatchesAttributes } from '../vote-patches';

registerArrayKernel<VotePatchesAttributes>(VOTE_PATCHES, ['cpu', 'wasm', 'tensorflow'], ({ features, offsets, weights, hole }, { patchSize }) => {
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
