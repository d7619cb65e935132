// Why no library: @petamoriken/float16 rounds by the same rules, but has no bfloat16, and Float16Array is younger than Node 20.

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The bits of one float32 as the nearest half's; a tie goes to the even one. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // NaN keeps the upper bits of its payload, and stays a NaN where those are zero.
  if (magnitude > 0x7f800000) return sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200);
  // From halfway between the largest half and the next power of two on.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // A subnormal half counts in steps of 2^-24. Half a step and less is zero.
  if (magnitude <= 0x33000000) return sign;
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (rest > middle || (rest === middle && (kept & 1) === 1) ? kept + 1 : kept);
}

/** The float32 bits of one half; exact. */
function singleOf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  single[0] = mantissa * 2 ** -24;
  return sign | word[0];
}

/**
 * Half-precision bits of float32 values, rounded to the nearest, ties to even.
 *
 * `|value| >= 65520` becomes infinity, `|value| <= 2^-25` zero; signs of zeros, infinities and NaN stay.
 *
 * @param values any float32 values
 * @returns the bits of one half (IEEE 754 binary16) for each value
 * @example
 * toFloat16(Float32Array.of(1, -2, 65504)); // Uint16Array [0x3c00, 0xc000, 0x7bff]
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i]);
  return halves;
}

/** The float32 values of halves; exact. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = singleOf(halves[i]);
  return new Float32Array(bits.buffer);
}

/** The bits of float32 values as bfloat16, rounded to the nearest, ties to even. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    // NaN must not round up into infinity or a zero.
    result[i] = magnitude > 0x7f800000 ? (bits[i] >>> 16) | 0x40 : (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16;
  }
  return result;
}

/** The float32 values of bfloat16 bits; exact. */
export function fromBfloat16(values: Uint16Array): Float32Array {
  const bits = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = values[i] << 16;
  return new Float32Array(bits.buffer);
}
