import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Metadata, Sharp } from 'sharp';
import { checkArgument, checkOneOf } from '../check';
import { InpaintError, PictureError } from '../errors';
import { throwIfOutOfMemory, withinMemory } from '../memory';
import type { Picture, PictureFormat, PictureMetadata } from '../picture';
import { type OnWarning, toConsole } from '../warning';
import { bytesOf, joined } from './containers/bytes';
import type { Header } from './containers/header';
import { isPremultiplied } from './containers/heif-planes';
import { BEHIND, endsAtAll } from './containers/jpeg';
import { readHeader } from './containers/read-header';
import { asUint8, asUint16, withGreyAlpha } from './decode';
import { keptMetadata } from './metadata';
import { loadSharp } from './sharp';
import { type ByteSource, skeletonOf } from './skeleton';
import { checkTiffPixels, tiffCarried } from './tiff-metadata';
import { unpremultiply } from './unpremultiply';

/** Where a picture comes from: a path, a `file:` URL, or a file's bytes. */
export type PictureSource = string | URL | Uint8Array | ArrayBuffer;

/** Options of {@link readPicture} and {@link readMask}. */
export interface ReadOptions {
  /** A picture whose header claims more pixels than this is refused before anything is decoded. Default 16384 * 16384. */
  pixelLimit?: number;
  /**
   * What counts as damaged: `'truncated'` a file that ends too soon, `'error'` (default) that and broken data, `'warning'` also
   * what a decoder merely remarks on, `'none'` decodes whatever there is.
   */
  failOn?: 'none' | 'truncated' | 'error' | 'warning';
  /** Turn the pixels the way the EXIF orientation says, and reset it to 1. Default true. */
  applyOrientation?: boolean;
  /**
   * Told what the file carries that is not carried on (`metadata-dropped`, `claims-removed`), and that a JPEG lacks its end marker
   * (`end-missing`). Default: `console.warn`.
   */
  onWarning?: OnWarning;
}

const MAGIC = /^(\xff\xd8\xff|\x89PNG|RIFF[\s\S]{4}WEBP|II\*\0|MM\0\*|II\+\0|MM\0\+|GIF8|[\s\S]{4}ftyp)/;
const COLOUR_SPACES = new Set<string | undefined>(['srgb', 'rgb', 'rgb16', 'b-w', 'grey16', 'cmyk']);

const nameOf = (source: PictureSource): string => (typeof source === 'string' ? source : source instanceof URL ? source.href : 'picture');
const firstLine = (error: unknown): string => String((error as Error)?.message ?? error).split('\n')[0];

function notReadable(source: PictureSource, cause: unknown): PictureError {
  throwIfOutOfMemory(cause, `${nameOf(source)} can't be read`);
  return new PictureError('file-read', `${nameOf(source)} can't be read: ${firstLine(cause)}`, {
    expected: 'a readable file',
    actual: (cause as NodeJS.ErrnoException).code,
    cause,
  });
}

/** A source that has been opened. */
interface Opened {
  /** What sharp is given: bytes, or a path. */
  input: string | Uint8Array;
  /** The first bytes. */
  start: string;
  /** Reads from the file while `use` goes on. */
  reading<T>(use: (source: ByteSource) => Promise<T>): Promise<T>;
}

