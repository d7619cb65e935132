import { nthSmallest } from '../../arrays/nth-smallest';
import { placesOf } from '../../arrays/places';
import { randomIntegers } from '../../arrays/random';
import { VectorMemory } from '../../arrays/vector-memory';
import { CHANNELS, type Level } from './pyramid';

// What it costs to take a source once more, as a mean squared difference: a strip that is copied side by side shows.
const REUSE = 0.05;
// A source of the usual look costs half of that, one of a rare look up to three times as much.
const LEAST = 0.5;
const MOST = 3;
// A look is as rare as REUSE is meant for where it is found this many times less often than the median one.
const SELDOM = 3;
// So many sources are looked at to tell how often a look is found; those count that are nearer to it than this share of all looks' variance.
const SAMPLES = 256;
const LIKENESS = 0.4;
// From which to which share of a patch's slopes must run across the others, for it to be told from its neighbours along an edge.
const ACROSS = { none: 0.2, all: 0.6 };

/**
 * What it costs to take each of a level's sources once more, [height, width]. Sky, sand or waves may be copied again and again; of a bush that
 * there are few of, anybody sees the second copy. What is alike along an edge, as a horizon is, or a stem, may go on: its copies don't show.
 */
export const reusePrices = (level: Sourced, patchSize: number): Float32Array => vectorPrices(level, patchSize) ?? plainPrices(level, patchSize);

type Sourced = Pick<Level, 'height' | 'width' | 'features' | 'sources'>;

/** In WebAssembly; none where that can't be had. */
export function vectorPrices({ height, width, features, sources }: Sourced, patchSize: number): Float32Array | undefined {
  const places = placesOf(sources);
  const count = places.length;
  const pixels = height * width;
  const sizes = [4 * count, 8 * CHANNELS * (SAMPLES + count), 4 * pixels];
  return VectorMemory.over([features, places], sizes, (memory, [picture, list], [shares, room, prices]) => {
    const { functions } = memory;
    const { none, all } = ACROSS;
    if (count > 0) functions.sharesAlike(picture, width, list, count, patchSize, SAMPLES, LIKENESS, shares, room);
    const median = nthSmallest(memory.floats(shares, count).slice(), count >> 1);
    functions.reusePrices(picture, width, list, count, patchSize, shares, median, SELDOM, LEAST, MOST, none, all, REUSE, prices, pixels);
    return memory.floats(prices, pixels).slice();
  });
}

/** In plain JavaScript, and to be read first. */
export function plainPrices({ height, width, features, sources }: Sourced, patchSize: number): Float32Array {
  const places = placesOf(sources);
  const looks = looksOf(features, width, places, patchSize);
  const shares = sharesAlike(looks, places.length);
  const median = nthSmallest(shares.slice(), shares.length >> 1);
  const prices = new Float32Array(height * width);
  places.forEach((s, i) => {
    const rare = Math.min(MOST, Math.max(LEAST, median / (SELDOM * shares[i])));
    const shows = rare > 1 ? 1 + (rare - 1) * patterned(features, width, s, patchSize) : rare;
    prices[s] = REUSE * shows;
  });
  return prices;
}

/** The means of the features in the patch at each place. */
function looksOf(features: Float32Array, width: number, places: Int32Array, patchSize: number): Float64Array {
  const margin = patchSize >> 1;
  const looks = new Float64Array(places.length * CHANNELS);
  places.forEach((s, i) => {
    for (let dy = -margin; dy <= margin; dy++) {
      for (let dx = -margin; dx <= margin; dx++) {
        const q = (s + dy * width + dx) * CHANNELS;
        for (let c = 0; c < CHANNELS; c++) looks[i * CHANNELS + c] += features[q + c];
      }
    }
  });
  return looks.map((sum) => sum / (patchSize * patchSize));
}

/** About which share of all places looks like each. */
function sharesAlike(looks: Float64Array, count: number): Float32Array {
  const next = randomIntegers(1);
  const samples = new Float64Array(SAMPLES * CHANNELS);
  for (let j = 0; j < samples.length; j += CHANNELS) {
    const i = (next() % count) * CHANNELS;
    samples.set(looks.subarray(i, i + CHANNELS), j);
  }
  let variance = 0;
  for (let c = 0; c < CHANNELS; c++) {
    let [sum, squares] = [0, 0];
    for (let j = c; j < samples.length; j += CHANNELS) {
      sum += samples[j];
      squares += samples[j] * samples[j];
    }
    variance += squares / SAMPLES - (sum / SAMPLES) * (sum / SAMPLES);
  }
  const reach = Math.max(LIKENESS * variance, 1e-9);
  const shares = new Float32Array(count);
  for (let i = 0, at = 0; i < count; i++, at += CHANNELS) {
    let alike = 0;
    const [r, g, b, across, down] = [looks[at], looks[at + 1], looks[at + 2], looks[at + 3], looks[at + 4]];
    // Channel by channel without a loop: the most of the work is here.
    for (let j = 0; j < samples.length; j += CHANNELS) {
      let d = r - samples[j];
      let distance = d * d;
      d = g - samples[j + 1];
      distance += d * d;
      d = b - samples[j + 2];
      distance += d * d;
      if (distance >= reach) continue;
      d = across - samples[j + 3];
      distance += d * d;
      d = down - samples[j + 4];
      distance += d * d;
      if (distance < reach) alike += 1 - distance / reach;
    }
    // None like it among the samples may be chance.
    shares[i] = (alike + 0.5) / SAMPLES;
  }
  return shares;
}

/** From 0, for a patch that is flat or alike along one direction, to 1, for one whose slopes run all ways: by the structure tensor. */
function patterned(features: Float32Array, width: number, place: number, patchSize: number): number {
  const margin = patchSize >> 1;
  let [xx, xy, yy] = [0, 0, 0];
  for (let dy = -margin; dy < margin; dy++) {
    for (let dx = -margin; dx < margin; dx++) {
      const q = (place + dy * width + dx) * CHANNELS;
      for (let c = 0; c < 3; c++) {
        const gx = features[q + CHANNELS + c] - features[q + c];
        const gy = features[q + width * CHANNELS + c] - features[q + c];
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
      }
    }
  }
  const trace = xx + yy;
  if (trace === 0) return 0;
  const across = (4 * (xx * yy - xy * xy)) / (trace * trace);
  return Math.min(1, Math.max(0, (across - ACROSS.none) / (ACROSS.all - ACROSS.none)));
}
