import type { Metadata } from 'sharp';
import { joined } from './containers/bytes';
import type { Header } from './containers/header';
import { exifOfTiff, tiffTags } from './exif';
import { iptcOf, resourcesOf } from './photoshop';
import type { ByteSource } from './skeleton';

const XMP = 700;
const IPTC = 33723;
const PHOTOSHOP = 34377;

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
