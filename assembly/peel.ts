import { total } from './distance';
import { findFront, forgetAround } from './peel-front';
import { random } from './random';

/** A patch's values that are known, gathered as vectors: how far from the centre's first value, in bytes, which lanes, and the values. */
const WAY: usize = 0;
const LANES: usize = 16;
const VALUES: usize = 32;
const ENTRY: usize = 48;
// So many pixels of a front are filled at a time at least.
const LEAST_OF_FRONT = 4;

/** Sum of squared differences of the known values and the patch centred at `source`, plus `sum`, or any value >= limit. */
function compare(entries: usize, end: usize, source: usize, sum: f32, limit: f32): f32 {
  let even = f32x4.replace_lane(f32x4.splat(0), 0, sum);
  let odd = f32x4.splat(0);
  while (entries < end && sum < limit) {
    // Eight vectors at a time, as the last ones are followed by empty ones.
    for (const stop = entries + 8 * ENTRY; entries < stop; entries += 2 * ENTRY) {
      const a = v128.load(source + load<i32>(entries, WAY));
      const d = v128.and(f32x4.sub(v128.load(entries, VALUES), a), v128.load(entries, LANES));
      even = f32x4.add(even, f32x4.mul(d, d));
      const b = v128.load(source + load<i32>(entries + ENTRY, WAY));
      const e = v128.and(f32x4.sub(v128.load(entries + ENTRY, VALUES), b), v128.load(entries + ENTRY, LANES));
      odd = f32x4.add(odd, f32x4.mul(e, e));
    }
    sum = total(f32x4.add(even, odd));
  }
  return sum;
}

/**
 * Fills `share` of those of the `count` pixels of `rest` that are beside known ones, and keeps in `rest` what is left, whose number it
 * returns, as a plain filler's turn in src/generators/exemplar/fill-pixel.ts does. `priorities` (f64) are below 0 where they are not known,
 * and all of them at first; `front` is room for as many places as `rest` has. The others are as for {@link fillPixel}.
 */
export function peelTurn(
  rest: usize,
  count: i32,
  share: f64,
  priorities: usize,
  front: usize,
  features: usize,
  height: i32,
  width: i32,
  channels: i32,
  patchSize: i32,
  known: usize,
  hole: usize,
  isSource: usize,
  sources: usize,
  sourceCount: i32,
  offsets: usize,
  entries: usize,
  tries: i32,
  rowPenalty: f64,
  columnPenalty: f64,
  used: usize,
  prices: usize,
): i32 {
  const margin = patchSize >> 1;
  const found = findFront(rest, count, features, height, width, 4 * channels, margin, known, priorities, front);
  const first = min(found, max(LEAST_OF_FRONT, <i32>ceil(found * share)));
  for (let n = 0; n < first; n++) {
    const p = load<i32>(front + 4 * n);
    fillPixel(
      p,
      features,
      height,
      width,
      channels,
      patchSize,
      known,
      hole,
      isSource,
      sources,
      sourceCount,
      offsets,
      entries,
      tries,
      rowPenalty,
      columnPenalty,
      used,
      prices,
    );
  }
  for (let n = 0; n < first; n++) forgetAround(load<i32>(front + 4 * n), height, width, margin, priorities);
  let left = 0;
  for (let n = 0; n < count; n++) {
    const p = load<i32>(rest + 4 * n);
    if (!load<u8>(known + p)) store<i32>(rest + 4 * left++, p);
  }
  return left;
}

/**
 * Fills the pixel `p`, as plainFiller() of src/generators/exemplar/fill-pixel.ts has it: the offset of the source that agrees best with
 * what is known around it goes into `offsets`, the source's values into `features`. `known`, `hole` and `isSource` are marks of a byte
 * each, `sources` is a list of places, `used` counts how often each pixel was taken, `prices` has what it costs to do so again. `entries` is room for the patch's vectors and eight more.
 */
