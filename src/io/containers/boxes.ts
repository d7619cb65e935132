import { bytesOf, charactersAt, joined, numberBytes, viewOf } from './bytes';
import { damaged } from './header';

/** A box of an ISO base media file: its type, and its content without the head. */
export interface Box {
  type: string;
  content: Uint8Array;
}

/** The boxes of a stretch of bytes, one after another. */
export function boxesOf(bytes: Uint8Array): Box[] {
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
    if (size < head || at + size > bytes.length) throw damaged(`the box ${JSON.stringify(type)} is cut short`);
    boxes.push({ type, content: bytes.subarray(at + head, at + size) });
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
