// What src/generators/exemplar does once it knows which patch each pixel of the hole is like. All pictures are f32, row by row; `offsets` are
// i32, down and across.

/** As plainBest() of best-offsets.ts has it: offsets into `out`. A patch that is centred further off costs more, by `distance` for its square. */
export function bestOffsets(queries: usize, offsets: usize, distances: usize, height: i32, width: i32, patchSize: i32, distance: f64, out: usize): void {
  const margin = patchSize >> 1;
  memory.fill(out, 0, 8 * height * width);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      if (!load<f32>(queries + 4 * p)) continue;
      let best = f64.MAX_VALUE;
      let from = p;
      for (let qy = max(y - margin, 0); qy <= min(y + margin, height - 1); qy++) {
        for (let qx = max(x - margin, 0); qx <= min(x + margin, width - 1); qx++) {
          const q = qy * width + qx;
          if (!load<f32>(queries + 4 * q)) continue;
          const sy = y + load<i32>(offsets + 8 * q);
          const sx = x + load<i32>(offsets + 8 * q, 4);
          if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
          const cost = load<f32>(distances + 4 * q) * (1 + distance * ((qy - y) * (qy - y) + (qx - x) * (qx - x)));
          if (cost < best) {
            best = cost;
            from = q;
          }
        }
      }
      store<i64>(out + 8 * p, load<i64>(offsets + 8 * from));
    }
  }
}

/**
 * Lays out what {@link relax} works on, as plainEquations() of equations.ts has it: `picture`, the `colours` with the hole copied, and before it
 * and after it a row of 0; `wanted`, `ties` and `shares` of the `count` pixels of the hole, which are listed in `places`.
 */
export function layEquations(
  colours: usize,
  hole: usize,
  barred: usize,
  texture: usize,
  offsets: usize,
  height: i32,
  width: i32,
  places: usize,
  count: i32,
  leastHold: f64,
  hold: f64,
  step: f64,
  stepToBarred: f64,
  factor: f64,
  picture: usize,
  wanted: usize,
  ties: usize,
  shares: usize,
): void {
  const pixels = height * width;
  memory.fill(picture - 16 * width, 0, 16 * width);
  memory.fill(picture + 16 * pixels, 0, 16 * width);
  for (let p = 0; p < pixels; p++) v128.store(picture + 16 * p, f32x4.replace_lane(v128.load(colours + 12 * p), 3, 0));
  for (let i = 0; i < count; i++) {
    const p = load<i32>(places + 4 * i);
    const s = p + load<i32>(offsets + 8 * p) * width + load<i32>(offsets + 8 * p, 4);
    v128.store(picture + 16 * p, f32x4.replace_lane(v128.load(colours + 12 * s), 3, 0));
  }
  for (let i = 0; i < count; i++, wanted += 16, ties += 16, shares += 4) {
    const p = load<i32>(places + 4 * i);
    const y = p / width;
    const x = p - y * width;
    const sy = y + load<i32>(offsets + 8 * p);
    const sx = x + load<i32>(offsets + 8 * p, 4);
    const from = colours + 12 * (sy * width + sx);
    const copied = v128.load(picture + 16 * p);
    let sums = f32x4.splat(0);
    let degree: f32 = 0;
    for (let n = 0; n < 4; n++) {
      const dy = n === 2 ? 1 : n === 3 ? -1 : 0;
      const dx = n === 0 ? 1 : n === 1 ? -1 : 0;
      store<f32>(ties + 4 * n, 0);
      if (y + dy < 0 || x + dx < 0 || y + dy >= height || x + dx >= width) continue;
      const q = p + dy * width + dx;
      let low = f64x2.splat(0);
      let high = low;
      let count = 0;
      const sq = source(barred, height, width, sy + dy, sx + dx);
      if (sq >= 0) {
        const a = v128.load(from);
        const b = v128.load(colours + 12 * sq);
        low = f64x2.add(low, f64x2.sub(lowOf(a), lowOf(b)));
        high = f64x2.add(high, f64x2.sub(highOf(a), highOf(b)));
        count++;
      }
      if (load<f32>(hole + 4 * q)) {
        const down = load<i32>(offsets + 8 * q);
        const across = load<i32>(offsets + 8 * q, 4);
        const t = source(barred, height, width, y + dy + down, x + dx + across);
        const tp = source(barred, height, width, y + down, x + across);
        if (t >= 0 && tp >= 0) {
          const a = v128.load(colours + 12 * tp);
          const b = v128.load(colours + 12 * t);
          low = f64x2.add(low, f64x2.sub(lowOf(a), lowOf(b)));
          high = f64x2.add(high, f64x2.sub(highOf(a), highOf(b)));
          count++;
        }
      }
      if (count === 2) {
        low = f64x2.mul(low, f64x2.splat(0.5));
        high = f64x2.mul(high, f64x2.splat(0.5));
      }
      const beside = v128.load(picture + 16 * q);
      const first = f64x2.sub(f64x2.sub(lowOf(copied), lowOf(beside)), low);
      const second = f64x2.sub(f64x2.sub(highOf(copied), highOf(beside)), high);
      const squares = f64x2.mul(first, first);
      const change = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1) + f64x2.extract_lane(f64x2.mul(second, second), 0);
      const largest = load<f32>(barred + 4 * q) && !load<f32>(hole + 4 * q) ? stepToBarred : step;
      const ratio = change / (largest * largest);
      const tie = 1 / (1 + ratio * ratio);
      store<f32>(ties + 4 * n, <f32>tie);
      degree = <f32>(degree + tie);
      sums = plus(sums, tie, low, high);
    }
    const rough = <f64>load<f32>(texture + 4 * p);
    const holds = leastHold + hold * rough * rough;
    degree = <f32>(degree + holds);
    v128.store(wanted, f32x4.replace_lane(plus(sums, holds, lowOf(copied), highOf(copied)), 3, 0));
    store<f32>(shares, <f32>(factor / degree));
  }
}

/** The blended colours, four values a pixel of which three count, into the hole of `colours`. */
export function layBlended(picture: usize, places: usize, count: i32, colours: usize): void {
  for (let i = 0; i < count; i++) {
    const p = load<i32>(places + 4 * i);
    const at = colours + 12 * p;
    const blended = f32x4.min(f32x4.max(v128.load(picture + 16 * p), f32x4.splat(-1)), f32x4.splat(1));
    v128.store64_lane(at, blended, 0);
    v128.store32_lane(at, blended, 2, 8);
  }
}

/** A pixel that may be looked at for its gradient, or -1. */
function source(barred: usize, height: i32, width: i32, y: i32, x: i32): i32 {
  if (y < 0 || x < 0 || y >= height || x >= width) return -1;
  const s = y * width + x;
  return load<f32>(barred + 4 * s) ? -1 : s;
}

function lowOf(colour: v128): v128 {
  return f64x2.promote_low_f32x4(colour);
}

function highOf(colour: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(colour, colour, 1, 1));
}

function plus(sums: v128, weight: f64, low: v128, high: v128): v128 {
  const weights = f64x2.splat(weight);
  const first = f64x2.add(lowOf(sums), f64x2.mul(weights, low));
  const second = f64x2.add(highOf(sums), f64x2.mul(weights, high));
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);
}
