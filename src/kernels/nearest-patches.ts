/** The kernel behind the op `nearestPatches`: inputs features, sources, queries, offsets; two outputs, offsets and distances. */
export const NEAREST_PATCHES = 'CraNearestPatches';

/** Its attributes. */
export type NearestPatchesAttributes = {
  patchSize: number;
  iterations: number;
  searchRadius: number;
  rowPenalty: number;
  columnPenalty: number;
  seed: number;
};

/** Where all queries search at once: how far apart the neighbours are whose offsets are taken over, pass by pass of an iteration. */
export const SEARCH_STEPS = [8, 4, 2, 1];
