import type { Picture, PictureMetadata } from '../picture';
import { exifWithoutLocation } from './exif';
import { withoutPlaces } from './photoshop';
import { xmpWithoutLocation } from './xmp';

/**
 * What a picture carries, but for where it was taken: coordinates and names of places in EXIF, XMP and IPTC. A block that can't be read, and may
 * say so, is left out. The same object where it says nothing of the kind.
 */
export function withoutLocation(metadata: PictureMetadata): PictureMetadata {
  const { exif, xmp, photoshop } = metadata;
  const without = {
    exif: exif && exifWithoutLocation(exif),
    xmp: xmp && xmpWithoutLocation(xmp),
    photoshop: photoshop && withoutPlaces(photoshop),
  };
  const isSame = without.exif === exif && without.xmp === xmp && without.photoshop === photoshop;
  return isSame ? metadata : { ...metadata, ...without };
}

/** Whether a picture carries where it was taken, or may. */
export const hasLocation = (metadata: PictureMetadata | undefined): boolean => metadata !== undefined && withoutLocation(metadata) !== metadata;

/** A picture that does not say where it was taken, over the same pixels. */
export const placeless = <T extends Pick<Picture, 'metadata'>>(picture: T): T =>
  picture.metadata ? { ...picture, metadata: withoutLocation(picture.metadata) } : picture;
