import type { PictureMetadata } from '../picture';
import type { Cargo, Header } from './containers/header';
import { resetOrientation, withoutExifPrefix } from './exif';
import { displayP3Profile, isDisplayP3 } from './icc';
import { resetXmpOrientation } from './xmp';

/** What a picture keeps of its file's header, once the orientation has been applied. */
export function keptMetadata({ format, grey, metadata }: Header): PictureMetadata {
  const { icc, exif, xmp, density, paletteBitDepth } = metadata;
  return {
    ...(format === 'heic' ? {} : { format }),
    grey,
    ...(icc ? { icc } : {}),
    ...(icc && isDisplayP3(icc) ? { colorSpace: 'display-p3' } : {}),
    ...(exif ? { exif: resetOrientation(exif) } : {}),
    ...(xmp ? { xmp: resetXmpOrientation(xmp) } : {}),
    ...(density ? { density } : {}),
    ...(paletteBitDepth ? { paletteBitDepth } : {}),
  };
}

/** What is put into a picture's file. A colour space without a profile gets one, and a picture without either keeps none. */
export function cargoOf({ icc, colorSpace, exif, xmp, density }: PictureMetadata = {}): Cargo {
  return { icc: icc ?? (colorSpace === 'display-p3' ? displayP3Profile() : null), exif: exif && withoutExifPrefix(exif), xmp, density };
}
