/**
 * Sum of squared differences of two patches plus `start`, or any value >= limit. The patches are given by the index of
 * their first value in the picture.
 */
export type PatchDistance = (a: number, b: number, start: number, limit: number) => number;

/** The distance for patches of `rows` rows of `run` values each, `stride` values apart, in a picture that must not change any more. */
export function patchDistance(picture: Float32Array, stride: number, run: number, rows: number): PatchDistance {
  return vectorDistance(picture, stride, run, rows) ?? plainDistance(picture, stride, run, rows);
}

/** In plain JavaScript. */
export function plainDistance(picture: Float32Array, stride: number, run: number, rows: number): PatchDistance {
  return (a, b, start, limit) => {
    let sum = start;
    for (let row = 0; row < rows && sum < limit; row++) {
      const p = a + row * stride;
      const q = b + row * stride;
      for (let i = 0; i < run; i++) {
        const d = picture[p + i] - picture[q + i];
        sum += d * d;
      }
    }
    return sum;
  };
}

/** In WebAssembly, four values at a time; none where that is not allowed or not known. */
export function vectorDistance(picture: Float32Array, stride: number, run: number, rows: number): PatchDistance | undefined {
  try {
    compiled ??= new WebAssembly.Module(moduleBytes());
    const memory = new WebAssembly.Memory({ initial: Math.ceil((picture.byteLength + 1) / 65536) });
    new Float32Array(memory.buffer).set(picture);
    const { distance } = new WebAssembly.Instance(compiled, { picture: { memory } }).exports as { distance: (...args: number[]) => number };
    const [step, whole, all] = [4 * stride, 16 * (run >> 2), 4 * run];
    return (a, b, start, limit) => distance(4 * a, 4 * b, step, whole, all, rows, start, limit);
  } catch {
    return undefined;
  }
}

let compiled: WebAssembly.Module | undefined;

// The few instructions needed, by their numbers in the WebAssembly specification.
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const number = (value: number) => [0x41, value];
const [end, leave, i32Add, i32Sub, i32GreaterEqual, greaterEqual, add, subtract, multiply] = [0x0b, 0x0f, 0x6a, 0x6b, 0x4e, 0x60, 0x92, 0x93, 0x94];
const load = [0x2a, 2, 0];
const vector = {
  load: [0xfd, 0, 2, 0],
  zero: [0xfd, 12, ...new Array<number>(16).fill(0)],
  add: [0xfd, 0xe4, 1],
  subtract: [0xfd, 0xe5, 1],
  multiply: [0xfd, 0xe6, 1],
};
const lane = (n: number) => [0xfd, 0x1f, n];
const when = (condition: number[], body: number[]) => [...condition, 0x04, 0x40, ...body, end];
const loop = (until: number[], body: number[]) => [0x02, 0x40, 0x03, 0x40, ...until, 0x0d, 1, ...body, 0x0c, 0, end, end];

// Parameters, then locals, of the function; addresses and lengths in bytes, `whole` of them in groups of four values.
const [a, b, stride, whole, all, rows, sum, limit, i, total, difference, single] = Array.from({ length: 12 }, (_, n) => n);
const at = (pointer: number) => [...get(pointer), ...get(i), i32Add];
const advance = (local: number, by: number[]) => [...get(local), ...by, i32Add, ...set(local)];

/** Row by row until the sum reaches the limit. */
function distanceCode(): number[] {
  const quads = loop(
    [...get(i), ...get(whole), i32GreaterEqual],
    [
      ...[...at(a), ...vector.load, ...at(b), ...vector.load, ...vector.subtract, ...set(difference)],
      ...[...get(total), ...get(difference), ...get(difference), ...vector.multiply, ...vector.add, ...set(total)],
      ...advance(i, number(16)),
    ],
  );
  const rest = loop(
    [...get(i), ...get(all), i32GreaterEqual],
    [
      ...[...at(a), ...load, ...at(b), ...load, subtract, ...set(single)],
      ...[...get(sum), ...get(single), ...get(single), multiply, add, ...set(sum)],
      ...advance(i, number(4)),
    ],
  );
  const gather = [0, 1, 2, 3].flatMap((n) => [...get(sum), ...get(total), ...lane(n), add, ...set(sum)]);
  return loop(
    [...number(0), ...get(rows), i32GreaterEqual],
    [
      ...when([...get(sum), ...get(limit), greaterEqual], [...get(sum), leave]),
      ...[...vector.zero, ...set(total), ...number(0), ...set(i)],
      ...[...quads, ...rest, ...gather],
      ...[...advance(a, get(stride)), ...advance(b, get(stride))],
      ...[...get(rows), ...number(1), i32Sub, ...set(rows)],
    ],
  );
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const length = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...length(n >> 7)]);
  const section = (id: number, content: number[]) => [id, ...length(content.length), ...content];
  const name = (text: string) => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];
  const [i32, f32, v128] = [0x7f, 0x7d, 0x7b];
  const body = [3, 1, i32, 2, v128, 1, f32, ...distanceCode(), ...get(sum), end];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 8, i32, i32, i32, i32, i32, i32, f32, f32, 1, f32]),
    ...section(2, [1, ...name('picture'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('distance'), 0, 0]),
    ...section(10, [1, ...length(body.length), ...body]),
  ]);
}
