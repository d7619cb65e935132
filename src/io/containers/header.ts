import { PictureError } from '../../errors';
import type { PictureFormat, PictureMetadata } from '../../picture';

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
  /** EXIF, XMP, ICC profile and density as they stand in the file. */
  metadata: Omit<PictureMetadata, 'format' | 'grey'>;
}

/** What is put into a file beside its pixels. EXIF comes without `Exif\0\0`; a profile of null takes the encoder's own out. */
export interface Cargo {
  icc?: Uint8Array | null;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  density?: number;
}

/** A file of the right kind whose bytes don't add up. */
export const damaged = (what: string, cause?: unknown): PictureError => new PictureError('damaged', `the picture is damaged: ${what}`, { cause });

/** A size that is none means a damaged header. */
export function checkedSize(width: number, height: number): { width: number; height: number } {
  if (!(width > 0 && height > 0)) throw damaged(`its header says ${width} x ${height} pixels`);
  return { width, height };
}
