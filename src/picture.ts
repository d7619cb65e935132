import { kindOf } from './check';
import { ArgumentError, ShapeError } from './errors';

/** File formats that pictures are read from and written to. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif';

/** Coding-independent code points (ITU-T H.273), as a PNG's cICP chunk and an AVIF's nclx box hold them. */
export interface CodePoints {
  /** 1 BT.709 and sRGB, 9 BT.2020, 12 Display P3, ... */
  primaries: number;
  /** 13 sRGB, 16 PQ, 18 HLG, ... */
  transfer: number;
  /** How R, G and B were stored; 0 as they are. Of no meaning for decoded pixels. */
  matrix: number;
  /** Whether the stored numbers used all of their range. */
  fullRange: boolean;
  /**
   * Where an AVIF's box said so. Viewers take the curves of video (BT.709, 601 and 2020) for sRGB's there, and each unspecified code
   * point for sRGB's own, whereas a PNG's are meant literally, and passed over where one is unspecified.
   */
  source?: 'nclx';
}

/** CIE x and y of a display's white and primaries. */
export interface Chromaticities {
  /** All three at full. */
  white: [x: number, y: number];
  /** Red alone. */
  red: [x: number, y: number];
  /** Green alone. */
  green: [x: number, y: number];
  /** Blue alone. */
  blue: [x: number, y: number];
}

/** Colour as a file describes it outside an ICC profile. */
export interface ColourDescription {
  /** Primaries and transfer by number; where present they hold, whatever else is said. */
  codePoints?: CodePoints;
  /** The exponent by which light became numbers, such as 0.45455: PNG's gAMA. */
  gamma?: number;
  /** CIE x and y of white, red, green and blue: PNG's cHRM. */
  chromaticities?: Chromaticities;
  /** The rendering intent of sRGB, 0 to 3: PNG's sRGB. */
  intent?: 0 | 1 | 2 | 3;
  /** The display that the picture was mastered on: the 24 bytes of PNG's mDCV. */
  masteringDisplay?: Uint8Array;
  /** How light the picture gets: the 8 bytes of PNG's cLLI. */
  contentLight?: Uint8Array;
}

/** A note in words that a file carries, such as a PNG's text chunks and a JPEG's comment. */
export interface PictureText {
  /** What it is, 1 to 79 characters: `Title`, `Author`, `Comment`, ... */
  keyword: string;
  /** The note itself, in any characters. */
  text: string;
  /** The language's tag, where the file says it. */
  language?: string;
  /** The keyword in that language. */
  translatedKeyword?: string;
}

/** What a picture file carries beside its pixels. It comes out as it went in. */
export interface PictureMetadata {
  /** The format the picture was decoded from. */
  format?: PictureFormat;
  /** The ICC colour profile, as stored in the file. The pixels are in this colour space. */
  icc?: Uint8Array;
  /**
   * The colour space of a canvas or ImageData that the pixels came from, or the one that the ICC profile or `colour` was recognised as.
   * Absent, with neither of them, it is `'srgb'`. Where there is a profile or a description of colour too, that is what is written.
   */
  colorSpace?: 'srgb' | 'display-p3';
  /** Colour as the file describes it beside or instead of an ICC profile. */
  colour?: ColourDescription;
  /** The EXIF block (`Exif\0\0`, then a TIFF header), as stored in the file, with the orientation reset to 1 once it has been applied. */
  exif?: Uint8Array;
  /** The XMP packet, a JPEG's extension joined to it, with the orientation reset to 1 once it has been applied. */
  xmp?: Uint8Array;
  /** Photoshop's image resources (`8BIM` blocks), IPTC among them, without thumbnails. */
  photoshop?: Uint8Array;
  /** Notes in words. */
  texts?: PictureText[];
  /** Resolution in pixels per inch. */
  density?: number;
  /** Whether the file stored grey levels only. */
  grey?: boolean;
  /** The palette's size in bits where the file was a palette picture, else absent. */
  paletteBitDepth?: number;
}

/**
 * A picture in memory: interleaved pixels, row by row, as a file or a canvas holds them.
 *
 * `data` has `width * height * channels` values: `Uint8Array` or `Uint8ClampedArray` (0..255) for 8 bit,
 * `Uint16Array` (0..65535) for 16 bit. Channels are grey, grey + alpha, RGB or RGBA; alpha is not premultiplied.
 */
export interface Picture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Values in a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4;
  /** `width * height * channels` values, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** What the picture's file carried beside the pixels. */
  readonly metadata?: PictureMetadata;
}

/** The number of colour channels of a picture, alpha not counted: 1 or 3. */
export const colourChannels = (picture: Picture): 1 | 3 => (picture.channels < 3 ? 1 : 3);

/** Whether the picture's last channel is alpha. */
export const hasAlpha = (picture: Picture): boolean => picture.channels % 2 === 0;

/** The largest value of a channel: 255 or 65535. */
export const channelMaximum = (picture: Picture): number => (picture.data instanceof Uint16Array ? 65535 : 255);

/**
 * Checks that a picture's size, channels and pixels belong together.
 * @throws ArgumentError (`argument`) where the pixels are of the wrong type, ShapeError (`shape`) where they don't fit the size.
 */
export function checkPicture(picture: Picture, name: string): void {
  checkKind(picture, name);
  const { width, height, channels, data } = picture;
  const values = width * height * channels;
  if (data.length !== values) {
    throw new ShapeError('shape', `${name}: ${width} x ${height} x ${channels} channels take ${values} values, got ${data.length}${reasonFor(picture)}`, {
      expected: 'width * height * channels values',
      actual: { width, height, channels, values: data.length },
    });
  }
}

/** All of {@link checkPicture} but for the number of values: a part of a picture lies among more of them. */
export function checkKind({ width, height, channels, data }: Picture, name: string): void {
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Uint16Array)) {
    throw wrongType(data, name);
  }
  const whole = (n: number) => Number.isInteger(n) && n > 0;
  if (!whole(width) || !whole(height) || ![1, 2, 3, 4].includes(channels)) {
    throw new ShapeError('shape', `${name}: expected a width and height of whole pixels and 1 to 4 channels, got ${width} x ${height} x ${channels}`, {
      expected: 'width, height > 0 and 1 to 4 channels',
      actual: { width, height, channels, values: data.length },
    });
  }
}

const TYPES = 'a Uint8Array or Uint8ClampedArray (0..255) or a Uint16Array (0..65535)';

function wrongType(data: unknown, name: string): ArgumentError {
  const kind = kindOf(data);
  // Two frames, or two contexts of Node's vm, have two classes of the same name.
  const elsewhere = /Uint(8|8Clamped|16)Array$/.test(kind) ? " of another frame or context: copy it into one of this one's" : '';
  const reason = kind === 'a Float16Array' ? ": getImageData() with pixelFormat 'rgba-unorm8' gives bytes" : elsewhere;
  return new ArgumentError('argument', `${name}: data must be ${TYPES}, got ${kind}${reason}`, { expected: TYPES, actual: kind });
}

/** What a wrong number of values may come from. */
function reasonFor({ width, height, channels, data }: Picture): string {
  const given = data.length / (width * height);
  if ([1, 2, 3, 4].includes(given)) return `, which would be ${given} channels`;
  return given === 2 * channels && !(data instanceof Uint16Array) ? ': values of 16 bits belong in a Uint16Array' : '';
}
