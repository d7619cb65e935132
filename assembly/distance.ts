/**
 * Sum of squared differences of two patches plus `start`, or any value >= limit: row by row until the sum reaches the limit. A row is
 * `run` values; `stride`, in bytes, leads to the next.
 */
export function distance(a: usize, b: usize, stride: usize, run: i32, rows: i32, start: f32, limit: f32): f32 {
  let sum = start;
  const whole = (run >> 2) << 4;
  const all = run << 2;
  for (; rows > 0 && sum < limit; rows--) {
    let four = f32x4.splat(0);
    let i = 0;
    for (; i < whole; i += 16) {
      const d = f32x4.sub(v128.load(a + i), v128.load(b + i));
      four = f32x4.add(four, f32x4.mul(d, d));
    }
    for (; i < all; i += 4) {
      const d = load<f32>(a + i) - load<f32>(b + i);
      sum += d * d;
    }
    sum += f32x4.extract_lane(four, 0) + f32x4.extract_lane(four, 1) + f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3);
    a += stride;
    b += stride;
  }
  return sum;
}
