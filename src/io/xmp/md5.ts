// MD5 (RFC 1321), which names the extension of an XMP packet: no check against forgery. Platforms no longer offer it.
//
// Why no library: spark-md5 would be a dependency for one sum of one kind of file.

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))));
const MIXES: ((b: number, c: number, d: number) => number)[] = [
  (b, c, d) => (b & c) | (~b & d),
  (b, c, d) => (d & b) | (~d & c),
  (b, c, d) => b ^ c ^ d,
  (b, c, d) => c ^ (b | ~d),
];
// Which word of a block a step adds, by round: i -> a i + b.
const WORDS = [
  [1, 0],
  [5, 1],
  [3, 5],
  [7, 0],
];

/** The MD5 of bytes, as 32 upper-case hexadecimal digits. */
export function md5Of(bytes: Uint8Array): string {
  const padded = new DataView(new ArrayBuffer(((bytes.length + 8) >> 6) * 64 + 64));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(bytes.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, BigInt(bytes.length) * 8n, true);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < padded.byteLength; block += 64) {
    let [a, b, c, d] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const [by, from] = WORDS[round];
      const sum = (a + MIXES[round](b, c, d) + SINES[i] + padded.getInt32(block + 4 * ((by * i + from) & 15), true)) | 0;
      const shift = SHIFTS[round][i & 3];
      [a, b, c, d] = [d, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0, b, c];
    }
    state.set([state[0] + a, state[1] + b, state[2] + c, state[3] + d]);
  }
  return Array.from(new Uint8Array(state.buffer), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}