/** What sharp is to be given, after checking that there is a file that can be read. */
async function opened(source: PictureSource): Promise<Opened> {
  if (typeof source !== 'string' && !(source instanceof URL)) {
    const input = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
    checkArgument(input instanceof Uint8Array, 'readPicture', 'source', "a path, a file: URL or a file's bytes", source);
    const read = async (offset: number, length: number) => input.subarray(offset, offset + length);
    return {
      input,
      start: Buffer.from(input.buffer, input.byteOffset, Math.min(16, input.byteLength)).toString('latin1'),
      reading: (use) => use({ size: input.length, read }),
    };
  }
  let input: string;
  const reading = async <T>(use: (source: ByteSource) => Promise<T>): Promise<T> => {
    let file: FileHandle | undefined;
    try {
      file = await open(input, 'r');
      const { size } = await file.stat();
      const read = async (offset: number, length: number) => {
        const { bytesRead, buffer } = await file!.read(Buffer.alloc(Math.min(length, Math.max(0, size - offset))), 0, undefined, offset);
        return asUint8(buffer.subarray(0, bytesRead));
      };
      return await use({ size, read });
    } catch (cause) {
      throw (cause as NodeJS.ErrnoException).syscall ? notReadable(source, cause) : cause;
    } finally {
      await file?.close();
    }
  };
  try {
    input = typeof source === 'string' ? source : fileURLToPath(source);
    // Opening a pipe would wait for whoever writes to it, for good.
    if (!(await stat(input)).isFile()) throw new Error('it is no plain file');
  } catch (cause) {
    throw notReadable(source, cause);
  }
  return { input, reading, start: await reading(async ({ read }) => Buffer.from(await read(0, 16)).toString('latin1')) };
}

function formatOf(metadata: Metadata, name: string): PictureFormat {
  const { format, compression } = metadata as Metadata & { format?: string };
  if (format === 'heif' && compression !== 'av1')
    throw new PictureError('format', `${name} is HEIC, which can't be decoded: convert it to JPEG, PNG or AVIF`, { actual: 'heic' });
  const known: Record<string, PictureFormat> = { jpeg: 'jpeg', png: 'png', webp: 'webp', heif: 'avif', avif: 'avif', tiff: 'tiff', gif: 'gif' };
  const result = known[format as string];
  if (!result)
    throw new PictureError('format', `${name} is ${format}: expected JPEG, PNG, WebP, AVIF, TIFF or GIF`, { expected: Object.keys(known), actual: format });
  if ((metadata.pages ?? 1) > 1 && (result === 'gif' || result === 'webp')) {
    throw new PictureError('format', `${name} is animated (${metadata.pages} frames): expected a still picture`, { expected: 1, actual: metadata.pages });
  }
  return result;
}

/**
 * What the file carries, by its own header. One that is broken is left to the decoder, which reads what it can if it is told to.
 * @throws PictureError (`format`) for a kind that is not read
 */
async function headerOf(source: ByteSource, name: string, isTiff: boolean): Promise<Header | undefined> {
  try {
    if (isTiff) await checkTiffPixels(source, name);
    const skeleton = await skeletonOf(source);
    return skeleton && (await readHeader(skeleton, Number.POSITIVE_INFINITY));
  } catch (error) {
    if (!(error instanceof InpaintError)) throw error;
    if (error.code === 'format' && isTiff) throw error;
    if (error.code === 'format') throw new PictureError('format', `${name}: ${error.message}`, { expected: error.expected, actual: error.actual });
    return undefined;
  }
}

/** Reads the header and refuses what can't or shouldn't be decoded. */
export async function checkedHeader(source: PictureSource, options: ReadOptions) {
  const { pixelLimit = 16384 * 16384, failOn = 'error' } = options;
  checkArgument(pixelLimit > 0, 'readPicture', 'pixelLimit', 'a number of pixels above 0', pixelLimit);
  checkOneOf(failOn, ['none', 'truncated', 'error', 'warning'], 'readPicture', 'failOn');
  const name = nameOf(source);
  const sharp = await loadSharp();
  const { input, start, reading } = await opened(source);
  // Whatever else libvips could be made to parse, such as SVG or PDF, never gets to it.
  if (!MAGIC.test(start)) {
    throw new PictureError('format', `${name} is no picture: expected JPEG, PNG, WebP, AVIF, TIFF or GIF`, { expected: 'jpeg, png, webp, avif, tiff or gif' });
  }
  const header = await reading((bytes) => headerOf(bytes, name, /^(II|MM)/.test(start)));
  // The limit is checked below, where the error can carry the numbers.
  const settings = { failOn, limitInputPixels: false, sequentialRead: true } as const;
  let metadata: Metadata;
  try {
    metadata = await sharp(input, settings).metadata();
  } catch (cause) {
    throwIfOutOfMemory(cause, `${name} can't be read`);
    throw new PictureError('damaged', `${name} is damaged: ${firstLine(cause)}`, { cause });
  }
  const format = formatOf(metadata, name);
  const { width, height, space, depth, channels } = metadata;
  if (width * height > pixelLimit) {
    throw new PictureError('pixel-limit', `${name} has ${width} x ${height} pixels, more than the limit of ${pixelLimit}`, {
      expected: pixelLimit,
      actual: { width, height },
    });
  }
  if (!COLOUR_SPACES.has(space) || (depth !== 'uchar' && depth !== 'ushort') || channels > (space === 'cmyk' ? 5 : 4)) {
    throw new PictureError('format', `${name} has ${channels} channels of ${depth} in ${space}: expected grey, RGB or CMYK of 8 or 16 bit`, {
      expected: '8 or 16 bit',
      actual: { space, depth, channels },
    });
  }
  return { sharp, input, settings, metadata, format, name, header, reading };
}

