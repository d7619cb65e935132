const SIDE = 7;
const MARGIN = 3;
const REACH = 2;
const TRIES = 3;
const GAIN: f64 = 0.9;
const NEVER = Infinity;

// What is marked of a level's pixels: those of the hole, and those that a patch of known ones is centred on.
const HOLE = 1;
const CENTRE = 2;

// The picture at a level, 3 bytes a pixel, and its marks, a byte each.
let colours: usize = 0;
let marks: usize = 0;
let height: i32 = 0;
let width: i32 = 0;
// The field's rectangle in it: offsets down and across, what is covered, and the picture as the field makes it, wider by MARGIN.
let top: i32 = 0;
let left: i32 = 0;
let rows: i32 = 0;
let columns: i32 = 0;
let offsets: usize = 0;
let covered: usize = 0;
let estimate: usize = 0;
let random: u32 = 0;

// The best place so far for the pixel at hand.
let best: f64 = 0;
let bestY: i32 = 0;
let bestX: i32 = 0;

/** Says where the picture of a level lies. */
export function alignIn(coloursAt: usize, marksAt: usize, levelHeight: i32, levelWidth: i32): void {
  colours = coloursAt;
  marks = marksAt;
  height = levelHeight;
  width = levelWidth;
}

/** Says where the field over a rectangle of it lies, and begins the stream of random numbers. */
export function alignField(y: i32, x: i32, high: i32, wide: i32, offsetsAt: usize, coveredAt: usize, estimateAt: usize, seed: u32): void {
  top = y;
  left = x;
  rows = high;
  columns = wide;
  offsets = offsetsAt;
  covered = coveredAt;
  estimate = estimateAt;
  random = seed;
}

/** Aligns the pixels of a list, which are indices in the field, one after the other, from either end. */
export function align(list: usize, count: i32, backwards: bool): void {
  const step = backwards ? 1 : -1;
  for (let n = 0; n < count; n++) alignPixel(load<i32>(list + ((backwards ? count - 1 - n : n) << 2)), step);
}

function alignPixel(at: i32, step: i32): void {
  const r = at / columns;
  const c = at - r * columns;
  const y = top + r;
  const x = left + c;
  const own = offsets + (at << 3);
  const patch = estimate + 3 * (r * (columns + 2 * MARGIN) + c);
  const oldY = y + load<i32>(own);
  const oldX = x + load<i32>(own, 4);
  bestY = oldY;
  bestX = oldX;
  best = distance(patch, oldY, oldX, NEVER);
  // Inside a copy everything agrees already.
  if (best === 0) return;
  const beside = at + step;
  if (c + step >= 0 && c + step < columns && load<u8>(covered + beside)) attemptLike(patch, beside, y, x);
  const above = at + step * columns;
  if (r + step >= 0 && r + step < rows && load<u8>(covered + above)) attemptLike(patch, above, y, x);
  for (let t = 0; t < TRIES; t++) {
    const down = <i32>(nextRandom() % (2 * REACH + 1)) - REACH;
    const across = <i32>(nextRandom() % (2 * REACH + 1)) - REACH;
    attempt(patch, bestY + down, bestX + across, best * GAIN);
  }
  if (bestY === oldY && bestX === oldX) return;
  store<i32>(own, bestY - y);
  store<i32>(own, bestX - x, 4);
  if (load<u8>(marks + y * width + x) !== HOLE) return;
  const from = colours + 3 * (bestY * width + bestX);
  const to = patch + 3 * (MARGIN * (columns + 2 * MARGIN) + MARGIN);
  store<u16>(to, load<u16>(from));
  store<u8>(to, load<u8>(from, 2), 2);
}

function attemptLike(patch: usize, other: i32, y: i32, x: i32): void {
  const offset = offsets + (other << 3);
  attempt(patch, y + load<i32>(offset), x + load<i32>(offset, 4), best);
}

function attempt(patch: usize, y: i32, x: i32, limit: f64): void {
  if (y < 0 || x < 0 || y >= height || x >= width || (y === bestY && x === bestX) || load<u8>(marks + y * width + x) !== CENTRE) return;
  const d = distance(patch, y, x, limit);
  if (d >= limit) return;
  best = d;
  bestY = y;
  bestX = x;
}

/** Sum of squared differences of the estimate's patch and the one around a place, or any value >= limit. */
function distance(patch: usize, y: i32, x: i32, limit: f64): f64 {
  let a = patch;
  let b = colours + 3 * ((y - MARGIN) * width + x - MARGIN);
  const strideA = 3 * (columns + 2 * MARGIN);
  const strideB = 3 * width;
  let sums = i32x4.splat(0);
  for (let row = 0; row < SIDE; row++, a += strideA, b += strideB) {
    // A row is 21 bytes: 16, and the last five of the 16 that end with it.
    const p = v128.load(a);
    const q = v128.load(b);
    const low = i16x8.sub(i16x8.extend_low_i8x16_u(p), i16x8.extend_low_i8x16_u(q));
    const high = i16x8.sub(i16x8.extend_high_i8x16_u(p), i16x8.extend_high_i8x16_u(q));
    const end = v128.and(i16x8.sub(i16x8.extend_high_i8x16_u(v128.load(a, 5)), i16x8.extend_high_i8x16_u(v128.load(b, 5))), i16x8(0, 0, 0, -1, -1, -1, -1, -1));
    sums = i32x4.add(sums, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.add(i32x4.dot_i16x8_s(high, high), i32x4.dot_i16x8_s(end, end))));
    if (row === 2 && <f64>total(sums) >= limit) return limit;
  }
  return <f64>total(sums);
}

function total(four: v128): i32 {
  return i32x4.extract_lane(four, 0) + i32x4.extract_lane(four, 1) + i32x4.extract_lane(four, 2) + i32x4.extract_lane(four, 3);
}

/** mulberry32, as src/arrays/random.ts has it. */
function nextRandom(): u32 {
  random += 0x6d2b79f5;
  let t = (random ^ (random >> 15)) * (1 | random);
  t = (t + (t ^ (t >> 7)) * (61 | t)) ^ t;
  return t ^ (t >> 14);
}
