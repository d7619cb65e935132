import { searchPatches } from '../../arrays/patch-search';
import { NEAREST_PATCHES, type NearestPatchesAttributes } from '../nearest-patches';
import { registerArrayKernel } from '../register';

registerArrayKernel<NearestPatchesAttributes>(NEAREST_PATCHES, ['cpu', 'wasm', 'tensorflow'], ({ features, sources, queries, offsets }, attributes) => {
  const [height, width, channels] = features.shape;
  const found = searchPatches({
    height,
    width,
    channels,
    features: features.values,
    sources: sources.values,
    queries: queries.values,
    offsets: offsets.values,
    ...attributes,
  });
  return [
    { values: found.offsets, shape: [height, width, 2] },
    { values: found.distances, shape: [height, width] },
  ];
});