type CheckedHeader = Awaited<ReturnType<typeof checkedHeader>>;

/** What the file carries: by its own header, or as far as sharp knows. */
async function carriedBy({ header, metadata, format, reading }: CheckedHeader): Promise<Header> {
  const { width, height, channels, hasAlpha, icc, exif, xmp, density } = metadata;
  const known = { format, width, height, grey: channels < 3, alpha: hasAlpha };
  if (format === 'tiff') return { ...known, ...(await reading((source) => tiffCarried(source, metadata))) };
  if (!header) {
    const left = ["what its header says beside ICC profile, EXIF and XMP, which can't be read"];
    return { ...known, metadata: { icc, exif, xmp, density }, left };
  }
  // Pixels that come to no end look like something behind it.
  const left = header.left?.filter((what) => !(header.endMissing && what === BEHIND));
  // A picture of colours may be stored as one of greys by its header, and the other way round: the decoder knows.
  return { ...header, ...known, left };
}

/**
 * Decodes, and where that fails for a JPEG that comes to no end, tries once more with an end: it may be all that is missing. Then the
 * decoder is to mind whatever is odd, since it fills up rows that are missing without failing.
 */
async function decodedWhole<T>({ input, settings, format, name, header, reading }: CheckedHeader, warn: OnWarning, decode: Decode<T>): Promise<T> {
  try {
    return await decode(input, settings);
  } catch (error) {
    if (format !== 'jpeg' || settings.failOn === 'warning') throw error;
    throwIfOutOfMemory(error, `${name} can't be decoded`);
    const file = await reading(({ size, read }) => read(0, size));
    if (endsAtAll(file)) throw error;
    const result = await decode(joined([file, bytesOf('\xff\xd9')]), { ...settings, failOn: 'warning' }).catch(() => {
      throw error;
    });
    const isTold = header?.endMissing;
    if (header) header.endMissing = true;
    if (!isTold) warn({ code: 'end-missing', message: `${name} lacks its end marker; all its rows are there` });
    return result;
  }
}

/** Decodes a file or its bytes. */
type Decode<T> = (input: string | Uint8Array, settings: CheckedHeader['settings']) => Promise<T>;

/** Wraps what goes wrong while pixels are decoded: the header was right, so the file is damaged, unless memory ran out. */
export async function decoded<T>(name: string, decoding: Promise<T>): Promise<T> {
  try {
    return await decoding;
  } catch (cause) {
    if (cause instanceof InpaintError) throw cause;
    throwIfOutOfMemory(cause, `${name} can't be decoded`);
    throw new PictureError('damaged', `${name} is damaged: ${firstLine(cause)}`, { cause });
  }
}

/** Whether sharp gives colours that are multiplied by alpha, as some AVIFs store them: it does not say so. */
const comesPremultiplied = async (format: PictureFormat, { hasAlpha }: Metadata, input: string | Uint8Array): Promise<boolean> =>
  format === 'avif' && hasAlpha && isPremultiplied(typeof input === 'string' ? await readFile(input) : input);

