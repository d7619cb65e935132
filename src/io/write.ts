import { link, realpath, rename, stat, unlink } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Raw, Sharp } from 'sharp';
import { checkArgument, checkOneOf } from '../check';
import { AbortError, InpaintError, PictureError } from '../errors';
import { throwIfOutOfMemory, withinMemory } from '../memory';
import { checkPicture, type Picture, type PictureFormat } from '../picture';
import { type OnWarning, toConsole } from '../warning';
import { cargoFor, type WrittenFormat } from './cargo';
import { carrier, encodersCargo, givenCargo, isGivenCargoInPlace, withCargo } from './chunks';
import type { Cargo } from './containers/header';
import { withoutLocation } from './location';
import { listed } from './metadata';
import { loadSharp } from './sharp';
import { StoredPicture } from './stored';
import { type FilesBeside, writeBeside } from './temporary';
import { throwIfUnwritable } from './unwritable';

/** Options of {@link encodePicture}. */
export interface EncodeOptions {
  /** The file format. Default: the one that the picture was read from, else PNG. */
  format?: PictureFormat;
  /** 1 to 100 for JPEG, WebP and AVIF. Default 95; 100 writes WebP without loss. */
  quality?: number;
  /** Whether the file may say where the picture was taken, by coordinates or names of places in EXIF, XMP and IPTC. Default true. */
  location?: boolean;
  /** Told what the format has no place for (`metadata-dropped`, `colour-dropped`). Default: `console.warn`. */
  onWarning?: OnWarning;
}

/** Options of {@link writePicture}. */
export interface WriteOptions extends EncodeOptions {
  /** `false` refuses to replace a file. Default true. */
  overwrite?: boolean;
  /** Aborts before the file is put in its place. */
  signal?: AbortSignal;
}

const FORMATS: Record<string, PictureFormat> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  jpe: 'jpeg',
  jfif: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  tif: 'tiff',
  tiff: 'tiff',
  gif: 'gif',
};

/** The format that a path's extension stands for, or undefined. */
export const formatOfPath = (path: string): PictureFormat | undefined => FORMATS[extname(path).slice(1).toLowerCase()];

/** JPEG knows no alpha: transparent pixels are shown on white. */
function flattened(picture: Picture): Picture {
  const { channels, data } = picture;
  const colours = (channels - 1) as 1 | 3;
  const top = data instanceof Uint16Array ? 65535 : 255;
  const flat =
    data instanceof Uint16Array ? new Uint16Array(picture.width * picture.height * colours) : new Uint8Array(picture.width * picture.height * colours);
  for (let from = 0, to = 0; from < data.length; from += channels) {
    const alpha = data[from + colours];
    for (let c = 0; c < colours; c++) flat[to++] = alpha === top ? data[from + c] : Math.round((data[from + c] * alpha + top * (top - alpha)) / top);
  }
  return { ...picture, channels: colours, data: flat };
}

/** A picture that is to be encoded, in memory or in a file. */
type Drawn = Picture | StoredPicture;

const isStored = (picture: Drawn): picture is StoredPicture => picture instanceof StoredPicture;

const isSixteen = (picture: Drawn): boolean => (isStored(picture) ? picture.bits === 16 : picture.data instanceof Uint16Array);

/** A sharp pipeline that holds the picture's pixels, untouched, and its metadata. */
async function pipelineOf(picture: Drawn, format: WrittenFormat, cargo: Cargo): Promise<Sharp> {
  const sharp = await loadSharp();
  const { width, height, channels } = picture;
  const sixteen = isSixteen(picture);
  // 0 | x = x: the only way for pixels to get over a carrier with none of them touched.
  const over = sharp(carrier(channels, sixteen ? 16 : 8, cargo), { limitInputPixels: false, sequentialRead: true }).extend({
    right: width - 1,
    bottom: height - 1,
    extendWith: 'copy',
  });
  let pipeline = isStored(picture)
    ? over.boolean(picture.path, 'or', { limitInputPixels: false } as unknown as { raw: Raw })
    : over.boolean(valuesOf(picture), 'or', { raw: { width, height, channels }, limitInputPixels: false } as { raw: Raw });
  if (cargo.icc) pipeline = pipeline.keepIccProfile();
  if (cargo.xmp) pipeline = pipeline.keepXmp();
  if (cargo.exif) pipeline = pipeline.keepExif();
  const deep = sixteen && (format === 'png' || format === 'tiff' || format === 'avif');
  return pipeline.toColourspace(channels < 3 ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb');
}

/** sharp would copy an Uint8ClampedArray's meaning but not its memory; a plain view of the same bytes is all it needs. */
const valuesOf = ({ data }: Picture) => (data instanceof Uint16Array ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)) as Buffer;

