import { PictureError } from '../../errors';
import type { ColourDescription, PictureFormat, PictureMetadata, PictureText } from '../../picture';

/** What a picture file says about itself before anything is decoded. */
export interface Header {
  /** `heic` is no format that pictures are kept in, but some browsers decode it. */
  format: PictureFormat | 'heic';
  /** Pixels in a row, as stored. */
  width: number;
  /** Rows, as stored. */
  height: number;
  /** Whether only grey levels are stored. */
  grey: boolean;
  /** Whether alpha is stored. */
  alpha: boolean;
  /** Whether the pixels are CMYK. */
  cmyk?: boolean;
  /** Frames, where there may be several. */
  frames?: number;
  /** Whether it is an animation, however many frames it has. */
  animated?: boolean;
  /** Whether a JPEG's pixels come to no end: its end marker is missing, and perhaps more. */
  endMissing?: boolean;
  /** What the file carries beside its pixels, as it stands there. */
  metadata: Omit<PictureMetadata, 'format' | 'grey'>;
  /** What it carries that a picture has no place for, in words. */
  left?: string[];
  /** Data that belong to the picture and are not carried on, such as a gain map, in words. */
  lost?: string[];
}

/** What is put into a file beside its pixels. EXIF comes without `Exif\0\0`; a profile of null takes the encoder's own out. */
export interface Cargo {
  icc?: Uint8Array | null;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  /** The rest of an XMP packet that is too long for a JPEG's segment: contents of segments. */
  xmpExtension?: Uint8Array[];
  photoshop?: Uint8Array;
  texts?: PictureText[];
  colour?: ColourDescription;
  density?: number;
}

/** A file of the right kind whose bytes don't add up. */
export const damaged = (what: string, cause?: unknown): PictureError => new PictureError('damaged', `the picture is damaged: ${what}`, { cause });

/** A size that is none means a damaged header. */
export function checkedSize(width: number, height: number): { width: number; height: number } {
  if (!(width > 0 && height > 0)) throw damaged(`its header says ${width} x ${height} pixels`);
  return { width, height };
}

/** A file's own density, which is rounded; by EXIF where that says the same more exactly, or the file has none of its own. */
export const densityOf = (own: number | undefined, exif: number | undefined): number | undefined =>
  own === undefined || (exif !== undefined && Math.abs(own - exif) < 0.5) ? exif : own;
