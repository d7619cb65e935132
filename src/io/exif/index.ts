export {
  exifDensity,
  exifOrientation,
  resetOrientation,
  resetOrientationInPlace,
  tiffEntries,
  withExifPrefix,
  withoutExifPrefix,
} from './block';
export { exifOfDensity } from './of-density';
/** STUBS: types alone, until the real ones come. */
/** Bytes of a file at an offset; fewer where the file ends. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;
/** Is told the name of each thing that could not be kept: 'thumbnail', 'maker note', 'UserComment', 'tag 0x9999'. */
export type OnDropped = (name: string) => void;
export const withoutThumbnail = (exif: Uint8Array): Uint8Array => exif;
export const fittedExif = (_exif: Uint8Array, _most: number): { exif: Uint8Array; dropped: string[] } | undefined => undefined;
export const exifOfTiff = async (_read: ReadAt, _onDropped?: OnDropped): Promise<Uint8Array | undefined> => undefined;
/** Values of tags of the first directory as bytes, whatever their type: 700 XMP, 33723 IPTC, 34377 Photoshop resources, 34675 ICC profile. */
export const tiffTags = async (_read: ReadAt, _tags: readonly number[]): Promise<Map<number, Uint8Array>> => new Map();
/** The file in parts, with the block and these tags in its first directory. */
export const tiffWith = (
  file: Uint8Array,
  _of: { exif?: Uint8Array; tags?: readonly (readonly [number, Uint8Array])[] },
  _onDropped?: OnDropped,
): Uint8Array[] => [file];
export const tiffWithExif = (file: Uint8Array, exif: Uint8Array, onDropped?: OnDropped): Uint8Array[] => tiffWith(file, { exif }, onDropped);
