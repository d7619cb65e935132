// EXIF blocks are kept byte for byte, maker's notes included, but for the orientation. Layout: "Exif\0\0", then a TIFF file:
// byte order, 42, offset of the first directory; a directory is a count, then entries of 12 bytes: tag, type, count, value.

const PREFIX = new Uint8Array([0x45, 0x78, 0x69, 0x66, 0, 0]);
const ORIENTATION = 0x0112;
const SHORT = 3;

/** The block with its `Exif\0\0` in front, whether it came with or without. */
export function withExifPrefix(exif: Uint8Array): Uint8Array {
  if (PREFIX.every((byte, i) => exif[i] === byte)) return exif;
  const block = new Uint8Array(exif.length + PREFIX.length);
  block.set(PREFIX);
  block.set(exif, PREFIX.length);
  return block;
}

/** The block without `Exif\0\0`, as PNG and WebP store it. */
export const withoutExifPrefix = (exif: Uint8Array): Uint8Array => withExifPrefix(exif).subarray(PREFIX.length);

/** A copy of the block with its orientation set to 1. A block that can't be read is copied as it is. */
export function resetOrientation(exif: Uint8Array): Uint8Array {
  const block = withExifPrefix(exif).slice();
  const tiff = new DataView(block.buffer, PREFIX.length);
  if (tiff.byteLength < 10) return block;
  const little = tiff.getUint16(0) === 0x4949;
  const directory = tiff.getUint32(4, little);
  if (directory + 2 > tiff.byteLength) return block;
  const entries = tiff.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.byteLength) break;
    if (tiff.getUint16(entry, little) !== ORIENTATION) continue;
    if (tiff.getUint16(entry + 2, little) === SHORT) tiff.setUint16(entry + 8, 1, little);
    else tiff.setUint32(entry + 8, 1, little);
  }
  return block;
}

/** A copy of the XMP packet with `tiff:Orientation` set to 1, the packet's length unchanged. */
export function resetXmpOrientation(xmp: Uint8Array): Uint8Array {
  const text = Buffer.from(xmp.buffer, xmp.byteOffset, xmp.byteLength).toString('latin1');
  return new Uint8Array(Buffer.from(text.replace(/(tiff:Orientation\s*(?:=\s*["']|>)\s*)[2-8]/g, '$11'), 'latin1'));
}
