import { boxSums } from './box-sums';
import { squaredDistances } from './nearest-mark';

// All pictures are f32, row by row, and their marks are, too: 1 or 0. What the others are called by, are plain functions of the same name in
// src/generators/exemplar.

const RED: f64 = 0.299;
const GREEN: f64 = 0.587;
const BLUE: f64 = 0.114;

/**
 * Mean slopes of luma across and down around each pixel, over pairs of known pixels, times `weight`: two values a pixel
 * into `out`. `room` is for six values a pixel and two rows more.
 */
export function texture(colours: usize, hole: usize, height: i32, width: i32, radius: i32, weight: f64, out: usize, room: usize): void {
  const pixels = height * width;
  const picture: usize = 4 * pixels;
  const luma = room;
  const slope = luma + picture;
  const pairs = slope + picture;
  const sums = pairs + picture;
  const counts = sums + picture;
  const rest = counts + picture;
  for (let p = 0; p < pixels; p++) {
    const at = colours + 12 * p;
    store<f32>(luma + 4 * p, <f32>(RED * load<f32>(at) + GREEN * load<f32>(at, 4) + BLUE * load<f32>(at, 8)));
  }
  for (let channel = 0; channel < 2; channel++) {
    const step = channel === 0 ? 1 : width;
    memory.fill(slope, 0, 2 * picture);
    let p = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        if (p + step >= pixels || load<f32>(hole + 4 * p) || load<f32>(hole + 4 * (p + step)) || (step === 1 && x + 1 === width)) continue;
        store<f32>(slope + 4 * p, abs(load<f32>(luma + 4 * (p + step)) - load<f32>(luma + 4 * p)));
        store<f32>(pairs + 4 * p, 1);
      }
    }
    boxSums(slope, height, width, radius, sums, rest);
    boxSums(pairs, height, width, radius, counts, rest);
    for (let p = 0; p < pixels; p++) {
      const count = load<f32>(counts + 4 * p);
      const mean: f32 = count > 0.5 ? load<f32>(sums + 4 * p) / count : 0;
      store<f32>(out + 8 * p + 4 * channel, <f32>(weight * mean));
    }
  }
}

/**
 * Marks centres of patches: `queries` where a patch touches the hole, `sources` where it lies in the picture and touches nothing that is
 * `barred`. Returns how many sources there are. `room` is for three values a pixel and two rows more.
 */
export function patchCentres(hole: usize, barred: usize, height: i32, width: i32, patchSize: i32, sources: usize, queries: usize, room: usize): i32 {
  const margin = patchSize >> 1;
  const picture: usize = 4 * height * width;
  const touched = room;
  let spoilt = touched;
  boxSums(hole, height, width, margin, touched, room + 2 * picture);
  if (barred !== hole) {
    spoilt = touched + picture;
    boxSums(barred, height, width, margin, spoilt, room + 2 * picture);
  }
  let at: usize = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const asks = load<f32>(touched + at) > 0.5;
      const inside = y >= margin && x >= margin && y < height - margin && x < width - margin;
      const gives = !asks && inside && load<f32>(spoilt + at) < 0.5;
      store<f32>(queries + at, asks ? 1 : 0);
      store<f32>(sources + at, gives ? 1 : 0);
      if (gives) count++;
    }
  }
  return count;
}

/** How far each pixel is from the nearest one that is not in the hole, into `depth`, and at most, which it returns. `room` as for {@link squaredDistances}. */
export function depths(hole: usize, height: i32, width: i32, depth: usize, room: usize): f32 {
  const end: usize = 4 * height * width;
  for (let at: usize = 0; at < end; at += 4) store<f32>(depth + at, load<f32>(hole + at) < 1 ? 1 : 0);
  squaredDistances(depth, height, width, depth, room);
  let deepest: f32 = 0;
  for (let at: usize = 0; at < end; at += 4) {
    const away = sqrt(load<f32>(depth + at));
    store<f32>(depth + at, away);
    deepest = max(deepest, away);
  }
  return deepest;
}

/**
 * Marks the known pixels whose colour is that of hardly any pixel near the hole, into `out`: of at most the `share` of those whose squared
 * distance is at most `ring`. Colours in [-1, 1] are told apart by so many `bins` a channel. `counts` is room for an i32 of each;
 * `room` as for {@link squaredDistances}.
 */
