/**
 * One round of successive over-relaxation over the hole, as plainRelaxation() of src/generators/exemplar/relax.ts has it. Everything is a
 * vector of four f32 a pixel: `colours` of the whole picture, with a row of 0 above and below; `wanted` and `ties` (right, left, down,
 * up) of the `count` pixels listed in `places`. `shares` is an f32 each. Returns the largest change of a colour.
 */
export function relax(colours: usize, width: i32, places: usize, count: i32, wanted: usize, ties: usize, shares: usize, factor: f32): f32 {
  const below: usize = 16 * width;
  const keep = f32x4.splat(factor);
  let largest = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const at = colours + 16 * load<i32>(places + 4 * i);
    const tie = v128.load(ties + 16 * i);
    // The pixel on the left was changed last: it comes in last, so that nothing else waits for it.
    let sum = v128.load(wanted + 16 * i);
    sum = f32x4.add(sum, f32x4.mul(i32x4.shuffle(tie, tie, 0, 0, 0, 0), v128.load(at + 16)));
    sum = f32x4.add(sum, f32x4.mul(i32x4.shuffle(tie, tie, 2, 2, 2, 2), v128.load(at + below)));
    sum = f32x4.add(sum, f32x4.mul(i32x4.shuffle(tie, tie, 3, 3, 3, 3), v128.load(at - below)));
    sum = f32x4.add(sum, f32x4.mul(i32x4.shuffle(tie, tie, 1, 1, 1, 1), v128.load(at - 16)));
    const old = v128.load(at);
    const change = f32x4.sub(f32x4.mul(v128.load32_splat(shares + 4 * i), sum), f32x4.mul(keep, old));
    v128.store(at, f32x4.add(old, change));
    largest = f32x4.max(largest, f32x4.abs(change));
  }
  return max(max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)), max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)));
}
