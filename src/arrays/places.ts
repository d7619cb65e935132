/** The places at which a mask is above 0, in order. */
export function placesOf(mask: ArrayLike<number>): Int32Array {
  let count = 0;
  for (let p = 0; p < mask.length; p++) if (mask[p] > 0) count++;
  const places = new Int32Array(count);
  for (let p = 0, n = 0; n < count; p++) if (mask[p] > 0) places[n++] = p;
  return places;
}
