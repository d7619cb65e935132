import { squaredDistances } from './nearest-mark';
import { weigh } from './weigh';

/**
 * A picture's edges beside its hole, as plainEdgeField() of src/generators/exemplar/edge-field.ts has them. Everything is f32 but the
 * five `taps`, f64. `room` begins with i32 places of pixels at the rim, so many as are returned, and 8 bytes a pixel further on are the
 * tensors of these, three f64 each. It is for two pictures of four values a pixel, with four rows and two columns more,
 * and eight pixels each.
 */
export function edgeField(
  colours: usize,
  hole: usize,
  height: i32,
  width: i32,
  taps: usize,
  nearest: f32,
  rim: f32,
  farthest: f32,
  coherence: f64,
  away: usize,
  soft: usize,
  slopes: usize,
  room: usize,
): i32 {
  squaredDistances(hole, height, width, away, slopes);
  memory.fill(slopes, 0, 24 * height * width);
  smoothKnown(colours, hole, height, width, taps, soft, room);
  takeSlopes(hole, height, width, farthest, away, soft, slopes);
  return tensorsAtRim(hole, height, width, nearest, rim, coherence, away, slopes, room, room + 8 * height * width);
}

/** Known colours, each the Gaussian mean of the known ones around it. */
function smoothKnown(colours: usize, hole: usize, height: i32, width: i32, taps: usize, soft: usize, room: usize): void {
  // Four values a pixel, the last of them 1 where it is known; between rows, above and below them there is nothing known.
  const row: usize = 16 * (width + 2);
  const picture = (height + 4) * row + 8 * 16;
  const first = room + 2 * row + 2 * 16;
  memory.fill(room, 0, 2 * picture);
  for (let y = 0; y < height; y++) {
    let to = first + y * row;
    for (let x = 0; x < width; x++, to += 16, colours += 12, hole += 4) {
      if (load<f32>(hole)) continue;
      memory.copy(to, colours, 12);
      store<f32>(to, 1, 12);
    }
  }
  const second = first + picture;
  weigh(second, first - 2 * 16, 16, 5, taps, height * (row >> 2));
  weigh(first, second - 2 * row, row, 5, taps, height * (row >> 2));
  for (let y = 0; y < height; y++) {
    let from = first + y * row;
    for (let x = 0; x < width; x++, from += 16, soft += 12) {
      const share = load<f32>(from, 12);
      for (let c: usize = 0; c < 12; c += 4) store<f32>(soft + c, share > 0 ? load<f32>(from + c) / share : 0);
    }
  }
}

function takeSlopes(hole: usize, height: i32, width: i32, farthest: f32, away: usize, soft: usize, slopes: usize): void {
  const below: usize = 4 * width;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const p: usize = 4 * (y * width + x);
      const h = hole + p;
      if (load<f32>(h) || load<f32>(away + p) > farthest || load<f32>(h - 4) || load<f32>(h, 4) || load<f32>(h - below) || load<f32>(h + below)) continue;
      const at = soft + 3 * p;
      for (let c: usize = 0; c < 12; c += 4) {
        store<f32>(slopes + 6 * p + 2 * c, (load<f32>(at + 3 * below + c) - load<f32>(at - 3 * below + c)) / 2);
        store<f32>(slopes + 6 * p + 2 * c, (load<f32>(at + c, 12) - load<f32>(at + c - 12)) / 2, 4);
      }
    }
  }
}

function tensorsAtRim(
  hole: usize,
  height: i32,
  width: i32,
  nearest: f32,
  rim: f32,
  coherence: f64,
  away: usize,
  slopes: usize,
  places: usize,
  tensors: usize,
): i32 {
  let count = 0;
  for (let y = 3; y < height - 3; y++) {
    for (let x = 3; x < width - 3; x++) {
      const p = y * width + x;
      const distance = load<f32>(away + 4 * p);
      if (load<f32>(hole + 4 * p) || distance < nearest || distance > rim) continue;
      let yy: f64 = 0;
      let yx: f64 = 0;
      let xx: f64 = 0;
      for (let dy = -2; dy <= 2; dy++) {
        const from = slopes + 24 * (p + dy * width - 2);
        for (let i = from; i < from + 5 * 24; i += 8) {
          const down = <f64>load<f32>(i);
          const across = <f64>load<f32>(i, 4);
          yy += down * down;
          yx += down * across;
          xx += across * across;
        }
      }
      const strength = Math.sqrt((yy - xx) * (yy - xx) + 2 * yx * (2 * yx));
      if (strength < coherence * (yy + xx)) continue;
      store<i32>(places + 4 * count, p);
      store<f64>(tensors + 24 * count, yy);
      store<f64>(tensors + 24 * count, yx, 8);
      store<f64>(tensors + 24 * count, xx, 16);
      count++;
    }
  }
  return count;
}
