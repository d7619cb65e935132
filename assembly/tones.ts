import { boxSums } from './box-sums';

/**
 * Mean colours of what is not `barred` around each such pixel, times `weight`, and 0 elsewhere: three values a pixel into `out`. The colours
 * are the first three of `channels` values a pixel. `room` is for four values a pixel and two rows more.
 */
export function meanColours(features: usize, barred: usize, height: i32, width: i32, channels: i32, radius: i32, weight: f64, out: usize, room: usize): void {
  const pixels = height * width;
  const picture: usize = 4 * pixels;
  const sums = room + picture;
  const counts = sums + picture;
  const rest = counts + picture;
  for (let p = 0; p < pixels; p++) store<f32>(room + 4 * p, load<f32>(barred + 4 * p) ? 0 : 1);
  boxSums(room, height, width, radius, counts, rest);
  for (let c = 0; c < 3; c++) {
    for (let p = 0; p < pixels; p++) store<f32>(room + 4 * p, load<f32>(barred + 4 * p) ? 0 : load<f32>(features + 4 * (p * channels + c)));
    boxSums(room, height, width, radius, sums, rest);
    for (let p = 0; p < pixels; p++) {
      const mean = load<f32>(barred + 4 * p) ? 0 : (weight * load<f32>(sums + 4 * p)) / load<f32>(counts + 4 * p);
      store<f32>(out + 4 * (3 * p + c), <f32>mean);
    }
  }
}
