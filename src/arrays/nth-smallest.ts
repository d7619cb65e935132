/**
 * What would stand at place n if the values were sorted, by Hoare's selection: it sorts only the part that holds it. The values change places;
 * none may be NaN.
 */
export function nthSmallest(values: Float32Array, n: number): number {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = values[(first + last) >> 1];
    let i = first;
    let j = last;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    // All up to j are at most the pivot, all from i on at least; what lies between is the pivot.
    if (n <= j) last = j;
    else if (n >= i) first = i;
    else break;
  }
  return values[n];
}
