import { tiffEntries } from '../exif';
import { viewOf } from './bytes';
import { checkedSize, damaged, type Header } from './header';

const WIDTH = 0x0100;
const HEIGHT = 0x0101;
const SHORT = 3;

/** Reads the size of a TIFF's first page. What else it says is left to the decoder, where a browser has one. */
export function tiffHeader(file: Uint8Array): Header {
  const view = viewOf(file);
  const numberOf = (tag: number): number => {
    const { little, entries } = tiffEntries(view, tag);
    if (entries.length === 0) throw damaged('the TIFF does not say its size');
    return view.getUint16(entries[0] + 2, little) === SHORT ? view.getUint16(entries[0] + 8, little) : view.getUint32(entries[0] + 8, little);
  };
  return { format: 'tiff', ...checkedSize(numberOf(WIDTH), numberOf(HEIGHT)), grey: false, alpha: true, metadata: {} };
}