/**
 * Reads a picture file: JPEG, PNG, WebP, AVIF, TIFF or a still GIF, 8 or 16 bit, grey or RGB, with or without alpha.
 *
 * The numbers are the file's own, in its own colour space, never converted; the ICC profile says which that is. Two things are
 * expanded: palettes to RGB(A), and less than 8 bits to 8. CMYK is the exception: it is converted to sRGB and its profile dropped, with a
 * warning (`colour-dropped`).
 * Of a TIFF with several pages the first is read. Needs sharp.
 *
 * What the file carries beside its pixels is in `metadata`; what can't be carried on is told to `onWarning`, and so is what the metadata
 * claimed about data that are not carried on, such as a gain map or the video of a motion photo: those claims are taken out. Thumbnails
 * of the picture as it was are left out: of Photoshop's resources here, of EXIF when the picture is written.
 *
 * @param source a path, a `file:` URL or a file's bytes
 * @returns the Picture with format, ICC profile and other descriptions of its colours, EXIF, XMP, Photoshop's resources (IPTC), texts and
 * density in `metadata`
 * @throws PictureError: `file-read` for a path that can't be read, `format` for what is no (still) picture of these formats,
 * `damaged` for one cut short or broken, `pixel-limit` for more pixels than allowed. ArgumentError for options out of range.
 * MemoryError (`out-of-memory`).
 * @example
 * const photo = await readPicture('photo.jpg');
 */
export function readPicture(source: PictureSource, options: ReadOptions = {}): Promise<Picture> {
  return withinMemory(`${nameOf(source)} can't be read`, () => pictureFrom(source, options));
}

async function pictureFrom(source: PictureSource, options: ReadOptions): Promise<Picture> {
  const photo = await openedPhoto(source, options);
  const { begin, colourspace, bits, decode } = photo;
  const { data, info } = await decode((input, settings) => {
    const pipeline = begin(input, settings);
    const pixels =
      colourspace === 'b-w' && photo.channels === 2
        ? withGreyAlpha(pipeline).raw({ depth: 'uchar' })
        : pipeline.toColourspace(colourspace).raw({ depth: bits === 16 ? 'ushort' : 'uchar' });
    return pixels.toBuffer({ resolveWithObject: true });
  });
  const pixels = bits === 16 ? asUint16(data) : asUint8(data);
  if (await photo.isPremultiplied()) unpremultiply(pixels, info.channels);
  return { width: info.width, height: info.height, channels: info.channels as Picture['channels'], data: pixels, metadata: await photo.metadata() };
}

/** A photo's file whose header has been checked: what its pixels are, and how they are had. */
export interface OpenedPhoto {
  name: string;
  /** As stored; 3 or 4 where a CMYK picture becomes RGB. */
  channels: number;
  bits: 8 | 16;
  /** The EXIF orientation that is to be applied, 1 to 8. */
  orientation: number;
  colourspace: 'b-w' | 'grey16' | 'srgb' | 'rgb16';
  /** Begins a pipeline of the pixels' own numbers; `turn: false` leaves them as they are stored. */
  begin(input: string | Uint8Array, settings: CheckedHeader['settings'], turn?: boolean): Sharp;
  /** Decodes; what goes wrong has its right name. */
  decode<T>(decode: Decode<T>): Promise<T>;
  /** Whether the colours come multiplied by alpha. */
  isPremultiplied(): Promise<boolean>;
  /** What the picture carries. To be asked for once, after decoding: what is left out is told to `onWarning`. */
  metadata(): Promise<PictureMetadata>;
}

