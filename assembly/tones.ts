import { boxSums } from './box-sums';

/**
 * The first `averaged` of `channels` features as means of what is not `barred` around each such pixel, the others as they are; all times
 * `weight`, and 0 where it is barred. `room` is for four values a pixel and two rows more.
 */
export function meanFeatures(
  features: usize,
  barred: usize,
  height: i32,
  width: i32,
  channels: i32,
  averaged: i32,
  radius: i32,
  weight: f64,
  out: usize,
  room: usize,
): void {
  const pixels = height * width;
  const picture: usize = 4 * pixels;
  const sums = room + picture;
  const counts = sums + picture;
  const rest = counts + picture;
  for (let p = 0; p < pixels; p++) store<f32>(room + 4 * p, load<f32>(barred + 4 * p) ? 0 : 1);
  boxSums(room, height, width, radius, counts, rest);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) store<f32>(room + 4 * p, load<f32>(barred + 4 * p) ? 0 : load<f32>(features + 4 * (p * channels + c)));
    if (c < averaged) boxSums(room, height, width, radius, sums, rest);
    for (let p = 0; p < pixels; p++) {
      const value: f64 = c < averaged ? load<f32>(sums + 4 * p) : load<f32>(room + 4 * p);
      const count: f64 = c < averaged ? load<f32>(counts + 4 * p) : 1;
      store<f32>(out + 4 * (p * channels + c), <f32>(load<f32>(barred + 4 * p) ? 0 : (weight * value) / count));
    }
  }
}
