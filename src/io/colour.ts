export { fromClli, fromMdcv, fromNclx, toClli, toMdcv, toNclx } from './colour/boxes';
export { fromPngChunks, toPngChunks } from './colour/chunks';
export type { Chromaticities, CodePoints, ColourDescription } from './colour/description';
export { equalProfile } from './colour/equal-profile';
export { nameOfColour } from './colour/name';
