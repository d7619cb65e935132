import type { PictureMetadata } from '../picture';
import type { OnWarning } from '../warning';
import { equalProfile } from './colour';
import type { Header } from './containers/header';
import { BEHIND } from './containers/jpeg';
import { resetOrientation, withExifPrefix } from './exif';
import { canvasSpaceOf } from './icc';
import { withoutThumbnails } from './photoshop';
import { resetXmpOrientation, withoutClaims } from './xmp';

const MOST_NAMED = 20;

/** Things in words: `a`, `a and b`, `a, b and c`; of very many the first, and how many more. */
export function listed(things: readonly string[]): string {
  const named = things.length > MOST_NAMED ? [...things.slice(0, MOST_NAMED), `${things.length - MOST_NAMED} more`] : things;
  return named.length < 2 ? named.join() : `${named.slice(0, -1).join(', ')} and ${named[named.length - 1]}`;
}

/** What is done on the way. */
export interface Keeping {
  /** The file's name, for warnings. */
  name: string;
  /** Whether the pixels have been turned as the orientation says: then it is reset. */
  turned: boolean;
  warn: OnWarning;
}

/** The colour space of canvases that the file's colours are in, where it says something else than sRGB by saying nothing. */
function spaceOf({ icc, colour }: PictureMetadata, grey: boolean): PictureMetadata['colorSpace'] {
  // A PNG's code points overrule its profile.
  if (icc && !colour?.codePoints) return canvasSpaceOf(icc);
  if (!colour) return undefined;
  const equal = equalProfile(colour, grey);
  return equal ? canvasSpaceOf(equal) : equal === null ? 'srgb' : undefined;
}

/**
 * What a picture keeps of its file's header. What it can't keep, and what the metadata claim about data that are not carried on, such as
 * a gain map or the video of a motion photo, is taken out and said.
 */
export function keptMetadata({ format, grey, metadata, left = [], lost = [] }: Header, { name, turned, warn }: Keeping): PictureMetadata {
  const { icc, exif, xmp, photoshop, colour, texts, density, paletteBitDepth } = metadata;
  const claimed = xmp && withoutClaims(xmp);
  const space = spaceOf(metadata, grey);
  const packet = claimed?.packet;
  const resources = photoshop && withoutThumbnails(photoshop);
  const gone = [...new Set([...lost, ...(claimed?.claims ?? [])])];
  // What stands behind the picture has been named where the metadata speak of it.
  const dropped = [...left.filter((what) => gone.length === 0 || what !== BEHIND), ...(resources?.dropped ?? [])];
  if (gone.length > 0) warn({ code: 'claims-removed', message: `${name}: not carried on, and no longer spoken of in its metadata: ${listed(gone)}` });
  if (dropped.length > 0) warn({ code: 'metadata-dropped', message: `${name}: not carried on: ${listed(dropped)}` });
  return {
    ...(format === 'heic' ? {} : { format }),
    grey,
    ...(icc ? { icc } : {}),
    ...(space ? { colorSpace: space } : {}),
    ...(colour ? { colour } : {}),
    ...(exif ? { exif: turned ? resetOrientation(exif) : new Uint8Array(withExifPrefix(exif)) } : {}),
    ...(packet ? { xmp: turned ? resetXmpOrientation(packet) : packet } : {}),
    ...(resources && resources.resources.length > 0 ? { photoshop: resources.resources } : {}),
    ...(texts ? { texts } : {}),
    ...(density ? { density } : {}),
    ...(paletteBitDepth ? { paletteBitDepth } : {}),
  };
}
