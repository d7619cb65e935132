const RED: f64 = 0.299;
const GREEN: f64 = 0.587;
const BLUE: f64 = 0.114;
// A pixel on no edge at all still has this much of an edge's priority (colours in [-1, 1]).
const FLAT: f64 = 0.02;

/**
 * Lists those of the `count` pixels of `rest` that are beside a known one, those of the highest priority first, in `front`, as plainFront()
 * of src/generators/exemplar/peel-front.ts has it. Returns how many. `priorities` (f64) are below 0 where they are not known.
 */
export function findFront(
  rest: usize,
  count: i32,
  features: usize,
  height: i32,
  width: i32,
  pixel: usize,
  margin: i32,
  known: usize,
  priorities: usize,
  front: usize,
): i32 {
  let found = 0;
  for (let n = 0; n < count; n++) {
    const p = load<i32>(rest + 4 * n);
    const x = p % width;
    const beside = (x > 0 && load<u8>(known + p - 1)) || (x + 1 < width && load<u8>(known + p + 1));
    if (!beside && !(p >= width && load<u8>(known + p - width)) && !(p < (height - 1) * width && load<u8>(known + p + width))) continue;
    const at = priorities + 8 * p;
    if (load<f64>(at) < 0) store<f64>(at, priority(p, features, height, width, pixel, margin, known));
    store<i32>(front + 4 * found++, p);
  }
  // Shell's sort: of equals the pixel that comes first in the picture.
  for (let gap = found >> 1; gap > 0; gap >>= 1) {
    for (let n = gap; n < found; n++) {
      const p = load<i32>(front + 4 * n);
      const own = load<f64>(priorities + 8 * p);
      let to = n;
      for (; to >= gap; to -= gap) {
        const other = load<i32>(front + 4 * (to - gap));
        const its = load<f64>(priorities + 8 * other);
        if (its > own || (its === own && other < p)) break;
        store<i32>(front + 4 * to, other);
      }
      store<i32>(front + 4 * to, p);
    }
  }
  return found;
}

function priority(p: i32, features: usize, height: i32, width: i32, pixel: usize, margin: i32, known: usize): f64 {
  const y = p / width;
  const x = p - y * width;
  let count: f64 = 0;
  let total: f64 = 0;
  let inwardY: f64 = 0;
  let inwardX: f64 = 0;
  let edge: f64 = 0;
  let slopeY: f64 = 0;
  let slopeX: f64 = 0;
  for (let qy = max(y - margin, 0); qy <= min(y + margin, height - 1); qy++) {
    for (let qx = max(x - margin, 0); qx <= min(x + margin, width - 1); qx++) {
      const q = qy * width + qx;
      total++;
      if (!load<u8>(known + q)) continue;
      count++;
      const near: f64 = 1 / <f64>((qy - y) * (qy - y) + (qx - x) * (qx - x));
      inwardY += <f64>(y - qy) * near;
      inwardX += <f64>(x - qx) * near;
      if (qx + 1 >= width || qy + 1 >= height || !load<u8>(known + q + 1) || !load<u8>(known + q + width)) continue;
      const own = luma(features + q * pixel);
      const dx = luma(features + (q + 1) * pixel) - own;
      const dy = luma(features + (q + width) * pixel) - own;
      if (dx * dx + dy * dy > edge) {
        edge = dx * dx + dy * dy;
        slopeY = dy;
        slopeX = dx;
      }
    }
  }
  const largest = max(abs(inwardY), abs(inwardX));
  const inward = largest > 0 ? Math.sqrt((inwardY / largest) * (inwardY / largest) + (inwardX / largest) * (inwardX / largest)) * largest : 1;
  return (count / total) * (FLAT + abs(slopeX * inwardY - slopeY * inwardX) / inward);
}

function luma(at: usize): f64 {
  return RED * load<f32>(at) + GREEN * load<f32>(at, 4) + BLUE * load<f32>(at, 8);
}

/** Forgets the priorities that a pixel which is filled has a part in: within the patch, and beside it, where slopes are taken to. */
export function forgetAround(p: i32, height: i32, width: i32, margin: i32, priorities: usize): void {
  const y = p / width;
  const x = p - y * width;
  for (let qy = max(y - margin - 1, 0); qy <= min(y + margin + 1, height - 1); qy++) {
    for (let qx = max(x - margin - 1, 0); qx <= min(x + margin + 1, width - 1); qx++) store<f64>(priorities + 8 * (qy * width + qx), -1);
  }
}
