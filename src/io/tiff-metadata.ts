import type { Metadata } from 'sharp';
import type { Header } from './containers/header';
import { exifOfTiff, tiffTags } from './exif';
import { resourcesOf } from './photoshop';
import type { ByteSource } from './skeleton';

const XMP = 700;
const IPTC = 33723;
const PHOTOSHOP = 34377;

/** What a TIFF's first directory carries beside its pixels. */
export async function tiffCarried({ read }: ByteSource, metadata: Metadata): Promise<Pick<Header, 'metadata' | 'left'>> {
  const left: string[] = [];
  const exif = await exifOfTiff(read, (name) => left.push(name));
  const tags = await tiffTags(read, [XMP, IPTC, PHOTOSHOP]);
  const iptc = tags.get(IPTC);
  if ((metadata.pages ?? 1) > 1) left.push(`${(metadata.pages ?? 1) - 1} further pages`);
  return {
    metadata: {
      icc: metadata.icc && new Uint8Array(metadata.icc),
      xmp: tags.get(XMP),
      exif,
      photoshop: tags.get(PHOTOSHOP) ?? (iptc && resourcesOf(iptc)),
      density: metadata.density,
    },
    left,
  };
}
