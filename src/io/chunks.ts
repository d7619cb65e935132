import { deflateSync } from 'node:zlib';
import { joined } from './containers/bytes';
import type { Cargo } from './containers/header';
import { jpegWith } from './containers/jpeg';
import { PNG_SIGNATURE, pngCargo, pngChunk, pngStart, pngWithExif } from './containers/png';
import { webpWith } from './containers/webp';

/**
 * A PNG of one black pixel that carries metadata. sharp takes an ICC profile or EXIF block from its input only, never as bytes:
 * so this is the input, and the real pixels are laid over it.
 */
export function carrier(channels: 1 | 2 | 3 | 4, bits: 8 | 16, cargo: Cargo): Uint8Array {
  const icc = cargo.icc ? deflateSync(cargo.icc) : undefined;
  const pixel = deflateSync(new Uint8Array(1 + (channels * bits) / 8));
  return joined([PNG_SIGNATURE, pngStart(1, 1, channels, bits), ...pngCargo({ ...cargo, icc }), pngChunk('IDAT', pixel), pngChunk('IEND', new Uint8Array())]);
}

const WITH: Record<string, ((file: Uint8Array, cargo: Cargo) => Uint8Array[]) | undefined> = {
  jpeg: jpegWith,
  webp: webpWith,
  png: (file, { exif }) => (exif ? pngWithExif(file, exif) : [file]),
};

/**
 * Puts an EXIF block (without `Exif\0\0`) back byte for byte where the encoder has written its own version of it, which lacks
 * makers' notes and thumbnails, and a JPEG's density, which the encoder leaves out.
 */
export function withCargo(file: Uint8Array, format: string, cargo: Pick<Cargo, 'exif' | 'density'>): Buffer {
  const parts = WITH[format]?.(file, cargo) ?? [file];
  return Buffer.concat(parts);
}
