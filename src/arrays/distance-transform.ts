/**
 * The exact squared Euclidean distance of each pixel to the nearest marked one (Felzenszwalb and Huttenlocher 2012):
 * lower envelopes of parabolas, along the columns and then along the rows. Infinity where nothing is marked.
 */
export function squaredDistances(marked: ArrayLike<number>, height: number, width: number): Float32Array {
  const out = new Float32Array(height * width);
  for (let p = 0; p < out.length; p++) out[p] = marked[p] > 0 ? 0 : Number.POSITIVE_INFINITY;
  const longest = Math.max(height, width);
  const line = new Float64Array(longest);
  const vertex = new Int32Array(longest);
  const start = new Float64Array(longest + 1);

  const transform = (first: number, step: number, length: number) => {
    // Only finite parabolas take part: the difference of two infinite ones means nothing.
    let count = 0;
    for (let i = 0; i < length; i++) {
      const height = out[first + i * step];
      line[i] = height;
      if (height === Number.POSITIVE_INFINITY) continue;
      let cross = Number.NEGATIVE_INFINITY;
      while (count > 0) {
        const v = vertex[count - 1];
        cross = (height + i * i - line[v] - v * v) / (2 * (i - v));
        if (cross > start[count - 1]) break;
        count--;
        cross = Number.NEGATIVE_INFINITY;
      }
      vertex[count] = i;
      start[count] = cross;
      count++;
    }
    if (count === 0) return;
    for (let i = 0, k = 0; i < length; i++) {
      while (k + 1 < count && start[k + 1] < i) k++;
      const v = vertex[k];
      out[first + i * step] = (i - v) * (i - v) + line[v];
    }
  };
  for (let x = 0; x < width; x++) transform(x, width, height);
  for (let y = 0; y < height; y++) transform(y * width, 1, width);
  return out;
}
