import { placesOf } from './places';
import { randomIntegers } from './random';
import { VectorMemory } from './vector-memory';

/** A picture whose patches are compared, and how they are looked for. All arrays are row-major. */
export interface PatchSearch {
  height: number;
  width: number;
  channels: number;
  /** [height, width, channels]: what patches are compared by. */
  features: Float32Array;
  /** [height, width, 2]: where to start; an offset that leads to no source is replaced by a random one. */
  offsets: ArrayLike<number>;
  patchSize: number;
  iterations: number;
  /** The random search starts with this reach, in pixels, and halves it. */
  searchRadius: number;
  /** Added to the distance: penalty * (offset / size)^2, for rows and columns. */
  rowPenalty: number;
  columnPenalty: number;
  seed: number;
}

/** Which patches take part, as marks. */
export interface SearchMarks {
  /** [height, width]: > 0 where a patch centre may be taken as source. */
  sources: ArrayLike<number>;
  /** [height, width]: > 0 where a nearest patch is asked for. */
  queries: ArrayLike<number>;
}

/** What the search finds: of each query in the order asked, or of each pixel. */
export interface NearestPatches {
  /** [queries, 2] or [height, width, 2]: the offset of each query's best source; 0 elsewhere. */
  offsets: Int32Array;
  /** [queries] or [height, width]: the mean over the patch of the squared difference; Infinity where there is no source at all. */
  distances: Float32Array;
}

/** {@link nearestPatches}, of pixels that are marked, for all pixels. */
export function searchPatches({ sources, queries, ...search }: PatchSearch & SearchMarks): NearestPatches {
  const places = placesOf(queries);
  const found = nearestPatches(search, places, placesOf(sources));
  return spread([found], [places], search.height * search.width);
}

/** What was found for lists of places, laid where those are. */
export function spread(found: readonly NearestPatches[], lists: readonly Int32Array[], pixels: number): NearestPatches {
  const offsets = new Int32Array(2 * pixels);
  const distances = new Float32Array(pixels);
  for (const [n, places] of lists.entries()) {
    const from = found[n];
    for (let i = 0; i < places.length; i++) {
      const p = places[i];
      offsets[2 * p] = from.offsets[2 * i];
      offsets[2 * p + 1] = from.offsets[2 * i + 1];
      distances[p] = from.distances[i];
    }
  }
  return { offsets, distances };
}

/**
 * PatchMatch (Barnes et al. 2009): sweeps that take over the neighbours' offsets and try random places at halving
 * distances. Gives each query's offset to its best source and the mean over the patch of their squared difference.
 *
 * @param queries places, in order: lists, as the hole is a small part of the picture.
 * @param sources likewise.
 */
export function nearestPatches(search: PatchSearch, queries: Int32Array, sources: Int32Array): NearestPatches {
  if (sources.length > 0) return vectorSearch(search, queries, sources) ?? plainSearch(search, queries, sources);
  return { offsets: new Int32Array(2 * queries.length), distances: new Float32Array(queries.length).fill(Number.POSITIVE_INFINITY) };
}

/** Penalties of a pixel's offset, for a patch's sum of squares. */
function penalties({ height, width, patchSize, rowPenalty, columnPenalty }: PatchSearch): [number, number] {
  const area = patchSize * patchSize;
  return [(rowPenalty * area) / (height * height), (columnPenalty * area) / (width * width)];
}

/** Copies the features into a larger picture with a border, so that patches may hang over it. */
function padRows({ features, height, width, channels, patchSize }: PatchSearch, out: Float32Array): void {
  const margin = patchSize >> 1;
  const row = width * channels;
  for (let y = 0, to = (margin * (width + 2 * margin) + margin) * channels; y < height; y++, to += row + 2 * margin * channels) {
    out.set(features.subarray(y * row, (y + 1) * row), to);
  }
}

/** A picture whose border repeats the edge. Its pixel (y, x) is the top left corner of the patch centred on (y, x). */
function padByEdge(search: PatchSearch): Float32Array {
  const { height, width, channels, patchSize } = search;
  const out = new Float32Array(paddedLength(search));
  padRows(search, out);
  const margin = patchSize >> 1;
  const stride = (width + 2 * margin) * channels;
  for (let y = margin; y < height + margin; y++) {
    const left = y * stride + margin * channels;
    const right = left + width * channels;
    for (let i = 0; i < margin * channels; i++) {
      out[y * stride + i] = out[left + (i % channels)];
      out[right + i] = out[right - channels + (i % channels)];
    }
  }
  for (let y = 0; y < margin; y++) {
    out.copyWithin(y * stride, margin * stride, (margin + 1) * stride);
    out.copyWithin((height + margin + y) * stride, (height + margin - 1) * stride, (height + margin) * stride);
  }
  return out;
}

const paddedLength = ({ height, width, channels, patchSize }: PatchSearch) => (height + patchSize - 1) * (width + patchSize - 1) * channels;

