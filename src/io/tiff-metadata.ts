import type { Metadata } from 'sharp';
import { PictureError } from '../errors';
import { joined, viewOf } from './containers/bytes';
import type { Header } from './containers/header';
import { exifOfTiff, IPTC, PHOTOSHOP, tiffTags } from './exif';
import { iptcOf, resourcesOf } from './photoshop';
import type { ByteSource } from './skeleton';

const PHOTOMETRIC = 0x0106;
const XMP = 700;

/** What pixels that are not read mean, by their photometric interpretation. */
const NOT_READ: Record<number, string> = {
  4: 'a mask of transparency',
  8: 'CIE Lab',
  9: 'ICC Lab',
  10: 'ITU Lab',
  32803: 'raw pixels of a sensor',
  34892: 'raw pixels of a sensor',
};

/**
 * Refuses a TIFF of pixels that decoders take for damage.
 * @throws PictureError (`format`)
 */
export async function checkTiffPixels({ read }: ByteSource, name: string): Promise<void> {
  const value = (await tiffTags(read, [PHOTOMETRIC])).get(PHOTOMETRIC);
  if (!value || value.length < 2) return;
  const little = (await read(0, 1))[0] === 0x49;
  const kind = NOT_READ[viewOf(value).getUint16(0, little)];
  if (kind) throw new PictureError('format', `${name} is a TIFF of ${kind}: expected grey, RGB or CMYK`, { expected: 'grey, RGB or CMYK', actual: kind });
}

/** What a TIFF's first directory carries beside its pixels. */
export async function tiffCarried({ read }: ByteSource, metadata: Metadata): Promise<Pick<Header, 'metadata' | 'left'>> {
  const left: string[] = [];
  const exif = await exifOfTiff(read, (name) => left.push(name));
  const tags = await tiffTags(read, [XMP, IPTC, PHOTOSHOP]);
  const [iptc, resources] = [tags.get(IPTC), tags.get(PHOTOSHOP)];
  const apart = iptc && !(resources && iptcOf(resources)) ? [resourcesOf(iptc)] : [];
  if ((metadata.pages ?? 1) > 1) left.push(`${(metadata.pages ?? 1) - 1} further pages`);
  return {
    metadata: {
      icc: metadata.icc && new Uint8Array(metadata.icc),
      xmp: tags.get(XMP),
      exif,
      photoshop: resources || apart.length > 0 ? joined([...(resources ? [resources] : []), ...apart]) : undefined,
      density: metadata.density,
    },
    left,
  };
}
