import { deflateSync } from 'node:zlib';

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as PNG uses it. (`zlib.crc32` needs Node 22.) */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function pngChunk(type: string, content: Uint8Array): Buffer {
  const chunk = Buffer.alloc(content.length + 12);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(content, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}

/** What a {@link carrier} carries. */
export interface Cargo {
  channels: 1 | 2 | 3 | 4;
  bits: 8 | 16;
  icc?: Uint8Array;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  density?: number;
}

/**
 * A PNG of one black pixel that carries metadata. sharp takes an ICC profile or EXIF block from its input only, never as bytes:
 * so this is the input, and the real pixels are laid over it.
 */
export function carrier({ channels, bits, icc, exif, xmp, density }: Cargo): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(1, 4);
  header[8] = bits;
  header[9] = [0, 4, 2, 6][channels - 1];
  const parts = [SIGNATURE, pngChunk('IHDR', header)];
  if (icc) parts.push(pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)])));
  if (density) {
    const perMetre = Buffer.alloc(9);
    perMetre.writeUInt32BE(Math.round(density / 0.0254), 0);
    perMetre.writeUInt32BE(Math.round(density / 0.0254), 4);
    perMetre[8] = 1;
    parts.push(pngChunk('pHYs', perMetre));
  }
  if (xmp) parts.push(pngChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp])));
  if (exif) parts.push(pngChunk('eXIf', exif));
  parts.push(pngChunk('IDAT', deflateSync(Buffer.alloc(1 + (channels * bits) / 8))), pngChunk('IEND', new Uint8Array()));
  return Buffer.concat(parts);
}

/** The encoded file with the content of one stretch replaced, `length` bytes at `start`. */
const spliced = (file: Buffer, start: number, length: number, content: Uint8Array): Buffer =>
  Buffer.concat([file.subarray(0, start), content, file.subarray(start + length)]);

function inJpeg(file: Buffer, exif: Uint8Array): Buffer {
  if (exif.length > 65533) return file;
  for (let at = 2; at + 4 < file.length && file[at] === 0xff && file[at + 1] !== 0xda; at += 2 + file.readUInt16BE(at + 2)) {
    if (file[at + 1] !== 0xe1 || file.toString('latin1', at + 4, at + 8) !== 'Exif') continue;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(exif.length + 2);
    return spliced(file, at + 2, file.readUInt16BE(at + 2), Buffer.concat([length, exif]));
  }
  return file;
}

function inPng(file: Buffer, exif: Uint8Array): Buffer {
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'eXIf') return spliced(file, at, 12 + file.readUInt32BE(at), pngChunk('eXIf', exif));
  }
  return file;
}

function inWebp(file: Buffer, exif: Uint8Array): Buffer {
  for (let at = 12; at + 8 <= file.length; ) {
    const size = file.readUInt32LE(at + 4);
    const padded = size + (size & 1);
    if (file.toString('latin1', at, at + 4) === 'EXIF') {
      const chunk = Buffer.alloc(8 + exif.length + (exif.length & 1));
      chunk.write('EXIF', 0, 'latin1');
      chunk.writeUInt32LE(exif.length, 4);
      chunk.set(exif, 8);
      const result = spliced(file, at, 8 + padded, chunk);
      result.writeUInt32LE(result.length - 8, 4);
      return result;
    }
    at += 8 + padded;
  }
  return file;
}

/** A JPEG with a JFIF header that says its density in pixels per inch: the encoder leaves it out. One that has the header stays. */
export function withDensity(jpeg: Buffer, density: number): Buffer {
  if (jpeg[3] === 0xe0 || density > 65535) return jpeg;
  const header = Buffer.from([0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(Math.round(density), 12);
  header.writeUInt16BE(Math.round(density), 14);
  return spliced(jpeg, 2, 0, header);
}

/**
 * Puts an EXIF block (without `Exif\0\0`) back byte for byte where the encoder has written its own version of it, which lacks
 * makers' notes and thumbnails. A file without an EXIF block, and a JPEG whose block would be too long, come back as they are.
 */
export function withExifBytes(file: Buffer, format: string, exif: Uint8Array): Buffer {
  if (format === 'jpeg') return inJpeg(file, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]));
  if (format === 'png') return inPng(file, exif);
  return format === 'webp' ? inWebp(file, exif) : file;
}