function fillPixel(
  p: i32,
  features: usize,
  height: i32,
  width: i32,
  channels: i32,
  patchSize: i32,
  known: usize,
  hole: usize,
  isSource: usize,
  sources: usize,
  sourceCount: i32,
  offsets: usize,
  entries: usize,
  tries: i32,
  rowPenalty: f64,
  columnPenalty: f64,
  used: usize,
  prices: usize,
): void {
  const pixel: i32 = 4 * channels;
  const margin = patchSize >> 1;
  const y = p / width;
  const x = p - y * width;

  // A row's vectors begin with the patch's first pixel, be it in the picture or not; those without a known value are left out.
  let count = 0;
  let end = entries;
  const run = patchSize * channels;
  for (let dy = -margin; dy <= margin; dy++) {
    if (<u32>(y + dy) >= <u32>height) continue;
    for (let first = 0; first < run; first += 4) {
      let some = false;
      for (let lane = 0; lane < 4; lane++) {
        const i = first + lane;
        const dx = i / channels - margin;
        const q = p + dy * width + dx;
        const isKnown = i < run && <u32>(x + dx) < <u32>width && load<u8>(known + q);
        const c = i % channels;
        store<i32>(end + 4 * lane, isKnown ? -1 : 0, LANES);
        store<f32>(end + 4 * lane, isKnown ? load<f32>(features + q * pixel + 4 * c) : 0, VALUES);
        if (!isKnown) continue;
        some = true;
        if (c === 0) count++;
      }
      if (!some) continue;
      store<i32>(end, (dy * width - margin) * pixel + 4 * first, WAY);
      end += ENTRY;
    }
  }
  for (let i = 0; i < 8; i++) {
    store<i32>(end + i * ENTRY, 0, WAY);
    v128.store(end + i * ENTRY, f32x4.splat(0), LANES);
  }

  let best: f32 = Infinity;
  let at = -1;
  let bestY = 0;
  let bestX = -1;
  const rows = rowPenalty * count;
  const columns = columnPenalty * count;
  let reach = max(height, width) >> 3;
  // The continuations of the neighbours' sources, then random sources, then places ever nearer to the best of these.
  for (let turn = 0; turn < 9 + tries || reach >= 1; turn++) {
    let sy: i32, sx: i32;
    if (turn < 9) {
      const ny = y + turn / 3 - 1;
      const nx = x + (turn % 3) - 1;
      const q = ny * width + nx;
      if (<u32>ny >= <u32>height || <u32>nx >= <u32>width || !load<u8>(hole + q) || !load<u8>(known + q)) continue;
      sy = y + load<i32>(offsets + 8 * q);
      sx = x + load<i32>(offsets + 8 * q, 4);
    } else if (turn < 9 + tries) {
      const s = load<i32>(sources + 4 * (random() % sourceCount));
      sy = s / width;
      sx = s - sy * width;
    } else {
      const span = 2 * reach + 1;
      sy = bestY + (random() % span) - reach;
      sx = bestX + (random() % span) - reach;
      if (((turn - tries) & 3) === 0) reach >>= 1;
    }
    if (<u32>sy >= <u32>height || <u32>sx >= <u32>width) continue;
    const s = sy * width + sx;
    if (!load<u8>(isSource + s) || s === at) continue;
    const penalty = <f32>(rows * (sy - y) * (sy - y) + columns * (sx - x) * (sx - x) + <f64>load<f32>(prices + 4 * s) * count * load<u8>(used + s));
    const sum = compare(entries, end, features + s * pixel, penalty, best);
    if (sum < best) {
      best = sum;
      at = s;
      bestY = sy;
      bestX = sx;
    }
  }
  store<i32>(offsets + 8 * p, bestY - y);
  store<i32>(offsets + 8 * p, bestX - x, 4);
  memory.copy(features + p * pixel, features + at * pixel, pixel);
  store<u8>(known + p, 1);
  if (load<u8>(used + at) < 255) store<u8>(used + at, load<u8>(used + at) + 1);
}
