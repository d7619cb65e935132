/**
 * Sums of `taps` f32 values each, `stride` bytes apart from `from` on, times their f64 weights: `count` sums side by side into `out`, rounded
 * to single precision from term to term, as plainBlurred() of src/arrays/gaussian.ts has it. Reads and writes up to three values more.
 */
export function weigh(out: usize, from: usize, stride: usize, taps: i32, weights: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    let sums = f32x4.splat(0);
    let at = from + 4 * i;
    for (let k = 0; k < taps; k++, at += stride) {
      const weight = v128.load64_splat(weights + 8 * k);
      const values = v128.load(at);
      const low = f64x2.add(f64x2.promote_low_f32x4(sums), f64x2.mul(weight, f64x2.promote_low_f32x4(values)));
      const high = f64x2.add(
        f64x2.promote_low_f32x4(v128.shuffle<i64>(sums, sums, 1, 1)),
        f64x2.mul(weight, f64x2.promote_low_f32x4(v128.shuffle<i64>(values, values, 1, 1))),
      );
      sums = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    }
    v128.store(out + 4 * i, sums);
  }
}
