/**
 * Undoes a PNG row's filter where it stands: each byte was stored less a prediction from those to the left and above.
 *
 * @param line the row's bytes without the filter's number
 * @param above the row above, unfiltered; zeros for the first
 * @param step bytes to the left neighbour: a pixel's, at least 1
 */
export function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): boolean {
  const { length } = line;
  if (filter === 1) {
    for (let i = step; i < length; i++) line[i] += line[i - step];
  } else if (filter === 2) {
    for (let i = 0; i < length; i++) line[i] += above[i];
  } else if (filter === 3) {
    for (let i = 0; i < step && i < length; i++) line[i] += above[i] >> 1;
    for (let i = step; i < length; i++) line[i] += (line[i - step] + above[i]) >> 1;
  } else if (filter === 4) {
    for (let i = 0; i < step && i < length; i++) line[i] += above[i];
    for (let i = step; i < length; i++) {
      const left = line[i - step];
      const up = above[i];
      const corner = above[i - step];
      const byLeft = Math.abs(up - corner);
      const byUp = Math.abs(left - corner);
      const byCorner = Math.abs(left + up - 2 * corner);
      line[i] += byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
    }
  }
  return filter <= 4;
}
