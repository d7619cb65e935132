import { deflateSync } from 'node:zlib';
import type { WrittenFormat } from './cargo';
import { joined } from './containers/bytes';
import type { Cargo } from './containers/header';
import { heifWith } from './containers/heif-with';
import { jpegWith } from './containers/jpeg';
import { PNG_SIGNATURE, pngCargo, pngChunk, pngStart, pngWith } from './containers/png';
import { webpWith } from './containers/webp';
import { IPTC, PHOTOSHOP, tiffWith } from './exif';
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

const WITH: Record<WrittenFormat, (file: Uint8Array, cargo: Cargo, onDropped: (name: string) => void) => Uint8Array[]> = {
  jpeg: jpegWith,
  webp: webpWith,
  png: (file, cargo) => pngWith(file, { ...cargo, icc: deflatedProfile(cargo) }),
  avif: (file, cargo) => (cargo.exif || cargo.icc || cargo.colour ? heifWith(file, cargo) : [file]),
  tiff(file, { exif, photoshop }, onDropped) {
    const iptc = photoshop && iptcOf(photoshop);
    const tags: [number, Uint8Array][] = [
      ...(iptc ? [[IPTC, iptc] as [number, Uint8Array]] : []),
      ...(photoshop ? [[PHOTOSHOP, photoshop] as [number, Uint8Array]] : []),
    ];
    return exif || tags.length > 0 ? tiffWith(file, { exif, tags }, onDropped) : [file];
  },
};

/** Puts a cargo into a file as the encoder wrote it, EXIF byte for byte: encoders have versions of their own, which lack makers' notes. */
export const withCargo = (file: Uint8Array, format: WrittenFormat, cargo: Cargo, onDropped: (name: string) => void): Buffer =>
  Buffer.concat(WITH[format](file, cargo, onDropped));
