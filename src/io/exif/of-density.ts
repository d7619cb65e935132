import { bytesOf, joined, viewOf } from '../containers/bytes';

/** An EXIF block, without its prefix, that holds a density in pixels per inch and nothing else. */
export function exifOfDensity(density: number): Uint8Array<ArrayBuffer> {
  const entry = (tag: number, type: number, value: number): Uint8Array => {
    const bytes = new Uint8Array(12);
    const view = viewOf(bytes);
    view.setUint16(0, tag);
    view.setUint16(2, type);
    view.setUint32(4, 1);
    // A short stands in the upper half of its four bytes.
    if (type === 3) view.setUint16(8, value);
    else view.setUint32(8, value);
    return bytes;
  };
  const values = 8 + 2 + 3 * 12 + 4;
  const rational = new Uint8Array(8);
  viewOf(rational).setUint32(0, Math.round(density * 1000));
  viewOf(rational).setUint32(4, 1000);
  const entries = [entry(0x011a, 5, values), entry(0x011b, 5, values), entry(0x0128, 3, 2)];
  return joined([bytesOf('MM\0*\0\0\0\x08\0\x03'), ...entries, new Uint8Array(4), rational]);
}
