/**
 * Blanks what is unknown in a row of pixels: where its weight is 255 (hole), or its last value is 0 and that is alpha. Each weight
 * becomes 1 where the pixel is known, else 0. `size` is the bytes of a value.
 */
export function blank(values: usize, weights: usize, pixels: i32, channels: i32, size: i32, alpha: bool): void {
  const bytes = channels * size;
  const hole = i8x16.splat(-1);
  for (let x = 0; x < pixels; ) {
    // Mostly there is no hole for long.
    if (!alpha && x + 16 <= pixels && !v128.any_true(i8x16.eq(v128.load(weights + x), hole))) {
      v128.store(weights + x, i8x16.splat(1));
      x += 16;
      continue;
    }
    const pixel = values + x * bytes;
    let known = load<u8>(weights + x) !== 255;
    if (alpha && known) known = size === 1 ? load<u8>(pixel + bytes - 1) !== 0 : load<u16>(pixel + bytes - 2) !== 0;
    store<u8>(weights + x, known);
    if (!known) for (let i = 0; i < bytes; i++) store<u8>(pixel + i, 0);
    x++;
  }
}

/** Adds rows of bytes, `stride` bytes apart, to a row of 32 bit sums: at most 256 at once. Reads and adds up to 15 beyond the end. */
export function addBytes(rows: usize, stride: usize, count: i32, length: i32, sums: usize): void {
  for (let i = 0; i < length; i += 16) {
    let low = i16x8.splat(0);
    let high = i16x8.splat(0);
    let from = rows + i;
    for (let r = 0; r < count; r++, from += stride) {
      const values = v128.load(from);
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(values));
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(values));
    }
    const to = sums + (i << 2);
    v128.store(to, i32x4.add(v128.load(to), i32x4.extend_low_i16x8_u(low)));
    v128.store(to, i32x4.add(v128.load(to, 16), i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(to, i32x4.add(v128.load(to, 32), i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(to, i32x4.add(v128.load(to, 48), i32x4.extend_high_i16x8_u(high)), 48);
  }
}

/** As {@link addBytes}, of values of 16 bits. */
export function addWords(rows: usize, stride: usize, count: i32, length: i32, sums: usize): void {
  for (let i = 0; i < length; i += 8) {
    const to = sums + (i << 2);
    let low = v128.load(to);
    let high = v128.load(to, 16);
    let from = rows + (i << 1);
    for (let r = 0; r < count; r++, from += stride) {
      const values = v128.load(from);
      low = i32x4.add(low, i32x4.extend_low_i16x8_u(values));
      high = i32x4.add(high, i32x4.extend_high_i16x8_u(values));
    }
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

/**
 * Adds a row of sums to the cells that it lies over: `upper` of it to one row of cells, `lower` to the next, and forgets it. A cell
 * begins in the pixel in which the one before it ends. ends[c] is one more than that pixel, shares[c] how much of it is the cell's own.
 * A row of cells is red, green and blue of each, then the known area of each, as float64. A grey one has its value three times.
 */
export function shareOut(
  sums: usize,
  known: usize,
  channels: i32,
  ends: usize,
  shares: usize,
  cells: i32,
  upper: f64,
  upperRow: usize,
  lower: f64,
  lowerRow: usize,
): void {
  const grey = channels < 3;
  const pixel = channels << 2;
  const up = f64x2.splat(upper);
  const low = f64x2.splat(lower);
  let from = sums;
  let area = known;
  let redGreen = f64x2.splat(0);
  let blueKnown = f64x2.splat(0);
  for (let c = 0; c < cells; c++) {
    const last = known + ((load<i32>(ends + (c << 2)) - 1) << 2);
    for (; area < last; area += 4, from += pixel) {
      const colour = grey ? v128.load32_splat(from) : v128.load(from);
      redGreen = f64x2.add(redGreen, f64x2.convert_low_i32x4_u(colour));
      blueKnown = f64x2.add(blueKnown, f64x2.convert_low_i32x4_u(v128.shuffle<i32>(colour, v128.load32_splat(area), 2, 4, 2, 4)));
    }
    const colour = grey ? v128.load32_splat(from) : v128.load(from);
    const share = load<f64>(shares + (c << 3));
    const first = f64x2.convert_low_i32x4_u(colour);
    const second = f64x2.convert_low_i32x4_u(v128.shuffle<i32>(colour, v128.load32_splat(area), 2, 4, 2, 4));
    area += 4;
    from += pixel;
    redGreen = f64x2.add(redGreen, f64x2.mul(f64x2.splat(share), first));
    blueKnown = f64x2.add(blueKnown, f64x2.mul(f64x2.splat(share), second));
    add(upperRow, cells, c, f64x2.mul(up, redGreen), f64x2.mul(up, blueKnown));
    if (lower > 0) add(lowerRow, cells, c, f64x2.mul(low, redGreen), f64x2.mul(low, blueKnown));
    redGreen = f64x2.mul(f64x2.splat(1 - share), first);
    blueKnown = f64x2.mul(f64x2.splat(1 - share), second);
  }
  memory.fill(sums, 0, from - sums);
  memory.fill(known, 0, area - known);
}

function add(row: usize, cells: i32, cell: i32, redGreen: v128, blueKnown: v128): void {
  const colour = row + cell * 24;
  const area = row + cells * 24 + (cell << 3);
  v128.store(colour, f64x2.add(v128.load(colour), redGreen));
  store<f64>(colour, load<f64>(colour, 16) + f64x2.extract_lane(blueKnown, 0), 16);
  store<f64>(area, load<f64>(area) + f64x2.extract_lane(blueKnown, 1));
}

/**
 * Means of a row of cells, rounded to bytes: red, green and blue of each cell. Where less than `least` of its area is known, the
 * colours are 0 and the hole 1. `scale` brings a value to a byte's range.
 */
export function toBytes(row: usize, cells: i32, least: f64, scale: f64, colours: usize, hole: usize): void {
  const factor = f64x2.splat(scale);
  const half = f64x2.splat(0.5);
  const areas = row + cells * 24;
  for (let c = 0; c < cells; c++, row += 24, colours += 3) {
    const known = load<f64>(areas + (c << 3));
    const whole = known >= least;
    store<u8>(hole + c, !whole);
    if (!whole) {
      store<u16>(colours, 0);
      store<u8>(colours, 0, 2);
      continue;
    }
    const redGreen = i32x4.trunc_sat_f64x2_u_zero(f64x2.add(f64x2.mul(f64x2.div(v128.load(row), f64x2.splat(known)), factor), half));
    store<u8>(colours, i32x4.extract_lane(redGreen, 0));
    store<u8>(colours, i32x4.extract_lane(redGreen, 1), 1);
    store<u8>(colours, <u8>((load<f64>(row, 16) / known) * scale + 0.5), 2);
  }
}
