/**
 * The weighted mean of what the patches over each of the pixels at `places` bring from their sources, as plainVotes() of
 * src/arrays/patch-votes.ts has it. `offsets` are i32, rows and columns; `weights` and `features` f32, of which up to seven values behind
 * a pixel are read, and not counted. `out` takes the means, place by place.
 */
export function votePatches(
  features: usize,
  height: i32,
  width: i32,
  channels: i32,
  patchSize: i32,
  places: usize,
  count: i32,
  offsets: usize,
  weights: usize,
  out: usize,
): void {
  const pixel: usize = 4 * channels;
  const margin = patchSize >> 1;
  for (let n = 0; n < count; n++) {
    const p = load<i32>(places + 4 * n);
    const y = p / width;
    const x = p - y * width;
    const top = max(y - margin, 0);
    const bottom = min(y + margin, height - 1);
    const left = max(x - margin, 0);
    const right = min(x + margin, width - 1);
    // Eight channels at a time.
    for (let first = 0; first < channels; first += 8) {
      let low = f32x4.splat(0);
      let high = f32x4.splat(0);
      let all: f32 = 0;
      for (let qy = top; qy <= bottom; qy++) {
        for (let qx = left; qx <= right; qx++) {
          const q = qy * width + qx;
          const weight = load<f32>(weights + 4 * q);
          if (!(weight > 0)) continue;
          const sy = y + load<i32>(offsets + 8 * q);
          const sx = x + load<i32>(offsets + 8 * q, 4);
          // A query's patch may hang over the border where its source does not.
          if (<u32>sy >= <u32>height || <u32>sx >= <u32>width) continue;
          all += weight;
          const s = features + (sy * width + sx) * pixel + 4 * first;
          const w = f32x4.splat(weight);
          low = f32x4.add(low, f32x4.mul(w, v128.load(s)));
          high = f32x4.add(high, f32x4.mul(w, v128.load(s, 16)));
        }
      }
      const to = out + n * pixel + 4 * first;
      if (!(all > 0)) {
        memory.copy(to, features + p * pixel + 4 * first, 4 * min(channels - first, 8));
        continue;
      }
      const whole = f32x4.splat(all);
      low = f32x4.div(low, whole);
      high = f32x4.div(high, whole);
      const rest = channels - first;
      store<f32>(to, f32x4.extract_lane(low, 0));
      if (rest > 1) store<f32>(to, f32x4.extract_lane(low, 1), 4);
      if (rest > 2) store<f32>(to, f32x4.extract_lane(low, 2), 8);
      if (rest > 3) store<f32>(to, f32x4.extract_lane(low, 3), 12);
      if (rest > 4) store<f32>(to, f32x4.extract_lane(high, 0), 16);
      if (rest > 5) store<f32>(to, f32x4.extract_lane(high, 1), 20);
      if (rest > 6) store<f32>(to, f32x4.extract_lane(high, 2), 24);
      if (rest > 7) store<f32>(to, f32x4.extract_lane(high, 3), 28);
    }
  }
}
