/** The kernel behind the op `votePatches`: inputs features, offsets, weights, hole; one output. */
export const VOTE_PATCHES = 'CraVotePatches';

/** Its attributes. */
export type VotePatchesAttributes = { patchSize: number };