/**
 * Encodes a picture with what it carries: ICC profile and other descriptions of its colours, EXIF, XMP, Photoshop's resources (IPTC), texts,
 * density, alpha and bit depth as far as the format goes. What it has no place for is told to `onWarning`.
 *
 * PNG and TIFF (LZW) are lossless, in 8 and 16 bit. JPEG, WebP and AVIF default to quality 95 and full colour resolution (4:4:4):
 * most of a retouched photo is what came in, and decoding and encoding it again should not be seen; chroma at half size would smear
 * the colours of every edge once more. JPEG and WebP are 8 bit, AVIF 12 bit for a 16-bit picture. JPEG shows transparent pixels on
 * white. GIF can't be written: its palette would change every pixel. Needs sharp.
 *
 * EXIF is kept byte for byte, but for thumbnails and previews, which show the picture as it was: they are left out. In TIFF its fields
 * become the file's own. Into JPEG, XMP of more than 64 KB is written as extended XMP, and of EXIF of more than 64 KB the largest parts
 * are left out. Colour that a PNG or AVIF describes outside an ICC profile is kept there, and said by the equal profile elsewhere.
 *
 * @param picture the Picture to encode
 * @returns the file's bytes
 * @throws PictureError (`format`) for a format that can't be written or can't hold a picture of this size; ShapeError, ArgumentError;
 * MemoryError (`out-of-memory`)
 * @example
 * const bytes = await encodePicture(picture, { format: 'jpeg', quality: 90 });
 */
export function encodePicture(picture: Picture, options: EncodeOptions = {}): Promise<Buffer> {
  return withinMemory("the picture can't be encoded", () => encoded(picture, options));
}

async function encoded(picture: Picture, options: EncodeOptions): Promise<Buffer> {
  checkPicture(picture, 'picture');
  const format = checkedFormat({ ...options, format: options.format ?? picture.metadata?.format });
  const drawn = format === 'jpeg' && picture.channels % 2 === 0 ? flattened(picture) : picture;
  const { encoder, cargo, warn } = await encoding(drawn, format, options);
  const file = await encode(drawn, format, encoder.toBuffer());
  const { onDropped, tell } = droppedFrom(format, warn);
  const whole = withCargo(file, format, cargo, onDropped);
  tell();
  return whole;
}

/** The format to encode in, once the options make sense. */
export function checkedFormat({ format = 'png', quality = 95, location = true }: EncodeOptions): WrittenFormat {
  checkOneOf(location, [true, false], 'encodePicture', 'location');
  checkArgument(Number.isFinite(quality) && quality >= 1 && quality <= 100, 'encodePicture', 'quality', 'from 1 to 100', quality);
  if (format === 'gif' || !Object.values(FORMATS).includes(format)) {
    throw new PictureError('format', `${format} can't be written: expected jpeg, png, webp, avif or tiff`, {
      expected: ['jpeg', 'png', 'webp', 'avif', 'tiff'],
      actual: format,
    });
  }
  return format;
}

/** The encoder of a picture that has no alpha where the format has none, and what is to be put into its file. */
async function encoding(drawn: Drawn, format: WrittenFormat, { quality = 95, location = true, onWarning: warn = toConsole }: EncodeOptions) {
  const { metadata = {} } = drawn;
  const cargo = cargoFor({ metadata: location ? metadata : withoutLocation(metadata) }, format, holdsGrey(drawn, format), warn);
  const pipeline = await pipelineOf(drawn, format, encodersCargo(cargo, format));
  const density = drawn.metadata?.density;
  const encoders: Record<WrittenFormat, () => Sharp> = {
    // Huffman tables of its own would make a file 2 % smaller, and take 200 MB and 0.3 s more at 18 megapixels.
    jpeg: () => pipeline.jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: false }),
    png: () => pipeline.png({ adaptiveFiltering: true, compressionLevel: 5 }),
    webp: () => pipeline.webp({ quality, alphaQuality: 100, lossless: quality === 100, exact: true, smartSubsample: true }),
    avif: () => pipeline.avif({ quality, chromaSubsampling: '4:4:4', effort: 3, bitdepth: isSixteen(drawn) ? 12 : 8 }),
    tiff: () => pipeline.tiff({ compression: 'lzw', predictor: 'horizontal', ...(density ? { xres: density / 25.4, yres: density / 25.4 } : {}) }),
  };
  return { encoder: encoders[format](), cargo, warn };
}

/** Waits for an encoder. */
async function encode<T>(drawn: Drawn, format: WrittenFormat, work: Promise<T>): Promise<T> {
  const { width, height } = drawn;
  try {
    return await work;
  } catch (cause) {
    throwIfOutOfMemory(cause, `a picture of ${width} x ${height} can't be written as ${format}`);
    if (isStored(drawn)) throwIfUnwritable(cause, `a picture of ${width} x ${height} can't be written as ${format}`);
    throw new PictureError('format', `a picture of ${width} x ${height} can't be written as ${format}: ${(cause as Error).message.split('\n')[0]}`, {
      cause,
    });
  }
}

/** Gathers what a file of a format has no place for, and tells it. */
function droppedFrom(format: WrittenFormat, warn: OnWarning): { onDropped: (name: string) => void; tell: () => void } {
  const dropped: string[] = [];
  return {
    onDropped: (name) => dropped.push(name),
    tell() {
      if (dropped.length > 0) warn({ code: 'metadata-dropped', message: `${format} has no place for ${listed(dropped)}` });
    },
  };
}