/** In WebAssembly, four values at a time; none where that can't be had. */
export function vectorSearch(search: PatchSearch, queries: Int32Array, sources: Int32Array): NearestPatches | undefined {
  const { height, width, channels, patchSize } = search;
  const pixels = height * width;
  const rooms = [4 * paddedLength(search), pixels, pixels, 8 * pixels, 4 * pixels];
  return VectorMemory.over([queries, sources], rooms, (memory, [queryList, sourceList], [picture, isQuery, isSource, offsets, distances]) => {
    padRows(search, memory.floats(picture, paddedLength(search)));
    memory.integers(offsets, 2 * pixels).set(search.offsets);
    memory.functions.searchPatches(
      picture,
      height,
      width,
      channels,
      patchSize,
      queryList,
      queries.length,
      isQuery,
      sourceList,
      sources.length,
      isSource,
      offsets,
      distances,
      search.iterations,
      search.searchRadius,
      ...penalties(search),
      search.seed,
    );
    return { offsets: memory.integers(offsets, 2 * queries.length).slice(), distances: memory.floats(distances, queries.length).slice() };
  });
}

/** The queries' part of a field, and of sums over patches the means. */
function ofQueries(queries: Int32Array, field: Int32Array, sums: Float32Array, patchSize: number): NearestPatches {
  const offsets = new Int32Array(2 * queries.length);
  const distances = new Float32Array(queries.length);
  for (let i = 0; i < queries.length; i++) {
    const p = queries[i];
    offsets[2 * i] = field[2 * p];
    offsets[2 * i + 1] = field[2 * p + 1];
    distances[i] = sums[p] / (patchSize * patchSize);
  }
  return { offsets, distances };
}

/** In plain JavaScript, and to be read first. */
export function plainSearch(search: PatchSearch, queryList: Int32Array, sourceList: Int32Array): NearestPatches {
  const { height, width, channels, patchSize, iterations, searchRadius } = search;
  const queries = mark(new Uint8Array(height * width), queryList);
  const sources = mark(new Uint8Array(height * width), sourceList);
  const padded = padByEdge(search);
  const run = patchSize * channels;
  const stride = (width + patchSize - 1) * channels;
  const random = randomIntegers(search.seed);
  const offsets = new Int32Array(height * width * 2);
  const distances = new Float32Array(height * width);
  const [rowPenalty, columnPenalty] = penalties(search);

  // Sum of squared differences and penalty, or any value >= limit.
  const distance = (y: number, x: number, sy: number, sx: number, limit: number): number => {
    let sum = rowPenalty * (sy - y) * (sy - y) + columnPenalty * (sx - x) * (sx - x);
    let a = y * stride + x * channels;
    let b = sy * stride + sx * channels;
    for (let row = 0; row < patchSize && sum < limit; row++) {
      for (let i = 0; i < run; i++) {
        const d = padded[a + i] - padded[b + i];
        sum += d * d;
      }
      a += stride;
      b += stride;
    }
    return sum;
  };

  for (const p of queryList) {
    const y = (p / width) | 0;
    const x = p - y * width;
    let sy = y + search.offsets[2 * p];
    let sx = x + search.offsets[2 * p + 1];
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || !sources[sy * width + sx]) {
      const s = sourceList[random() % sourceList.length];
      sy = (s / width) | 0;
      sx = s - sy * width;
    }
    offsets[2 * p] = sy - y;
    offsets[2 * p + 1] = sx - x;
    distances[p] = distance(y, x, sy, sx, Number.POSITIVE_INFINITY);
  }

  // The query at hand and its best source stand outside the loops: one closure for all makes the search 1.2 times as fast.
  let [y, x, best, bestY, bestX] = [0, 0, 0, 0, 0];
  const attempt = (sy: number, sx: number) => {
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || !sources[sy * width + sx] || (sy === bestY && sx === bestX)) return;
    const d = distance(y, x, sy, sx, best);
    if (d < best) {
      best = d;
      bestY = sy;
      bestX = sx;
    }
  };
  for (let iteration = 0; iteration < iterations; iteration++) {
    const forward = iteration % 2 === 0;
    const step = forward ? -1 : 1;
    for (let n = 0; n < queryList.length; n++) {
      const p = queryList[forward ? n : queryList.length - 1 - n];
      y = (p / width) | 0;
      x = p - y * width;
      best = distances[p];
      bestY = y + offsets[2 * p];
      bestX = x + offsets[2 * p + 1];
      if (x + step >= 0 && x + step < width && queries[p + step]) attempt(y + offsets[2 * (p + step)], x + offsets[2 * (p + step) + 1]);
      const q = p + step * width;
      if (y + step >= 0 && y + step < height && queries[q]) attempt(y + offsets[2 * q], x + offsets[2 * q + 1]);
      for (let reach = searchRadius; reach >= 1; reach >>= 1) {
        const span = 2 * reach + 1;
        attempt(bestY + (random() % span) - reach, bestX + (random() % span) - reach);
      }
      distances[p] = best;
      offsets[2 * p] = bestY - y;
      offsets[2 * p + 1] = bestX - x;
    }
  }
  return ofQueries(queryList, offsets, distances, patchSize);
}

function mark(marks: Uint8Array, places: Int32Array): Uint8Array {
  for (const p of places) marks[p] = 1;
  return marks;
}
