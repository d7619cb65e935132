import { bytesOf, charactersAt, joined, numberBytes, viewOf } from './bytes';
import { damaged } from './header';
import { printable } from './texts';

/** A box of an ISO base media file: its type, and its content without the head. */
export interface Box {
  type: string;
  content: Uint8Array;
  /** Where its head begins, in the bytes that it was read from. A head has 8 bytes, or 16 where its size takes 64 bits. */
  start: number;
}

/** Boxes without which there is no picture. */
const NEEDED = /^(ftyp|meta|mdat|moov)$/;

/** The boxes of a stretch of bytes, one after another. */
export const boxesOf = (bytes: Uint8Array): Box[] => boxesUntil(bytes, () => true);

/** The boxes of a whole file, as far as there are any: decoders don't mind what else has been put behind the last one. */
export const boxesOfFile = (file: Uint8Array): Box[] => boxesUntil(file, (type) => NEEDED.test(type));

/** The boxes up to the first that is cut short, which may be damage. */
function boxesUntil(bytes: Uint8Array, isDamage: (type: string) => boolean): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = charactersAt(bytes, at + 4, 4);
    let size = view.getUint32(at);
    let head = 8;
    if (size === 0) size = bytes.length - at;
    if (size === 1 && at + 16 <= bytes.length) {
      size = Number(view.getBigUint64(at + 8));
      head = 16;
    }
    if (size < head || at + size > bytes.length) {
      if (isDamage(type)) throw damaged(`the box "${printable(type)}" is cut short`);
      break;
    }
    boxes.push({ type, content: bytes.subarray(at + head, at + size), start: at });
    at += size;
  }
  return boxes;
}

/** The content of the first box of a type. */
export const contentOf = (boxes: readonly Box[], type: string): Uint8Array | undefined => boxes.find((box) => box.type === type)?.content;

/** Reads numbers of 0 to 8 bytes one after another; beyond the end the file is damaged. */
export function numbersOf(bytes: Uint8Array, start = 0): { next: (size: number) => number; at: () => number } {
  let at = start;
  return {
    next(size) {
      if (at + size > bytes.length) throw damaged('a box is cut short');
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + bytes[at++];
      return value;
    },
    at: () => at,
  };
}

/** A box of this content. */
export const boxWith = (type: string, content: Uint8Array): Uint8Array<ArrayBuffer> => joined([numberBytes(content.length + 8, 4), bytesOf(type), content]);