/** Whether the file will hold grey levels: WebP knows colours only, and sharp writes no other AVIF. */
const holdsGrey = ({ channels }: Drawn, format: WrittenFormat): boolean => channels < 3 && format !== 'webp' && format !== 'avif';

/** The path that is really written: behind a symbolic link the file it points to, which must be a plain file or not exist. */
export async function checkedTarget(path: string): Promise<string> {
  const target = await realpath(path).catch(() => path);
  const found = await stat(target).catch(() => undefined);
  if (found && !found.isFile()) throw new PictureError('file-write', `${path} can't be written: it is no plain file`, { expected: 'a plain file' });
  return target;
}

/**
 * Writes a picture file, whole or not at all: under a temporary name in the same folder first, then renamed.
 *
 * @param picture the Picture to write
 * @param path where to; the extension decides the format unless `format` is given
 * @throws PictureError: `format` for an extension or picture that can't be written, `file-write` where the folder is missing or
 * can't be written to, `file-exists` with `overwrite: false`. AbortError (`aborted`). MemoryError (`out-of-memory`).
 * @example
 * await writePicture(result, 'out.jpg', { quality: 90 });
 */
export async function writePicture(picture: Picture, path: string | URL, options: WriteOptions = {}): Promise<void> {
  const name = nameOfPath(path, 'writePicture');
  const format = formatFor(picture, name, options.format);
  const { quality, location, onWarning } = options;
  const file = await encodePicture(picture, { format, quality, location, onWarning });
  const target = await checkedTarget(name);
  let temporary: string | undefined;
  try {
    temporary = await writing(name, writeBeside(target, file));
    await putInPlace(temporary, target, name, options);
  } finally {
    if (temporary !== undefined) await unlink(temporary).catch(() => undefined);
  }
}

/**
 * {@link writePicture} of a picture in a file, which gives the same bytes. The picture is removed: there may not be room for it and the
 * result twice.
 * @param files the temporary files that it is among
 */
export function writeStored(picture: StoredPicture, path: string | URL, files: FilesBeside, options: WriteOptions = {}): Promise<void> {
  const name = nameOfPath(path, 'writePicture');
  return withinMemory(`${name} can't be written`, async () => {
    const format = checkedFormat({ ...options, format: formatFor(picture, name, options.format) });
    const opaque = { channels: (picture.channels - 1) as 1 | 3 };
    const drawn = format === 'jpeg' && picture.channels % 2 === 0 ? await writing(name, picture.mapped(opaque, flattened)) : picture;
    const { encoder, cargo, warn } = await encoding(drawn, format, options);
    const { onDropped, tell } = droppedFrom(format, warn);
    const target = await checkedTarget(name);
    const create = () => writing(name, files.create('target'));
    let made = await create();
    if (isGivenCargoInPlace(format)) {
      const { path } = made;
      await encode(drawn, format, encoder.toFile(path));
      await drawn.remove();
      made = await writing(name, givenCargo(made, format, cargo, { create, onDropped }));
      if (made.path !== path) await files.remove(path);
    } else {
      // These encoders hold the whole picture themselves.
      const file = await encode(drawn, format, encoder.toBuffer());
      await drawn.remove();
      await writing(name, made.file.writeFile(withCargo(file, format, cargo, onDropped)));
    }
    tell();
    await putInPlace(made.path, target, name, options);
  });
}

/** A path, or the path of a URL of a file. @throws ArgumentError */
export function nameOfPath(path: string | URL, op: string): string {
  if (typeof path === 'string') return path;
  checkArgument(path instanceof URL && path.protocol === 'file:', op, 'the path', 'a string or a URL of a file', path);
  return fileURLToPath(path);
}

/** The format of the file of this name. */
export function formatFor({ metadata }: Pick<Picture, 'metadata'>, name: string, given: PictureFormat | undefined): PictureFormat {
  const format = given ?? (extname(name) ? formatOfPath(name) : metadata?.format);
  if (format) return format;
  throw new PictureError('format', `${name}: expected a name that ends in .jpg, .png, .webp, .avif or .tiff`, {
    expected: Object.keys(FORMATS),
    actual: extname(name),
  });
}

/** Gives a finished file its name. */
async function putInPlace(temporary: string, target: string, name: string, { overwrite = true, signal }: WriteOptions): Promise<void> {
  if (signal?.aborted) throw new AbortError('aborted', `${name}: aborted before it was written`, { cause: signal.reason });
  // A hard link fails where the name is taken; a rename replaces. Either is one step: nobody ever sees half a file.
  await writing(name, overwrite ? rename(temporary, target) : link(temporary, target));
}

/** Waits for something to be written; what goes wrong has its right name. */
async function writing<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof InpaintError) throw cause;
    throwIfOutOfMemory(cause, `${name} can't be written`);
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new PictureError('file-exists', `${name} exists already`, { cause });
    throw new PictureError('file-write', `${name} can't be written: ${message}`, { expected: 'a folder that can be written to', actual: code, cause });
  }
}
