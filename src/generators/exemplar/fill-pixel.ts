import { placesOf } from '../../arrays/places';
import { randomIntegers } from '../../arrays/random';
import { VectorMemory } from '../../arrays/vector-memory';
import { plainFront } from './peel-front';
import { CHANNELS, type Level } from './pyramid';

// Random sources tried for each pixel, beside what its neighbours found.
const RANDOM_TRIES = 256;

/** A hole that is being filled pixel by pixel. The arrays are the filler's own, to be read until the hole is full. */
export interface PixelFiller {
  /** [height, width, 5]: the level's features, with those pixels that are filled. */
  features: Float32Array;
  /** [height, width, 2]: where each filled pixel was taken from. */
  offsets: Int32Array;
  /** [height, width]: 1 where a pixel is known or filled. */
  known: Uint8Array;
  /**
   * Fills pixels that are beside known or filled ones: so much of them as the share says, those first that much is known around and that
   * edges run into. Each takes over the centre of a source patch that agrees well with what is known around it. Candidates are the
   * continuations of the neighbours' sources, random ones, and places ever nearer to the best of these. Returns how many pixels are left.
   */
  turn: (share: number) => number;
  /** Leaves the arrays to others. */
  close: () => void;
}

/** How to fill. */
export interface PixelFillerOptions {
  patchSize: number;
  offsetPenalty: readonly [number, number];
  /** [height, width]: what it costs to take a source once more; see {@link reusePrices}. */
  prices: Float32Array;
  seed: number;
}

/** A filler for a level, by the compiled loops where they can be had. */
export function pixelFiller(level: FilledLevel, options: PixelFillerOptions): PixelFiller {
  return vectorFiller(level, options) ?? plainFiller(level, options);
}

type FilledLevel = Pick<Level, 'height' | 'width' | 'features' | 'hole' | 'sources'>;

/** In WebAssembly, four values at a time; none where that can't be had. */
export function vectorFiller(level: FilledLevel, { patchSize, offsetPenalty, prices, seed }: PixelFillerOptions): PixelFiller | undefined {
  const { height, width } = level;
  const pixels = height * width;
  const places = placesOf(level.sources);
  // A patch's rows in vectors, each with its place and its lanes, and eight empty ones behind them.
  const room = (patchSize * Math.ceil((patchSize * CHANNELS) / 4) + 8) * 3 * 16;
  const memory = VectorMemory.open(
    ...[level.features.byteLength, places.byteLength, 4 * pixels, pixels, pixels, pixels, pixels, 8 * pixels, room],
    ...[8 * pixels, 4 * pixels, 4 * pixels],
  );
  if (!memory) return undefined;
  const features = memory.place(level.features);
  const sources = memory.place(places);
  const priceList = memory.place(prices);
  const known = memory.reserve(pixels);
  const hole = memory.reserve(pixels);
  const isSource = memory.reserve(pixels);
  const used = memory.reserve(pixels);
  const offsets = memory.reserve(8 * pixels);
  const entries = memory.reserve(room);
  const priorities = memory.room(8 * pixels);
  const rest = memory.room(4 * pixels);
  const front = memory.room(4 * pixels);
  memory.doubles(priorities, pixels).fill(-1);
  const marks = { known: memory.bytes(known, pixels), hole: memory.bytes(hole, pixels), isSource: memory.bytes(isSource, pixels) };
  markPixels(level, places, marks);
  const { peelTurn, seed: startRandom } = memory.functions;
  startRandom(seed);
  const [rowPenalty, columnPenalty] = penalties(level, offsetPenalty);
  let left = -1;
  const turn = (share: number) => {
    if (left < 0) {
      const unknown = unknownPlaces(marks.known);
      memory.integers(rest, unknown.length).set(unknown);
      left = unknown.length;
    }
    left = peelTurn(
      rest,
      left,
      share,
      priorities,
      front,
      features,
      height,
      width,
      CHANNELS,
      patchSize,
      known,
      hole,
      isSource,
      sources,
      places.length,
      offsets,
      entries,
      RANDOM_TRIES,
      rowPenalty,
      columnPenalty,
      used,
      priceList,
    );
    return left;
  };
  return {
    features: memory.floats(features, level.features.length),
    offsets: memory.integers(offsets, 2 * pixels),
    known: marks.known,
    turn,
    close: () => memory.close(),
  };
}

