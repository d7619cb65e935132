import { bytesOf, charactersAt, joined, viewOf } from './containers/bytes';
import { TAIL } from './containers/jpeg';
import { PNG_SIGNATURE, pngChunk } from './containers/png';

/** A file that is read in stretches: it may be larger than what its header says of its pixels is worth. */
export interface ByteSource {
  /** Bytes in all. */
  size: number;
  /** Bytes from an offset on; fewer where the file ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const BLOCK = 64 * 1024;
// What a picture may carry beside its pixels, and what a compressed file that is read whole may weigh.
const MOST = 256 * 2 ** 20;
// How many pieces that may be: each of a few bytes would take more than its own memory.
const MOST_PIECES = 200_000;

/** The source, read a block ahead: headers are made of many small pieces. */
function ahead({ size, read }: ByteSource): ByteSource {
  let at = 0;
  let block: Uint8Array = new Uint8Array();
  return {
    size,
    async read(offset, length) {
      if (offset < at || offset + length > at + block.length) {
        block = await read(offset, Math.max(length, BLOCK));
        at = offset;
      }
      return block.subarray(offset - at, offset - at + length);
    },
  };
}

/** A PNG without its pixels, as far as there are chunks; what is wrong with its end is the decoder's to say. */
async function pngSkeleton({ size, read }: ByteSource): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [PNG_SIGNATURE];
  let carried = 0;
  for (let at = 8; at + 12 <= size; ) {
    const head = await read(at, 8);
    const length = viewOf(head).getUint32(0);
    const type = charactersAt(head, 4, 4);
    if (type === 'IEND' || at + 12 + length > size) break;
    // Pixels leave a trace: what stands before them counts for other things than what stands behind.
    if (type === 'IDAT' || type === 'fdAT') {
      if (parts[parts.length - 1] !== NO_PIXELS) parts.push(NO_PIXELS);
    } else {
      carried += length;
      if (carried > MOST || parts.length > MOST_PIECES) return undefined;
      parts.push((await read(at, 12 + length)).slice());
    }
    at += 12 + length;
  }
  return joined([...parts, pngChunk('IEND', new Uint8Array())]);
}

const NO_PIXELS = pngChunk('IDAT', new Uint8Array());

/** A JPEG up to its first scan, as if that were empty, and its end; undefined where there is no scan. */
async function jpegSkeleton({ size, read }: ByteSource): Promise<Uint8Array | undefined> {
  let pieces = 0;
  for (let at = 2; at + 4 <= Math.min(size, MOST) && pieces++ < MOST_PIECES; ) {
    const head = await read(at, 4);
    const marker = head[1];
    // Bytes that belong to no segment, and markers without a length.
    if (head[0] !== 0xff || marker === 0 || marker === 0xff || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) at++;
    else if (marker === 0xd9) return undefined;
    else {
      at += 2 + viewOf(head).getUint16(2);
      const tail = () => read(Math.max(at, size - TAIL), TAIL);
      if (marker === 0xda && at <= size) return joined([(await read(0, at)).slice(), bytesOf('\xff\xd9'), await tail()]);
    }
  }
  return undefined;
}

/**
 * A picture's file without its pixels, or with them where they are compressed and stand between the rest; undefined for TIFF and for what
 * is cut short, so that nothing but a decoder can tell what it is worth.
 */
export async function skeletonOf(source: ByteSource): Promise<Uint8Array | undefined> {
  const start = charactersAt(await source.read(0, 16), 0, 16);
  if (start.startsWith('\x89PNG')) return pngSkeleton(ahead(source));
  if (start.startsWith('\xff\xd8\xff')) return jpegSkeleton(ahead(source));
  if (/^(RIFF[\s\S]{4}WEBP|GIF8|[\s\S]{4}ftyp)/.test(start) && source.size <= MOST) return source.read(0, source.size);
  return undefined;
}
