import { random, seed } from './random';

// What it costs to take sources once more, as src/generators/exemplar/reuse.ts has it, of which functions of the same names say why.
// `features` are f32, five a pixel; `places` are those of the `count` sources, i32.

/** About which share of all places looks like each, f32, by so many `samples`, an even number. `room` is for five f64 a place and a sample. */
export function sharesAlike(
  features: usize,
  width: i32,
  places: usize,
  count: i32,
  patchSize: i32,
  samples: i32,
  likeness: f64,
  shares: usize,
  room: usize,
): void {
  const looks = room + 40 * samples;
  looksOf(features, width, places, count, patchSize, looks);
  seed(1);
  // All samples' first channel, then all their second one, and so on.
  const line: usize = 8 * samples;
  for (let j = 0; j < samples; j++) {
    const from = looks + 40 * (random() % count);
    for (let c: usize = 0; c < 5; c++) store<f64>(room + c * line + 8 * j, load<f64>(from + 8 * c));
  }
  let variance: f64 = 0;
  for (let at = room; at < looks; at += line) {
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let j = at; j < at + line; j += 8) {
      sum += load<f64>(j);
      squares += load<f64>(j) * load<f64>(j);
    }
    variance += squares / samples - (sum / samples) * (sum / samples);
  }
  const reach = f64x2.splat(max<f64>(likeness * variance, 1e-9));
  for (let i = 0; i < count; i++) {
    const look = looks + 40 * i;
    const r = v128.load64_splat(look);
    const g = v128.load64_splat(look, 8);
    const b = v128.load64_splat(look, 16);
    const across = v128.load64_splat(look, 24);
    const down = v128.load64_splat(look, 32);
    let alike: f64 = 0;
    for (let j = room; j < room + line; j += 16) {
      let distance = f64x2.add(f64x2.add(apart(r, j), apart(g, j + line)), apart(b, j + 2 * line));
      if (!v128.any_true(f64x2.lt(distance, reach))) continue;
      distance = f64x2.add(f64x2.add(distance, apart(across, j + 3 * line)), apart(down, j + 4 * line));
      const near = v128.and(f64x2.lt(distance, reach), f64x2.sub(f64x2.splat(1), f64x2.div(distance, reach)));
      alike = alike + f64x2.extract_lane(near, 0) + f64x2.extract_lane(near, 1);
    }
    store<f32>(shares + 4 * i, <f32>((alike + 0.5) / samples));
  }
}

/** The squared difference from two samples. */
function apart(value: v128, samples: usize): v128 {
  const difference = f64x2.sub(value, v128.load(samples));
  return f64x2.mul(difference, difference);
}

function looksOf(features: usize, width: i32, places: usize, count: i32, patchSize: i32, looks: usize): void {
  const area: f64 = patchSize * patchSize;
  const row: usize = 20 * width;
  for (let i = 0; i < count; i++, looks += 40) {
    let first = f64x2.splat(0);
    let second = first;
    let last: f64 = 0;
    let from = features + 20 * load<i32>(places + 4 * i) - (patchSize >> 1) * (row + 20);
    for (let y = 0; y < patchSize; y++, from += row) {
      for (let at = from; at < from + 20 * patchSize; at += 20) {
        const values = v128.load(at);
        first = f64x2.add(first, f64x2.promote_low_f32x4(values));
        second = f64x2.add(second, f64x2.promote_low_f32x4(v128.shuffle<i64>(values, values, 1, 1)));
        last += load<f32>(at, 16);
      }
    }
    v128.store(looks, f64x2.div(first, f64x2.splat(area)));
    v128.store(looks, f64x2.div(second, f64x2.splat(area)), 16);
    store<f64>(looks, last / area, 32);
  }
}

/** Prices of the sources by their `shares`, f32, into a picture of `pixels` f32; 0 at all others. */
export function reusePrices(
  features: usize,
  width: i32,
  places: usize,
  count: i32,
  patchSize: i32,
  shares: usize,
  usual: f64,
  seldom: f64,
  least: f64,
  most: f64,
  none: f64,
  all: f64,
  reuse: f64,
  prices: usize,
  pixels: i32,
): void {
  memory.fill(prices, 0, 4 * pixels);
  for (let i = 0; i < count; i++) {
    const place = load<i32>(places + 4 * i);
    let shows = min(most, max(least, usual / (seldom * load<f32>(shares + 4 * i))));
    if (shows > 1) shows = 1 + (shows - 1) * min<f64>(1, max<f64>(0, (patterned(features + 20 * place, width, patchSize) - none) / (all - none)));
    store<f32>(prices + 4 * place, <f32>(reuse * shows));
  }
}

/** How much of the slopes in the patch around a place runs across the others: from 0 to 1. */
function patterned(place: usize, width: i32, patchSize: i32): f64 {
  const margin = patchSize >> 1;
  const row: usize = 20 * width;
  let xx: f64 = 0;
  let xy: f64 = 0;
  let yy: f64 = 0;
  let from = place - margin * (row + 20);
  for (let y = 0; y < 2 * margin; y++, from += row) {
    for (let at = from; at < from + 40 * margin; at += 20) {
      for (let c = at; c < at + 12; c += 4) {
        const value = <f64>load<f32>(c);
        const gx = load<f32>(c, 20) - value;
        const gy = load<f32>(c + row) - value;
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
      }
    }
  }
  const trace = xx + yy;
  return trace === 0 ? 0 : (4 * (xx * yy - xy * xy)) / (trace * trace);
}
