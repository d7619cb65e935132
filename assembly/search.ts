import { distance } from './distance';
import { random, seed } from './random';

/**
 * PatchMatch, as plainSearch() of src/arrays/patch-search.ts has it. `offsets` (i32, rows and columns) holds where to start, and then
 * begins with the result of each query, as `distances` (f32) does. `queries` and `sources` are lists of places, `isQuery` and `isSource`
 * room for a byte a pixel. The picture has a border as wide as patches hang over it, in which anything may stand. Its pixel (y, x) is the
 * top left corner of the patch centred on (y, x).
 */
export function searchPatches(
  picture: usize,
  height: i32,
  width: i32,
  channels: i32,
  patchSize: i32,
  queries: usize,
  queryCount: i32,
  isQuery: usize,
  sources: usize,
  sourceCount: i32,
  isSource: usize,
  offsets: usize,
  distances: usize,
  iterations: i32,
  radius: i32,
  rowPenalty: f64,
  columnPenalty: f64,
  start: u32,
): void {
  const pixel: usize = 4 * channels;
  const stride = (width + patchSize - 1) * pixel;
  const run = patchSize * channels;
  seed(start);
  repeatEdge(picture, height, width, pixel, patchSize >> 1);
  memory.fill(isSource, 0, height * width);
  memory.fill(isQuery, 0, height * width);
  for (let n = 0; n < sourceCount; n++) store<u8>(isSource + load<i32>(sources + 4 * n), 1);
  for (let n = 0; n < queryCount; n++) store<u8>(isQuery + load<i32>(queries + 4 * n), 1);
  for (let n = 0; n < queryCount; n++) {
    const p = load<i32>(queries + 4 * n);
    const y = p / width;
    const x = p - y * width;
    let sy = y + load<i32>(offsets + 8 * p);
    let sx = x + load<i32>(offsets + 8 * p, 4);
    if (<u32>sy >= <u32>height || <u32>sx >= <u32>width || !load<u8>(isSource + sy * width + sx)) {
      const s = load<i32>(sources + 4 * (random() % sourceCount));
      sy = s / width;
      sx = s - sy * width;
    }
    store<i32>(offsets + 8 * p, sy - y);
    store<i32>(offsets + 8 * p, sx - x, 4);
    const penalty = <f32>(rowPenalty * (sy - y) * (sy - y) + columnPenalty * (sx - x) * (sx - x));
    const d = distance(picture + y * stride + x * pixel, picture + sy * stride + sx * pixel, stride, run, patchSize, penalty, Infinity);
    store<f32>(distances + 4 * p, d);
  }

  for (let iteration = 0; iteration < iterations; iteration++) {
    const forward = (iteration & 1) === 0;
    const step = forward ? -1 : 1;
    for (let n = 0; n < queryCount; n++) {
      const p = load<i32>(queries + 4 * (forward ? n : queryCount - 1 - n));
      const y = p / width;
      const x = p - y * width;
      const patch = picture + y * stride + x * pixel;
      let best = load<f32>(distances + 4 * p);
      let bestY = y + load<i32>(offsets + 8 * p);
      let bestX = x + load<i32>(offsets + 8 * p, 4);
      let reach = radius;
      // The neighbour of the row, the one of the column, then random places.
      for (let turn = 0; turn < 2 || reach >= 1; turn++) {
        let sy: i32, sx: i32;
        if (turn < 2) {
          const outside = turn === 0 ? <u32>(x + step) >= <u32>width : <u32>(y + step) >= <u32>height;
          const q = p + (turn === 0 ? step : step * width);
          if (outside || !load<u8>(isQuery + q)) continue;
          sy = y + load<i32>(offsets + 8 * q);
          sx = x + load<i32>(offsets + 8 * q, 4);
        } else {
          const span = 2 * reach + 1;
          sy = bestY + (random() % span) - reach;
          sx = bestX + (random() % span) - reach;
          reach >>= 1;
        }
        if (<u32>sy >= <u32>height || <u32>sx >= <u32>width || !load<u8>(isSource + sy * width + sx) || (sy === bestY && sx === bestX)) continue;
        const penalty = <f32>(rowPenalty * (sy - y) * (sy - y) + columnPenalty * (sx - x) * (sx - x));
        const d = distance(patch, picture + sy * stride + sx * pixel, stride, run, patchSize, penalty, best);
        if (d < best) {
          best = d;
          bestY = sy;
          bestX = sx;
        }
      }
      store<f32>(distances + 4 * p, best);
      store<i32>(offsets + 8 * p, bestY - y);
      store<i32>(offsets + 8 * p, bestX - x, 4);
    }
  }

  // Of sums the means. Queries come in order, so that none is overwritten before its turn.
  for (let n = 0; n < queryCount; n++) {
    const p = load<i32>(queries + 4 * n);
    store<u64>(offsets + 8 * n, load<u64>(offsets + 8 * p));
    store<f32>(distances + 4 * n, load<f32>(distances + 4 * p) / <f32>(patchSize * patchSize));
  }
}

/** Fills a picture's border by its edge. */
function repeatEdge(picture: usize, height: i32, width: i32, pixel: usize, margin: i32): void {
  const row = (width + 2 * margin) * pixel;
  const first = picture + margin * row;
  const last = first + (height - 1) * row;
  for (let at = first; at <= last; at += row) {
    const right = at + (margin + width) * pixel;
    for (let i = 0; i < margin; i++) {
      memory.copy(at + i * pixel, at + margin * pixel, pixel);
      memory.copy(right + i * pixel, right - pixel, pixel);
    }
  }
  for (let i = 0; i < margin; i++) {
    memory.copy(picture + i * row, first, row);
    memory.copy(last + (i + 1) * row, last, row);
  }
}
