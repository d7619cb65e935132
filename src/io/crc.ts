// Reflected CRC-32, eight bytes a step: table k takes a byte that has k more bytes after it.
//
// Why no library: crc-32 has both sums, and is as fast; forty lines are less than a dependency. Node has only one of them, and that not in
// every version 20; browsers have none.

function tablesOf(polynomial: number): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    first[byte] = crc;
  }
  const tables = [first];
  for (let k = 1; k < 8; k++) tables.push(tables[k - 1].map((crc) => (crc >>> 8) ^ first[crc & 255]));
  return tables;
}

const tablesFor = new Map<number, Int32Array[]>();

function crcOf(bytes: Uint8Array, polynomial: number): number {
  const tables = tablesFor.get(polynomial) ?? tablesOf(polynomial);
  tablesFor.set(polynomial, tables);
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = -1;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    crc =
      t7[crc & 255] ^
      t6[(crc >>> 8) & 255] ^
      t5[(crc >>> 16) & 255] ^
      t4[crc >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}

/** CRC-32 as zip and PNG use it. */
export const crc32 = (bytes: Uint8Array): number => crcOf(bytes, 0xedb88320);

/** CRC-32C, turned and shifted as LevelDB stores it. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crcOf(bytes, 0x82f63b78);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
