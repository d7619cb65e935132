import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { searchPatches } from '../arrays/patch-search';
import { registerArrayKernel } from './cpu/register';

/** The kernel behind the op `nearestPatches`: inputs features, sources, queries, offsets; two outputs, offsets and distances. */
export const NEAREST_PATCHES = 'CraNearestPatches';

/** Its attributes. */
export interface NearestPatchesAttributes extends NamedAttrMap {
  patchSize: number;
  iterations: number;
  searchRadius: number;
  rowPenalty: number;
  columnPenalty: number;
  seed: number;
}

/** Where all queries search at once: how far apart the neighbours are whose offsets are taken over, pass by pass of an iteration. */
export const SEARCH_STEPS = [8, 4, 2, 1];

registerArrayKernel(NEAREST_PATCHES, ['cpu', 'wasm', 'tensorflow'], ({ features, sources, queries, offsets }, attributes) => {
  const [height, width, channels] = features.shape;
  const found = searchPatches({
    height,
    width,
    channels,
    features: features.values,
    sources: sources.values,
    queries: queries.values,
    offsets: offsets.values,
    ...(attributes as NearestPatchesAttributes),
  });
  return [
    { values: found.offsets, shape: [height, width, 2] },
    { values: found.distances, shape: [height, width] },
  ];
});
