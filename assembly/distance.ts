/** The sum of a vector's four values. */
export function total(four: v128): f32 {
  const two = f32x4.add(four, i32x4.shuffle(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}

/** A vector whose first `count` values are kept by a bitwise "and", and the others made 0. */
export function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/**
 * Sum of squared differences of two patches plus `start`, or any value >= limit: row by row until the sum reaches the limit. A row is
 * `run` values; `stride`, in bytes, leads to the next. Up to three values behind a row are read, and not counted.
 */
export function distance(a: usize, b: usize, stride: usize, run: i32, rows: i32, start: f32, limit: f32): f32 {
  const rest = firstLanes(run & 3);
  const pairs: usize = (run >> 3) << 5;
  const whole: usize = (run >> 2) << 4;
  let even = f32x4.replace_lane(f32x4.splat(0), 0, start);
  let odd = f32x4.splat(0);
  let sum = start;
  for (; rows > 0 && sum < limit; rows--) {
    let i: usize = 0;
    for (; i < pairs; i += 32) {
      const d = f32x4.sub(v128.load(a + i), v128.load(b + i));
      const e = f32x4.sub(v128.load(a + i, 16), v128.load(b + i, 16));
      even = f32x4.add(even, f32x4.mul(d, d));
      odd = f32x4.add(odd, f32x4.mul(e, e));
    }
    if (i < whole) {
      const d = f32x4.sub(v128.load(a + i), v128.load(b + i));
      even = f32x4.add(even, f32x4.mul(d, d));
      i += 16;
    }
    if (run & 3) {
      const d = v128.and(f32x4.sub(v128.load(a + i), v128.load(b + i)), rest);
      odd = f32x4.add(odd, f32x4.mul(d, d));
    }
    sum = total(f32x4.add(even, odd));
    a += stride;
    b += stride;
  }
  return sum;
}
