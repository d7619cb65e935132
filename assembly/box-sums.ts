/**
 * Sums over the square of 2 radius + 1 pixels a side around each pixel, as far as it lies in the picture, as plainBoxSums() of
 * src/arrays/box-sums.ts has it: `values` and `out` are f32, and so is `room`, for one picture and two rows more.
 */
export function boxSums(values: usize, height: i32, width: i32, radius: i32, out: usize, room: usize): void {
  const row: usize = 4 * width;
  for (let y = 0; y < height; y++) {
    const from = values + y * row;
    const to = room + y * row;
    let sum: f64 = 0;
    for (let x = -radius; x < width; x++) {
      if (x + radius < width) sum += load<f32>(from + 4 * (x + radius));
      if (x - radius - 1 >= 0) sum -= load<f32>(from + 4 * (x - radius - 1));
      if (x >= 0) store<f32>(to + 4 * x, <f32>sum);
    }
  }
  // All columns at once, row by row as they lie in memory.
  const sums = room + height * row;
  memory.fill(sums, 0, 2 * row);
  for (let y = -radius; y < height; y++) {
    if (y + radius < height) addRow(sums, room + (y + radius) * row, width, 1);
    if (y - radius - 1 >= 0) addRow(sums, room + (y - radius - 1) * row, width, -1);
    if (y >= 0) for (let x = 0; x < width; x++) store<f32>(out + y * row + 4 * x, <f32>load<f64>(sums + 8 * x));
  }
}

function addRow(sums: usize, row: usize, width: i32, sign: f64): void {
  for (let x = 0; x < width; x++) store<f64>(sums + 8 * x, load<f64>(sums + 8 * x) + sign * load<f32>(row + 4 * x));
}
