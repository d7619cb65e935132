export { exifDensity, exifOrientation, resetOrientation, resetOrientationInPlace, tiffEntries, withExifPrefix, withoutExifPrefix } from './block';
export type { ReadAt } from './directories';
export { fittedExif } from './fitted';
export { exifOfDensity } from './of-density';
export { IPTC, PHOTOSHOP } from './tags';
export { withoutThumbnail } from './thumbnail';
export { exifOfTiff, type OnDropped, tiffTags, tiffWith, tiffWithExif } from './tiff';
