import { votePatches } from './cpu/patch-votes';
import { registerArrayKernel } from './cpu/register';

/** The kernel behind the op `votePatches`: inputs features, offsets, weights, hole; attribute patchSize; one output. */
export const VOTE_PATCHES = 'CraVotePatches';

registerArrayKernel(VOTE_PATCHES, (inputs, attributes, shapes) => {
  const [height, width, channels] = shapes.features;
  const values = votePatches({
    height,
    width,
    channels,
    features: inputs.features as Float32Array,
    offsets: inputs.offsets,
    weights: inputs.weights,
    hole: inputs.hole,
    patchSize: attributes.patchSize as number,
  });
  return [{ values, shape: [height, width, channels] }];
});
