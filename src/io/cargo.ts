import type { Picture, PictureFormat, PictureMetadata, PictureText } from '../picture';
import type { OnWarning } from '../warning';
import { equalProfile, nameOfColour, toNclx } from './colour';
import type { Cargo } from './containers/header';
import { LONGEST, LONGEST_EXIF, LONGEST_ICC, LONGEST_XMP } from './containers/jpeg';
import { isKeyword } from './containers/png-texts';
import { printable, toUtf8 } from './containers/texts';
import { exifOfDensity, fittedExif, withoutExifPrefix, withoutThumbnail } from './exif';
import { displayP3Profile, isGreyProfile } from './icc';
import { listed } from './metadata';
import { extensionParts, splitXmp, withoutXmpPadding } from './xmp';

/** A format that pictures are written in. */
export type WrittenFormat = Exclude<PictureFormat, 'gif'>;

type Dropped = string[];

/**
 * The ICC profile to write, and what is said of colour beside it. PNG has a place for every description, AVIF for code points; where
 * there is none, the equal profile is written. Where no profile can say it either, the picture will look other, which is said.
 */
function coloursFor(
  { icc, colorSpace, colour }: PictureMetadata,
  format: WrittenFormat,
  grey: boolean,
  warn: OnWarning,
  dropped: Dropped,
): Pick<Cargo, 'icc' | 'colour'> {
  const profile = icc ?? (colorSpace === 'display-p3' && !colour ? displayP3Profile() : null);
  if (format === 'png' || !colour) return { icc: profile, ...(colour ? { colour } : {}) };
  const { codePoints, masteringDisplay, contentLight } = colour;
  const light = masteringDisplay || contentLight ? { masteringDisplay, contentLight } : undefined;
  if (format === 'avif' && codePoints && toNclx(codePoints)) {
    // An AVIF's profile would overrule the code points, which overrule a PNG's.
    if (icc) dropped.push('the ICC profile, which the code points overrule');
    return { icc: null, colour: { codePoints, ...light } };
  }
  const beside = light && format === 'avif' ? { colour: light } : {};
  if (light && format !== 'avif') dropped.push('what is said of the light of the display (mDCV, cLLI)');
  // Without code points a PNG's profile overrules what else is said.
  if (icc && !codePoints) return { icc, ...beside };
  const equal = equalProfile(colour, grey);
  if (equal !== undefined) return { icc: equal, ...beside };
  if (icc) dropped.push(nameOfColour(colour));
  else {
    const others = codePoints ? 'PNG and AVIF keep' : 'PNG keeps';
    warn({
      code: 'colour-dropped',
      message: `${format} has no place for ${nameOfColour(colour)}, and no ICC profile can say it: the picture will look other. ${others} it`,
    });
  }
  return { icc: profile, ...beside };
}

/** A profile of grey levels is none of a picture that is written in colour, and the other way round. */
const fitsChannels = (icc: Uint8Array, grey: boolean): boolean => isGreyProfile(icc) === grey;

/** An XMP packet in as many parts as a JPEG needs for it. */
function xmpForJpeg(xmp: Uint8Array, dropped: Dropped): Pick<Cargo, 'xmp' | 'xmpExtension'> {
  if (xmp.length <= LONGEST_XMP) return { xmp };
  const packed = withoutXmpPadding(xmp);
  if (packed.length <= LONGEST_XMP) return { xmp: packed };
  const parts = splitXmp(packed, LONGEST_XMP);
  if (parts) return { xmp: parts.packet, xmpExtension: extensionParts(parts.extension, parts.guid) };
  dropped.push(`the XMP (${xmp.length} bytes, and no XML that could be split)`);
  return {};
}

function exifFor(exif: Uint8Array | undefined, density: number | undefined, format: WrittenFormat, dropped: Dropped): Uint8Array | undefined {
  // WebP and AVIF have no other place for a density.
  if (!exif) return density && (format === 'webp' || format === 'avif') ? exifOfDensity(density) : undefined;
  // Pictures in it show what has been removed.
  const block = withoutExifPrefix(withoutThumbnail(exif));
  if (format !== 'jpeg' || block.length <= LONGEST_EXIF) return block;
  const fitted = fittedExif(block, LONGEST_EXIF);
  if (!fitted) dropped.push(`the EXIF (${block.length} bytes, of which a JPEG holds ${LONGEST_EXIF})`);
  else if (fitted.dropped.length > 0) dropped.push(`of the EXIF (${block.length} bytes, of which a JPEG holds ${LONGEST_EXIF}) ${listed(fitted.dropped)}`);
  return fitted?.exif;
}

function textsFor(texts: PictureMetadata['texts'] = [], format: WrittenFormat, dropped: Dropped): Cargo['texts'] {
  const fits = ({ keyword, text }: PictureText): boolean =>
    format === 'png' ? isKeyword(keyword) : format === 'jpeg' && keyword === 'Comment' && toUtf8(text).length <= LONGEST;
  const kept: PictureText[] = [];
  const others = new Set<string>();
  for (const text of texts) {
    if (fits(text)) kept.push(text);
    else others.add(`the text ${JSON.stringify(printable(text.keyword))}`);
  }
  for (const other of others) dropped.push(other);
  return kept.length > 0 ? kept : undefined;
}

/**
 * What is put into a picture's file of a format, in the shape that the format has for it. What it has no place for is said.
 *
 * @param grey whether the file will hold grey levels only
 */
export function cargoFor({ metadata = {} }: Pick<Picture, 'metadata'>, format: WrittenFormat, grey: boolean, warn: OnWarning): Cargo {
  const { exif, xmp, photoshop, texts, density } = metadata;
  const dropped: Dropped = [];
  const colours = coloursFor(metadata, format, grey, warn, dropped);
  if (colours.icc && !fitsChannels(colours.icc, grey)) {
    dropped.push(`the ICC profile, which is one of ${grey ? 'colours' : 'grey levels'}`);
    colours.icc = null;
  }
  if (format === 'jpeg' && colours.icc && colours.icc.length > LONGEST_ICC) {
    dropped.push(`the ICC profile (${colours.icc.length} bytes)`);
    colours.icc = null;
  }
  const cargo: Cargo = {
    ...colours,
    exif: exifFor(exif, density, format, dropped),
    ...(xmp && format === 'jpeg' ? xmpForJpeg(xmp, dropped) : { xmp }),
    texts: textsFor(texts, format, dropped),
    density,
  };
  if (photoshop && (format === 'webp' || format === 'avif')) dropped.push("Photoshop's resources (IPTC)");
  else cargo.photoshop = photoshop;
  if (dropped.length > 0) warn({ code: 'metadata-dropped', message: `${format} has no place for ${listed(dropped)}` });
  return cargo;
}
