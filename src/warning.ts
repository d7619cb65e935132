/** What a warning is about, in one word that code can compare. */
export type WarningCode =
  /** The mask marks nothing: the photo comes back unchanged. */
  | 'mask-without-hole'
  /** The mask marks more than half of the photo, which is rarely meant: is its polarity the other? */
  | 'mask-mostly-hole'
  /** A JPEG lacks its end marker, though all its rows are there. */
  | 'end-missing'
  /** Something that a file carries beside its pixels is left out: the format that is written has no place for it, or it can't be read. */
  | 'metadata-dropped'
  /** What a file says about its colours can't be said in the format that is written, so that the picture will look other; or CMYK has been converted. */
  | 'colour-dropped'
  /** Metadata spoke of data beside or behind the picture that are not carried on, such as a gain map or a video: what it said of them is taken out. */
  | 'claims-removed'
  /** No thread could be started, so that all is done on one: the same result, later. */
  | 'no-threads';

/** Something that is no error but that the caller may want to know. */
export interface Warning {
  /** What it is about. */
  code: WarningCode;
  /** The same in words. */
  message: string;
}

/** Takes a warning. */
export type OnWarning = (warning: Warning) => void;

/** Where warnings go that nobody asked for. */
export const toConsole: OnWarning = ({ message }) => console.warn(`cra-inpaint: ${message}`);
