// What a filter leaves is the better compressed the closer it is to zero, as signed bytes: PNG's own rule of thumb.

/** Writes the row's five filtered versions, one after another, and returns the number of the one with the least sum of magnitudes. */
export function filterRow(line: Uint8Array, above: Uint8Array, step: number, versions: Uint8Array[]): number {
  const [none, sub, up, average, paeth] = versions;
  const sums = [0, 0, 0, 0, 0];
  const { length } = line;
  let [sumNone, sumSub, sumUp, sumAverage, sumPaeth] = sums;
  for (let i = 0; i < length; i++) {
    const value = line[i];
    const left = i < step ? 0 : line[i - step];
    const over = above[i];
    const corner = i < step ? 0 : above[i - step];
    const byLeft = Math.abs(over - corner);
    const byOver = Math.abs(left - corner);
    const byCorner = Math.abs(left + over - 2 * corner);
    const predicted = byLeft <= byOver && byLeft <= byCorner ? left : byOver <= byCorner ? over : corner;
    none[i] = value;
    sub[i] = value - left;
    up[i] = value - over;
    average[i] = value - ((left + over) >> 1);
    paeth[i] = value - predicted;
    sumNone += magnitude(value);
    sumSub += magnitude(value - left);
    sumUp += magnitude(value - over);
    sumAverage += magnitude(value - ((left + over) >> 1));
    sumPaeth += magnitude(value - predicted);
  }
  const totals = [sumNone, sumSub, sumUp, sumAverage, sumPaeth];
  return totals.indexOf(Math.min(...totals));
}

const magnitude = (value: number): number => Math.abs((value << 24) >> 24);
