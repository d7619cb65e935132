import { maskedCrc32c } from '../crc';
import { damaged, unreadable } from './parse';

// The table format of LevelDB, in which TensorFlow keeps a checkpoint's index: blocks of sorted keys and values, each key written
// as what differs from the one before; a block of the blocks' places; a footer with the place of that one.
//
// Why no library: classic-level opens databases, which are folders, in Node alone; a checkpoint's index is a single table.

const FOOTER = 48;
/** After each block: how it is compressed, and a checksum. */
const TRAILER = 5;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/** Whether the bytes end as a table does. */
export const isTable = (bytes: Uint8Array): boolean => bytes.length >= FOOTER && MAGIC.every((byte, i) => bytes[bytes.length - 8 + i] === byte);

/** Reads numbers of 7 bits a byte, one after another. */
function numbersIn(bytes: Uint8Array, start: number): { next: () => number; readonly at: number } {
  let at = start;
  return {
    next() {
      let value = 0;
      for (let factor = 1; at < bytes.length && factor <= 2 ** 42; factor *= 128) {
        const byte = bytes[at++];
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
      throw damaged('checkpoint index: the bytes end within a number');
    },
    get at() {
      return at;
    },
  };
}

/** Where a block is. */
interface Handle {
  offset: number;
  size: number;
}

function handleOf(bytes: Uint8Array, start = 0): Handle & { end: number } {
  const numbers = numbersIn(bytes, start);
  const offset = numbers.next();
  const size = numbers.next();
  return { offset, size, end: numbers.at };
}

/** The content of a block, its checksum checked. */
function blockAt(file: Uint8Array, { offset, size }: Handle): Uint8Array {
  const end = offset + size;
  if (end + TRAILER > file.length - FOOTER) {
    throw damaged(`checkpoint index: a block ends at ${end}, the file at ${file.length}`, { expected: file.length, actual: end });
  }
  const checksum = new DataView(file.buffer, file.byteOffset + end + 1, 4).getUint32(0, true);
  const actual = maskedCrc32c(file.subarray(offset, end + 1));
  if (actual !== checksum) throw damaged('checkpoint index: the checksum of a block is not that of its bytes', { expected: checksum, actual });
  if (file[end] !== 0) {
    throw unreadable(
      `checkpoint index: a block is compressed${file[end] === 1 ? ' with snappy, as in the V1 format' : ''}; save the checkpoint in the V2 format`,
      {
        expected: 0,
        actual: file[end],
      },
    );
  }
  return file.subarray(offset, end);
}

/** Whether a comes before b. */
function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return a.length < b.length;
}

/** Walks the keys and values of a block. `allowance` is how many bytes the keys may yet unfold to. */
function* entriesOf(block: Uint8Array, allowance: { left: number }): Generator<[Uint8Array, Uint8Array], void, void> {
  if (block.length < 4) throw damaged('checkpoint index: a block is too short');
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4, 4).getUint32(0, true);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw damaged(`checkpoint index: a block claims ${restarts} restarts`, { actual: restarts });
  let last = new Uint8Array(0);
  for (let at = 0; at < end; ) {
    const numbers = numbersIn(block, at);
    const [shared, added, length] = [numbers.next(), numbers.next(), numbers.next()];
    const start = numbers.at;
    at = start + added + length;
    if (shared > last.length || at > end) throw damaged('checkpoint index: an entry is longer than its block');
    allowance.left -= shared + added;
    if (allowance.left < 0) throw damaged('checkpoint index: the names are longer than a file of this size can hold');
    const key = new Uint8Array(shared + added);
    key.set(last.subarray(0, shared));
    key.set(block.subarray(start, start + added), shared);
    last = key;
    yield [key, block.subarray(start + added, at)];
  }
}

/** Walks the keys and values of a table, in the order of the keys. */
export function* tableEntries(file: Uint8Array): Generator<[Uint8Array, Uint8Array], void, void> {
  if (!isTable(file)) throw damaged('checkpoint index: the file does not end as an index does: it is cut short');
  const footer = file.subarray(file.length - FOOTER, file.length - 8);
  const index = blockAt(file, handleOf(footer, handleOf(footer).end));
  // Names share beginnings, but not 32 bytes of name for each byte of file.
  const allowance = { left: 32 * file.length };
  let end = 0;
  let last: Uint8Array | undefined;
  for (const [, value] of entriesOf(index, allowance)) {
    const handle = handleOf(value);
    // One block after another: none is read twice.
    if (handle.offset < end) throw damaged('checkpoint index: blocks overlap', { expected: end, actual: handle.offset });
    end = handle.offset + handle.size + TRAILER;
    for (const [key, content] of entriesOf(blockAt(file, handle), allowance)) {
      if (last && !isBefore(last, key)) throw damaged('checkpoint index: names are not in order, or there twice');
      last = key;
      yield [key, content];
    }
  }
}
