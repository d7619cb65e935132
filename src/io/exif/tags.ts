import { charactersAt } from '../containers/bytes';
import type { Field } from './directories';

export const ORIENTATION = 0x0112;
/** A TIFF's tag of IPTC. */
export const IPTC = 33723;
/** A TIFF's tag of Photoshop's resources. */
export const PHOTOSHOP = 34377;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Tags of a first directory that describe the picture, and mean the same in a file of another format. */
// biome-ignore format: a line for each kind
const DESCRIPTIVE = new Set([
  0x000b, // software that processed it
  0x010d, // name of the document
  ...range(0x010e, 0x0110), // description, make, model
  0x011d, // name of the page
  0x0131, // software
  0x0132, // date
  0x013b, // artist
  0x013c, // host computer
  0x4746, // rating
  0x4749, // rating in percent
  0x8298, // copyright
  0x830e, 0x8480, 0x8482, 0x85d8, 0x87af, 0x87b0, 0x87b1, // place on the earth: GeoTIFF
  0x9003, // date taken: TIFF/EP
  0x9286, // comment
  ...range(0x9c9b, 0x9c9f), // title, comment, author, keywords, subject: Windows
  0xa480, 0xa481, // GDAL's
  0xc4a5, // print image matching
]);

/** Tags that say how pixels are stored: TIFF 6.0's, its supplements', and those that only raw data have (DNG). */
// biome-ignore format: a line for each kind
const STORAGE = new Set([
  ...range(0x00fe, 0x0101), 0x0102, 0x0103, 0x0106, 0x0107, 0x0108, 0x0109, 0x010a, 0x0111, 0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x011c,
  ...range(0x0120, 0x0125), 0x0129, 0x012d, 0x013d, 0x013e, 0x013f, ...range(0x0140, 0x0159), 0x015b, ...range(0x0200, 0x0214),
  0x828d, 0x828e, 0x80e3, 0x80e4, 0x80e5, 0x80e6,
  ...range(0xc612, 0xc800),
]);

/** The resolution, which is carried beside the block as a number. */
const RESOLUTION = new Set([0x011a, 0x011b, 0x0128]);

/** XMP, IPTC, Photoshop's resources, ICC profile: carried beside the block. */
const CARRIED = new Set([0x02bc, 0x83bb, 0x8649, 0x8773]);

export const isDescriptive = (tag: number): boolean => DESCRIPTIVE.has(tag);
export const isStorage = (tag: number): boolean => STORAGE.has(tag);
export const isResolution = (tag: number): boolean => RESOLUTION.has(tag);
export const isCarried = (tag: number): boolean => CARRIED.has(tag);

const NAMES: Record<number, string> = {
  270: 'ImageDescription',
  315: 'Artist',
  330: 'preview',
  700: 'XMP',
  33432: 'Copyright',
  [IPTC]: 'IPTC',
  [PHOTOSHOP]: 'Photoshop resources',
  34675: 'ICC profile',
  37500: 'maker note',
  37510: 'UserComment',
  37724: 'layers',
  40091: 'XPTitle',
  40092: 'XPComment',
  40093: 'XPAuthor',
  40094: 'XPKeywords',
  40095: 'XPSubject',
  41730: 'CFAPattern',
  50341: 'PrintImageMatching',
  59932: 'Padding',
};

/** What a tag is called in a warning. */
export const nameOf = (tag: number): string => NAMES[tag] ?? `tag 0x${tag.toString(16).padStart(4, '0')}`;

/** Notes whose offsets count from their own start, by how they begin: Nikon, Apple, Fujifilm, Olympus, OM System, Pentax, Google. */
const MOVABLE = ['Nikon\0\x02', 'Apple iOS\0', 'FUJIFILM', 'OLYMPUS\0II', 'OLYMPUS\0MM', 'OM SYSTEM\0', 'PENTAX \0', 'HDRP'];

/**
 * Whether a maker's note means the same at another offset. Most notes hold offsets that count from the block's start, so that one
 * that is not known stays where it is or goes.
 */
export const isMovable = ({ value }: Field): boolean => MOVABLE.some((start) => charactersAt(value, 0, start.length) === start);
