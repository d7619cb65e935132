// Why no library: exifr reads EXIF and writes none. piexifjs drops the tags that it doesn't know and turns every block to big-endian; here
// a block keeps its bytes and offsets wherever it can, so that makers' notes stay right.

export { exifDensity, exifOrientation, resetOrientation, resetOrientationInPlace, tiffEntries, withExifPrefix, withoutExifPrefix } from './block';
export type { ReadAt } from './directories';
export { fittedExif } from './fitted';
export { exifWithoutLocation } from './location';
export { exifOfDensity } from './of-density';
export { IPTC, PHOTOSHOP } from './tags';
export { withoutThumbnail } from './thumbnail';
export { exifOfTiff, type OnDropped, type TiffFields, tiffEndWith, tiffTags, tiffWith, tiffWithExif } from './tiff';
