/**
 * The exact squared distance of each pixel to the nearest of the `marked` ones (f32, above 0), as plainDistances() of
 * src/arrays/distance-transform.ts has it, into `out` (f32). `room` is for a row's parabolas: 20 bytes a column and 8 more.
 */
export function squaredDistances(marked: usize, height: i32, width: i32, out: usize, room: usize): void {
  const row: usize = 4 * width;
  const end = out + height * row;
  // Along the columns: whole numbers, which single precision holds exactly.
  for (let at = out, mark = marked; at < end; at += 4, mark += 4) {
    const above: f32 = at < out + row ? Infinity : load<f32>(at - row);
    store<f32>(at, load<f32>(mark) > 0 ? 0 : above + 1);
  }
  for (let at = end - row; at > out; ) {
    at -= 4;
    store<f32>(at, min(load<f32>(at), load<f32>(at + row) + 1));
  }
  for (let at = out; at < end; at += row) alongRow(at, width, room);
}

/** A row's distances along the columns, made squares of those in the plane. */
function alongRow(row: usize, width: i32, heights: usize): void {
  const starts = heights + 8 * width;
  const vertices = starts + 8 * (width + 1);
  let some = false;
  let count = 0;
  for (let i = 0; i < width; i++) {
    const away = load<f32>(row + 4 * i);
    const height = <f64>(away * away);
    store<f64>(heights + 8 * i, height);
    if (height > 0) some = true;
    // Only finite parabolas take part: the difference of two infinite ones means nothing.
    if (height === Infinity) continue;
    let cross = -Infinity;
    while (count > 0) {
      const v = load<i32>(vertices + 4 * (count - 1));
      const squares = <f64>i * <f64>i - <f64>v * <f64>v;
      cross = (height - load<f64>(heights + 8 * v) + squares) / <f64>(2 * (i - v));
      if (cross > load<f64>(starts + 8 * (count - 1))) break;
      count--;
      cross = -Infinity;
    }
    store<i32>(vertices + 4 * count, i);
    store<f64>(starts + 8 * count, cross);
    count++;
  }
  if (!some || count === 0) return;
  for (let i = 0, k = 0; i < width; i++) {
    while (k + 1 < count && load<f64>(starts + 8 * (k + 1)) < i) k++;
    const v = load<i32>(vertices + 4 * k);
    const across = <f64>(i - v);
    store<f32>(row + 4 * i, <f32>(across * across + load<f64>(heights + 8 * v)));
  }
}
