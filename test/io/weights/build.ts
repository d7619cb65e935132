// Files put together by hand, for what no tool would write.
import { maskedCrc32c } from '../../../src/io/crc';

const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A safetensors file of this header, an object or the text itself, and this many bytes of values. */
export function safetensors(header: unknown, values: number): Uint8Array {
  const json = text(typeof header === 'string' ? header : JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, json.length, true);
  return concat(length, json, new Uint8Array(values));
}

/** A varint, of a negative number as the ten bytes of its two's complement. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

type Value = number | bigint | string | Uint8Array;

/** A protocol buffer: numbers become varints, text and bytes content. */
export const message = (...fields: [number, Value][]): Uint8Array =>
  concat(
    ...fields.flatMap(([number, value]) => {
      if (typeof value === 'number' || typeof value === 'bigint') return [varint(number * 8), varint(value)];
      const content = typeof value === 'string' ? text(value) : value;
      return [varint(number * 8 + 2), varint(content.length), content];
    }),
  );

/** A TensorShapeProto. */
export const shape = (...sizes: (number | bigint)[]): Uint8Array => message(...sizes.map((size): [number, Value] => [2, message([1, size])]));

/** A GraphDef with one constant. */
export const graph = (tensor: Uint8Array, name = 'w'): Uint8Array => message([1, constant(tensor, name)]);

/** A NodeDef that is a constant. */
export const constant = (tensor: Uint8Array, name = 'w'): Uint8Array => message([1, name], [2, 'Const'], [5, message([1, 'value'], [2, message([8, tensor])])]);

/** A parameter of a MindSpore checkpoint. */
export const parameter = (tag: string, dims: (number | bigint)[], type: string, content: Uint8Array): [number, Value] => [
  1,
  message([1, tag], [2, message(...dims.map((size): [number, Value] => [1, size]), [2, type], [3, content])]),
];

/** An ONNX model with these initialisers. */
export const onnx = (...initialisers: Uint8Array[]): Uint8Array =>
  message([1, 8], [2, 'test'], [7, message(...initialisers.map((tensor): [number, Value] => [5, tensor]))]);

interface Entry {
  key: string | Uint8Array;
  value: Uint8Array;
  /** Bytes of the key before to start with; a lie if larger than that key. */
  shared?: number;
}

/** A block of a LevelDB table with its trailer: every key is written in full unless it says `shared`. */
export function block(entries: Entry[], compression = 0): Uint8Array {
  const parts = entries.map(({ key, value, shared = 0 }) => {
    const bytes = typeof key === 'string' ? text(key) : key;
    return concat(varint(shared), varint(bytes.length), varint(value.length), bytes, value);
  });
  const content = concat(...parts, new Uint8Array(4), Uint8Array.of(1, 0, 0, 0), Uint8Array.of(compression));
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, maskedCrc32c(content), true);
  return concat(content, checksum);
}

const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);

/** A LevelDB table of these blocks; `places` may say other places than they have. */
export function table(blocks: Entry[][], { compression = 0, places }: { compression?: number; places?: [number, number][] } = {}): Uint8Array {
  const written = blocks.map((entries) => block(entries, compression));
  const handle = (offset: number, size: number) => concat(varint(offset), varint(size));
  let at = 0;
  const found = written.map(({ length }): [number, number] => {
    at += length;
    return [at - length, length - 5];
  });
  const index = block((places ?? found).map(([offset, size], i) => ({ key: String.fromCharCode(97 + i), value: handle(offset, size) })));
  const footer = new Uint8Array(48);
  footer.set(concat(handle(0, 0), handle(at, index.length - 5)));
  footer.set(MAGIC, 40);
  return concat(...written, index, footer);
}

/** The header of a checkpoint's index. */
export const header = (...fields: [number, Value][]): Entry => ({ key: '', value: message(...fields) });

/** The entry of a tensor in a checkpoint's index, with the checksum of its values. */
export function entry(name: string | Uint8Array, fields: [number, Value][], values: Uint8Array = new Uint8Array(0)): Entry {
  const checksum = new Uint8Array(5);
  checksum[0] = 6 * 8 + 5;
  new DataView(checksum.buffer).setUint32(1, maskedCrc32c(values), true);
  return { key: name, value: concat(message(...fields), checksum) };
}

/** Zeros. */
export const zeros = (length: number): Uint8Array => new Uint8Array(length);
export { concat };
