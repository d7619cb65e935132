import type { FileHandle } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import type { WrittenFormat } from './cargo';
import { joined } from './containers/bytes';
import type { Cargo } from './containers/header';
import { heifWith } from './containers/heif-with';
import { jpegWith } from './containers/jpeg';
import { PNG_SIGNATURE, pngCargo, pngChunk, pngStart, pngWith } from './containers/png';
import { webpWith } from './containers/webp';
import { IPTC, type OnDropped, PHOTOSHOP, type TiffFields, tiffEndWith, tiffWith } from './exif';
import { iptcOf } from './photoshop';

/** A profile as PNG stores it. */
const deflatedProfile = ({ icc }: Cargo) => (icc ? deflateSync(icc) : undefined);

/**
 * A PNG of one black pixel that carries metadata. sharp takes an ICC profile or EXIF block from its input only, never as bytes:
 * so this is the input, and the real pixels are laid over it.
 */
export function carrier(channels: 1 | 2 | 3 | 4, bits: 8 | 16, cargo: Cargo): Uint8Array {
  const pixel = deflateSync(new Uint8Array(1 + (channels * bits) / 8));
  const chunks = pngCargo({ ...cargo, icc: deflatedProfile(cargo) });
  return joined([PNG_SIGNATURE, pngStart(1, 1, channels, bits), ...chunks, pngChunk('IDAT', pixel), pngChunk('IEND', new Uint8Array())]);
}

/** What the encoder has to be given, because it can't be put into its file afterwards. */
export function encodersCargo({ icc, exif, xmp }: Cargo, format: WrittenFormat): Cargo {
  if (format === 'tiff') return { icc, xmp };
  return format === 'avif' ? { exif, xmp } : {};
}

/** What a TIFF's directory is given of a cargo. */
function tiffFields({ exif, photoshop }: Cargo): TiffFields {
  const iptc = photoshop && iptcOf(photoshop);
  return {
    exif,
    tags: [...(iptc ? [[IPTC, iptc] as [number, Uint8Array]] : []), ...(photoshop ? [[PHOTOSHOP, photoshop] as [number, Uint8Array]] : [])],
  };
}

const WITH: Record<WrittenFormat, (file: Uint8Array, cargo: Cargo, onDropped: OnDropped) => Uint8Array[]> = {
  jpeg: jpegWith,
  webp: webpWith,
  png: (file, cargo) => pngWith(file, { ...cargo, icc: deflatedProfile(cargo) }),
  avif: (file, cargo) => (cargo.exif || cargo.icc || cargo.colour ? heifWith(file, cargo) : [file]),
  tiff: (file, cargo, onDropped) => (cargo.exif || cargo.photoshop ? tiffWith(file, tiffFields(cargo), onDropped) : [file]),
};

/** Puts a cargo into a file as the encoder wrote it, EXIF byte for byte: encoders have versions of their own, which lack makers' notes. */
export const withCargo = (file: Uint8Array, format: WrittenFormat, cargo: Cargo, onDropped: OnDropped): Buffer =>
  Buffer.concat(WITH[format](file, cargo, onDropped));

/** The formats whose files can be given a cargo where they are; those of the others are short enough for memory. */
export const isGivenCargoInPlace = (format: WrittenFormat): format is 'jpeg' | 'png' | 'tiff' => format !== 'webp' && format !== 'avif';

// All that an encoder, which was given no cargo, puts before the pixels of a JPEG or PNG.
const HEAD = 64 * 1024;
const COPIED_AT_ONCE = 4 * 2 ** 20;

/**
 * {@link withCargo} of a file that is not in memory. A TIFF gets it behind its end; a JPEG or PNG is written anew, since it belongs before
 * the pixels.
 * @param file as the encoder wrote it, open for reading and writing
 * @param create opens another file, empty
 * @returns the file that holds the whole
 */
export async function givenCargo<T extends { file: FileHandle }>(
  given: T,
  format: 'jpeg' | 'png' | 'tiff',
  cargo: Cargo,
  { create, onDropped }: { create: () => Promise<T>; onDropped: OnDropped },
): Promise<T> {
  const { file } = given;
  const { size } = await file.stat();
  const read = async (offset: number, length: number) => {
    const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  if (format === 'tiff') {
    const end = cargo.exif || cargo.photoshop ? await tiffEndWith(size, read, tiffFields(cargo), onDropped) : undefined;
    if (end) {
      await file.write(end.content, 0, end.content.length, end.start);
      await file.write(end.header, 0, end.header.length, 0);
    }
    return given;
  }
  const whole = await create();
  const head = await read(0, Math.min(size, HEAD));
  for (const part of WITH[format](head, cargo, onDropped)) await whole.file.writeFile(part);
  for (let at = head.length; at < size; at += COPIED_AT_ONCE) await whole.file.writeFile(await read(at, COPIED_AT_ONCE));
  return whole;
}
