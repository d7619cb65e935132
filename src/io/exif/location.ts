import { withExifPrefix } from './block';
import { directoriesOf, GPS_DIRECTORY } from './directories';
import { readBlock } from './fitted';

// GeoTIFF's.
const PLACES = new Set([GPS_DIRECTORY, 0x830e, 0x8480, 0x8482, 0x85d8, 0x87af, 0x87b0, 0x87b1]);

/**
 * Takes out of a block where on the earth the picture was taken: the entries that say so, and what they point to, which becomes zeros. All else
 * stays where it is, so that offsets of a maker's own stay right.
 *
 * @returns a copy; the block itself where it says nothing of the kind; undefined where it can't be read, and so may
 */
export function exifWithoutLocation(exif: Uint8Array): Uint8Array | undefined {
  const copy = new Uint8Array(withExifPrefix(exif));
  const tiff = copy.subarray(6);
  const block = readBlock(tiff);
  if (!block) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const { little, first, thumbnail } = block;
  let found = false;
  for (const directory of thumbnail ? [...directoriesOf(first), thumbnail] : directoriesOf(first)) {
    for (const { tag, value, place, directory: below } of directory.fields) {
      if (!PLACES.has(tag)) continue;
      if (!below) tiff.fill(0, place, place + value.length);
      else for (const field of below.fields) tiff.fill(0, field.place, field.place + field.value.length);
      if (below) tiff.fill(0, below.at, below.end);
    }
    const end = directory.end;
    for (let n = view.getUint16(directory.at, little) - 1; n >= 0; n--) {
      const entry = directory.at + 2 + 12 * n;
      if (entry + 12 > end || !PLACES.has(view.getUint16(entry, little))) continue;
      // What can't be read can't be taken out.
      const isRead = view.getUint16(entry, little) !== GPS_DIRECTORY || directory.fields.some(({ tag }) => tag === GPS_DIRECTORY);
      if (!isRead) return undefined;
      tiff.copyWithin(entry, entry + 12, end);
      tiff.fill(0, end - 12, end);
      view.setUint16(directory.at, view.getUint16(directory.at, little) - 1, little);
      found = true;
    }
  }
  return found ? copy : exif;
}