/** Opens a photo's file; its pixels are not decoded yet. Takes and throws the same as {@link readPicture}. */
export async function openedPhoto(source: PictureSource, options: ReadOptions): Promise<OpenedPhoto> {
  const checked = await checkedHeader(source, options);
  const { sharp, input, metadata, format, name } = checked;
  const { applyOrientation = true, onWarning: warn = toConsole } = options;
  const cmyk = metadata.space === 'cmyk';
  const grey = !cmyk && metadata.channels < 3;
  const bits = metadata.depth === 'ushort' && !cmyk ? 16 : 8;
  return {
    name,
    channels: cmyk ? metadata.channels - 1 : metadata.channels,
    bits,
    orientation: applyOrientation ? (metadata.orientation ?? 1) : 1,
    colourspace: grey ? (bits === 16 ? 'grey16' : 'b-w') : bits === 16 ? 'rgb16' : 'srgb',
    begin: (input, settings, turn = applyOrientation) => sharp(input, { ...settings, ignoreIcc: !cmyk, autoOrient: turn }),
    decode: (decode) => decoded(name, decodedWhole(checked, warn, decode)),
    isPremultiplied: () => decoded(name, comesPremultiplied(format, metadata, input)),
    async metadata() {
      const carried = await carriedBy(checked);
      if (cmyk) {
        delete carried.metadata.icc;
        warn({ code: 'colour-dropped', message: `${name} is CMYK: its colours are converted to sRGB, and its profile is not carried on` });
      }
      if (metadata.isPalette) carried.metadata.paletteBitDepth = metadata.bitsPerSample ?? 8;
      return { ...keptMetadata(carried, { name, turned: applyOrientation, warn }), format, grey };
    },
  };
}

/**
 * Reads a mask file as 8-bit grey, or grey and alpha where it has alpha: a quarter to a third of an RGB picture's memory.
 *
 * Colours become their luminance, 16 bits become 8; soft edges stay soft. Takes and throws the same as {@link readPicture}.
 *
 * @param source a path, a `file:` URL or a file's bytes
 * @returns a Picture of 1 channel, or 2 with alpha
 * @example
 * const mask = await readMask('mask.png');
 */
export function readMask(source: PictureSource, options: ReadOptions = {}): Promise<Picture> {
  return withinMemory(`${nameOf(source)} can't be read`, () => maskFrom(source, options));
}

async function maskFrom(source: PictureSource, options: ReadOptions): Promise<Picture> {
  const { format, begin, decode } = await openedMask(source, options);
  const { data, info } = await decode((input, settings) => begin(input, settings).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
  return {
    width: info.width,
    height: info.height,
    channels: info.channels as Picture['channels'],
    data: asUint8(data),
    metadata: { format, grey: true },
  };
}

/** A mask's file whose header has been checked. */
export interface OpenedMask extends Pick<OpenedPhoto, 'name' | 'orientation' | 'begin' | 'decode'> {
  hasAlpha: boolean;
  /** Begins to decode it as it is, where that is 8-bit colour, as paint programs save black and white. */
  beginAsItIs?: OpenedPhoto['begin'];
  format: PictureFormat;
}

/** Opens a mask's file. With alpha its pipeline gives numbers of 8 bits in 16. Takes and throws the same as {@link readMask}. */
export async function openedMask(source: PictureSource, options: ReadOptions): Promise<OpenedMask> {
  const checked = await checkedHeader(source, options);
  const { sharp, metadata, format, name } = checked;
  const { applyOrientation = true, onWarning: warn = toConsole } = options;
  const { hasAlpha, channels } = metadata;
  const grey = metadata.space === 'b-w' || metadata.space === 'grey16';
  const asItIs: OpenedPhoto['begin'] = (input, settings, turn = applyOrientation) => sharp(input, { ...settings, ignoreIcc: true, autoOrient: turn });
  const isPlain = metadata.space === 'srgb' && metadata.depth === 'uchar' && ['png', 'jpeg', 'tiff'].includes(format);
  return {
    name,
    hasAlpha,
    ...(isPlain && { beginAsItIs: asItIs }),
    format,
    orientation: applyOrientation ? (metadata.orientation ?? 1) : 1,
    begin(input, settings, turn = applyOrientation) {
      const pipeline = asItIs(input, settings, turn);
      return hasAlpha ? withGreyAlpha(pipeline, grey ? channels : 2) : pipeline.toColourspace('b-w');
    },
    decode: (decode) => decoded(name, decodedWhole(checked, warn, decode)),
  };
}
