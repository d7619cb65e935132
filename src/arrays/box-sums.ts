/** Sums over the square of 2 radius + 1 pixels a side around each pixel, as far as it lies in the picture. */
export function boxSums(values: Float32Array, height: number, width: number, radius: number): Float32Array {
  const along = new Float32Array(values.length);
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const first = y * width;
    let sum = 0;
    for (let x = -radius; x < width; x++) {
      if (x + radius < width) sum += values[first + x + radius];
      if (x - radius - 1 >= 0) sum -= values[first + x - radius - 1];
      if (x >= 0) along[first + x] = sum;
    }
  }
  // All columns at once, row by row as they lie in memory.
  const sums = new Float64Array(width);
  for (let y = -radius; y < height; y++) {
    const comes = y + radius < height ? (y + radius) * width : -1;
    const goes = y - radius - 1 >= 0 ? (y - radius - 1) * width : -1;
    if (comes >= 0) for (let x = 0; x < width; x++) sums[x] += along[comes + x];
    if (goes >= 0) for (let x = 0; x < width; x++) sums[x] -= along[goes + x];
    if (y >= 0) for (let x = 0; x < width; x++) out[y * width + x] = sums[x];
  }
  return out;
}