export function findStrangers(
  colours: usize,
  hole: usize,
  height: i32,
  width: i32,
  ring: f32,
  bins: i32,
  share: f64,
  counts: usize,
  out: usize,
  room: usize,
): void {
  const pixels = height * width;
  squaredDistances(hole, height, width, out, room);
  memory.fill(counts, 0, 4 * bins * bins * bins);
  let total = 0;
  for (let p = 0; p < pixels; p++) {
    if (load<f32>(hole + 4 * p) || load<f32>(out + 4 * p) > ring) continue;
    total++;
    const r = binOf(load<f32>(colours + 12 * p), bins);
    const g = binOf(load<f32>(colours + 12 * p, 4), bins);
    const b = binOf(load<f32>(colours + 12 * p, 8), bins);
    for (let i = max(r - 1, 0); i <= min(r + 1, bins - 1); i++) {
      for (let j = max(g - 1, 0); j <= min(g + 1, bins - 1); j++) {
        for (let k = max(b - 1, 0); k <= min(b + 1, bins - 1); k++) {
          const at = counts + 4 * ((i * bins + j) * bins + k);
          store<i32>(at, load<i32>(at) + 1);
        }
      }
    }
  }
  const most = share * total;
  for (let p = 0; p < pixels; p++) {
    const r = binOf(load<f32>(colours + 12 * p), bins);
    const g = binOf(load<f32>(colours + 12 * p, 4), bins);
    const b = binOf(load<f32>(colours + 12 * p, 8), bins);
    const isStrange = !load<f32>(hole + 4 * p) && load<i32>(counts + 4 * ((r * bins + g) * bins + b)) <= most;
    store<f32>(out + 4 * p, isStrange ? 1 : 0);
  }
}

function binOf(value: f32, bins: i32): i32 {
  return max(0, min(bins - 1, <i32>floor(((<f64>value + 1) / 2) * bins)));
}

/** Takes the sources away whose patches hold more than `most` of what is `strange`. Returns how many are left. `room` is for two values a pixel and two rows more. */
export function leaveOut(sources: usize, strange: usize, height: i32, width: i32, patchSize: i32, most: f64, room: usize): i32 {
  const picture: usize = 4 * height * width;
  boxSums(strange, height, width, patchSize >> 1, room, room + picture);
  let count = 0;
  for (let at: usize = 0; at < picture; at += 4) {
    if (load<f32>(room + at) > most) store<f32>(sources + at, 0);
    if (load<f32>(sources + at)) count++;
  }
  return count;
}

/**
 * 2 x 2 pixels of a picture become one of a `small` one, the mean of the known ones; it is hole, or barred, if any of them is. The
 * marks of what is barred may be those of the hole.
 */
export function halve(
  features: usize,
  hole: usize,
  barred: usize,
  strange: usize,
  height: i32,
  width: i32,
  channels: i32,
  small: usize,
  smallHole: usize,
  smallBarred: usize,
  smallStrange: usize,
): void {
  const pixel: usize = 4 * channels;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2, small += pixel, smallHole += 4, smallBarred += 4, smallStrange += 4) {
      memory.fill(small, 0, pixel);
      store<f32>(smallHole, 0);
      store<f32>(smallBarred, 0);
      store<f32>(smallStrange, 0);
      let count: f32 = 0;
      for (let yy = y; yy < min(y + 2, height); yy++) {
        for (let xx = x; xx < min(x + 2, width); xx++) {
          const at: usize = 4 * (yy * width + xx);
          if (load<f32>(barred + at)) store<f32>(smallBarred, 1);
          if (load<f32>(hole + at)) {
            store<f32>(smallHole, 1);
            continue;
          }
          count++;
          store<f32>(smallStrange, load<f32>(smallStrange) + load<f32>(strange + at) / 4);
          const from = features + at * channels;
          for (let c: usize = 0; c < pixel; c += 4) store<f32>(small + c, load<f32>(small + c) + load<f32>(from + c));
        }
      }
      if (count > 1) for (let c: usize = 0; c < pixel; c += 4) store<f32>(small + c, load<f32>(small + c) / count);
    }
  }
}
