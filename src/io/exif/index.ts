export {
  exifDensity,
  exifOrientation,
  resetOrientation,
  resetOrientationInPlace,
  tiffEntries,
  withExifPrefix,
  withoutExifPrefix,
} from './block';
