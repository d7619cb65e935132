import type { PictureText } from '../../picture';
import { charactersAt, joined, viewOf } from './bytes';
import { checkedSize, damaged, type Header } from './header';
import { fromUnknown, printable } from './texts';

/** Past the sub-blocks that begin at `at`: each says its length, and one of none ends them. */
function pastBlocks(file: Uint8Array, at: number): number {
  while (at < file.length && file[at] !== 0) at += 1 + file[at];
  if (at >= file.length) throw damaged('the GIF is cut short');
  return at + 1;
}

/** What the sub-blocks from `at` on hold. */
function blocksAt(file: Uint8Array, at: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (; file[at] > 0; at += 1 + file[at]) blocks.push(file.subarray(at + 1, at + 1 + file[at]));
  return joined(blocks);
}

const tableLength = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

/** Reads a GIF's header, and walks through its blocks to count the frames. */
export function gifHeader(file: Uint8Array): Header {
  if (file.length < 13) throw damaged('the GIF is cut short');
  const view = viewOf(file);
  const size = checkedSize(view.getUint16(6, true), view.getUint16(8, true));
  const texts: PictureText[] = [];
  const left = new Set<string>();
  let frames = 0;
  let alpha = false;
  let at = 13 + tableLength(file[10]);
  while (at < file.length && file[at] !== 0x3b) {
    if (file[at] === 0x21) {
      if (file[at + 1] === 0xf9 && file[at + 2] >= 4 && (file[at + 3] & 1) === 1) alpha = true;
      const next = pastBlocks(file, at + 2);
      if (file[at + 1] === 0xfe) texts.push({ keyword: 'Comment', text: fromUnknown(blocksAt(file, at + 2)) });
      // How often an animation is played is nothing that a still picture has.
      const application = file[at + 1] === 0xff ? charactersAt(file, at + 3, 11) : '';
      if (application && !/^(NETSCAPE2\.0|ANIMEXTS1\.0)$/.test(application)) left.add(`the GIF extension ${printable(application)}`);
      if (file[at + 1] === 0x01) left.add('text drawn over the GIF');
      at = next;
    } else if (file[at] === 0x2c && at + 10 < file.length) {
      frames++;
      const [left, top, width, height] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true));
      // What the frame leaves free is transparent.
      if (left > 0 || top > 0 || width < size.width || height < size.height) alpha = true;
      at = pastBlocks(file, at + 11 + tableLength(file[at + 9]));
    } else {
      throw damaged('a GIF block is of no known kind');
    }
  }
  if (frames === 0) throw damaged('the GIF has no pixels');
  return { format: 'gif', ...size, grey: false, alpha, frames, metadata: texts.length > 0 ? { texts } : {}, left: [...left] };
}
