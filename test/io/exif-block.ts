// EXIF blocks made and read by hand, not by way of the code under test.

/** An entry: tag, type, number of values, and the values, a directory or a picture that an offset points to. */
export type Entry = [tag: number, type: number, count: number, value: Buffer | Entry[] | { image: Buffer }];

export const ascii = (tag: number, text: string): Entry => [tag, 2, text.length + 1, Buffer.from(`${text}\0`)];

/** A TIFF of directories one after another; `gap` bytes stand before each value. */
export function tiffOf(little: boolean, directories: Entry[][], gap = 0): Buffer {
  const block: Buffer = Buffer.alloc(1 << 20);
  const u16 = (value: number, at: number) => (little ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at));
  const u32 = (value: number, at: number) => (little ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at));
  let end = 8;
  const store = (bytes: Buffer): number => {
    end += (end & 1) + gap;
    const at = end;
    bytes.copy(block, at);
    end += bytes.length;
    return at;
  };
  const put = (entries: Entry[], following: Entry[][]): number => {
    const at = end;
    end += 6 + 12 * entries.length;
    u16(entries.length, at);
    entries.forEach(([tag, type, count, value], i) => {
      const entry = at + 2 + 12 * i;
      u16(tag, entry);
      u16(type, entry + 2);
      u32(count, entry + 4);
      if (Array.isArray(value)) {
        end += end & 1;
        u32(put(value, []), entry + 8);
      } else if (!Buffer.isBuffer(value)) u32(store(value.image), entry + 8);
      else if (value.length > 4) u32(store(value), entry + 8);
      else value.copy(block, entry + 8);
    });
    if (following.length > 0) {
      end += end & 1;
      u32(put(following[0], following.slice(1)), at + 2 + 12 * entries.length);
    }
    return at;
  };
  block.write(little ? 'II' : 'MM', 'latin1');
  u16(42, 2);
  u32(8, 4);
  put(directories[0], directories.slice(1));
  return block.subarray(0, end);
}

const SIZE = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** All values by the path of their tags, such as `8769/927c`; the second directory's begin with `next/`. Numbers as such, else hexadecimal. */
export function valuesOf(block: Uint8Array): Record<string, string> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.length).subarray(Buffer.from(block.subarray(0, 4)).toString() === 'Exif' ? 6 : 0);
  const little = bytes[0] === 0x49;
  const u16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const result: Record<string, string> = {};
  const visit = (at: number, path: string) => {
    const count = u16(at);
    for (let i = 0, last = -1; i < count; i++) {
      const entry = at + 2 + 12 * i;
      const [tag, type, number] = [u16(entry), u16(entry + 2), u32(entry + 4)];
      if (tag < last) throw new Error('entries are not in order');
      last = tag;
      const name = path + tag.toString(16);
      const length = SIZE[type] * number;
      const start = length > 4 ? u32(entry + 8) : entry + 8;
      if (start + length > bytes.length) throw new Error(`${name} lies beyond the end`);
      if ([0x8769, 0x8825, 0xa005].includes(tag)) visit(u32(entry + 8), `${name}/`);
      else if (tag === 0x201) result[name] = bytes.subarray(u32(entry + 8), u32(entry + 8) + u32(entry + 20)).toString('hex');
      else if (type === 3) result[name] = Array.from({ length: number }, (_, k) => u16(start + 2 * k)).join();
      else if (type === 4 || type === 5) result[name] = Array.from({ length: length / 4 }, (_, k) => u32(start + 4 * k)).join();
      else result[name] = bytes.subarray(start, start + length).toString('hex');
    }
    const next = u32(at + 2 + 12 * count);
    if (next && path === '') visit(next, 'next/');
  };
  visit(u32(4), '');
  return result;
}