/** Writes what is known, what is hole, and what is a source. */
function markPixels(level: FilledLevel, sources: Int32Array, { known, hole, isSource }: Record<'known' | 'hole' | 'isSource', Uint8Array>): void {
  for (let p = 0; p < hole.length; p++) {
    hole[p] = level.hole[p] > 0 ? 1 : 0;
    known[p] = 1 - hole[p];
  }
  for (const p of sources) isSource[p] = 1;
}

const penalties = ({ height, width }: FilledLevel, [rows, columns]: readonly [number, number]) => [rows / (height * height), columns / (width * width)];

/** What is not known when the first turn begins: some of the hole may be filled before. */
const unknownPlaces = (known: Uint8Array) => placesOf(known.map((mark) => 1 - mark));

/** In plain JavaScript, and to be read first. */
export function plainFiller(level: FilledLevel, { patchSize, offsetPenalty, prices, seed }: PixelFillerOptions): PixelFiller {
  const { height, width, hole, sources } = level;
  const margin = patchSize >> 1;
  const features = level.features.slice();
  const offsets = new Int32Array(height * width * 2);
  const known = new Uint8Array(hole.map((h) => (h ? 0 : 1)));
  const used = new Uint8Array(height * width);
  const random = randomIntegers(seed);
  const places = placesOf(sources);
  const [rowPenalty, columnPenalty] = penalties(level, offsetPenalty);
  // The known pixels of the patch at hand: their way from the centre, and their features.
  const ways = new Int32Array(patchSize * patchSize);
  const values = new Float32Array(patchSize * patchSize * CHANNELS);

  const gatherKnown = (y: number, x: number): number => {
    let count = 0;
    for (let qy = Math.max(y - margin, 0); qy <= Math.min(y + margin, height - 1); qy++) {
      for (let qx = Math.max(x - margin, 0); qx <= Math.min(x + margin, width - 1); qx++) {
        const q = qy * width + qx;
        if (!known[q]) continue;
        for (let c = 0; c < CHANNELS; c++) values[count * CHANNELS + c] = features[q * CHANNELS + c];
        ways[count++] = q - (y * width + x);
      }
    }
    return count;
  };

  // The pixel takes over the centre of the best source patch.
  const fill = (p: number) => {
    const y = (p / width) | 0;
    const x = p - y * width;
    const count = gatherKnown(y, x);
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    const attempt = (sy: number, sx: number) => {
      if (sy < 0 || sx < 0 || sy >= height || sx >= width) return;
      const s = sy * width + sx;
      if (!sources[s] || s === at) return;
      let sum = count * (rowPenalty * (sy - y) * (sy - y) + columnPenalty * (sx - x) * (sx - x) + prices[s] * used[s]);
      for (let i = 0; i < count && sum < best; i++) {
        const from = (s + ways[i]) * CHANNELS;
        for (let c = 0; c < CHANNELS; c++) {
          const d = values[i * CHANNELS + c] - features[from + c];
          sum += d * d;
        }
      }
      if (sum < best) {
        best = sum;
        at = s;
      }
    };
    for (let qy = Math.max(y - 1, 0); qy <= Math.min(y + 1, height - 1); qy++) {
      for (let qx = Math.max(x - 1, 0); qx <= Math.min(x + 1, width - 1); qx++) {
        const q = qy * width + qx;
        if (hole[q] && known[q]) attempt(y + offsets[2 * q], x + offsets[2 * q + 1]);
      }
    }
    for (let i = 0; i < RANDOM_TRIES; i++) {
      const s = places[random() % places.length];
      attempt((s / width) | 0, s % width);
    }
    for (let reach = Math.max(height, width) >> 3; reach >= 1; reach >>= 1) {
      for (let i = 0; i < 4; i++) {
        const sy = (at / width) | 0;
        attempt(sy + (random() % (2 * reach + 1)) - reach, at - sy * width + (random() % (2 * reach + 1)) - reach);
      }
    }
    const sy = (at / width) | 0;
    offsets[2 * p] = sy - y;
    offsets[2 * p + 1] = at - sy * width - x;
    for (let c = 0; c < CHANNELS; c++) features[p * CHANNELS + c] = features[at * CHANNELS + c];
    known[p] = 1;
    if (used[at] < 255) used[at]++;
  };

  const front = plainFront({ height, width, features }, known, patchSize);
  let rest: Int32Array | undefined;
  const turn = (share: number) => {
    rest ??= unknownPlaces(known);
    const first = front.first(rest, share);
    first.forEach(fill);
    first.forEach(front.forgetAround);
    rest = rest.filter((p) => !known[p]);
    return rest.length;
  };
  return { features, offsets, known, turn, close: () => {} };
}
