import { boxSums } from '../../arrays/box-sums';
import { placesOf } from '../../arrays/places';
import { VectorMemory } from '../../arrays/vector-memory';
import type { Guide } from './find-guides';
import { FINEST_LED, shrunk } from './guides';
import { CHANNELS, COLOURS, type Level } from './pyramid';
import { TEXTURE_RADIUS } from './texture';

// How much a tone counts beside a colour of the picture.
const WEIGHT = 0.5;
// Of sources that are equally far from what is to be expected, the smoother ones are nearer to patches: so much more texture than its surroundings'
// is expected in a hole that it comes out with about as much.
const LIVELIER = 1.4;
// Half the side of the square that a colour is the mean of, in pixels of each level.
const RADIUS = 3;
// Successive over-relaxation: its factor and rounds at the coarsest level, where the hole is some 40 pixels thick, and the change that ends it.
// Where nearly nothing may be copied there are many more places: then so many are gone over in all rounds, in a fifth of a second.
const FACTOR = 1.8;
const ROUNDS = 400;
const MOST = 8e6;
const SETTLED = 5e-4;
// Below it, the coarser tones are but to be smoothed.
const ROUNDS_BELOW = 8;

type Size = Pick<Level, 'height' | 'width'>;

/**
 * Channels for patches to be compared by: the colour and the texture that are to be expected around each pixel. Where it may be copied from, that is the mean of
 * its surroundings; in the hole, and where else nothing may be copied from, what these come to if they run into each other and not across the guides (a membrane cut by them, as in Orzan et
 * al., Diffusion curves, 2008). So no part of what stands at one side comes to lie at the other, as patches alone, which look no further than
 * they are wide, would have it, and sand is not filled with its flattest spot.
 *
 * @param levels a pyramid, the finest first.
 * @param guides in pixels of the finest level.
 * @param pause is awaited after each level.
 * @returns [height, width, 5] of the coarsest level and of those that guides count at; of others nothing.
 */
export async function tonesByLevel(levels: readonly Level[], guides: readonly Guide[], pause: () => Promise<void>): Promise<(Float32Array | undefined)[]> {
  const out: (Float32Array | undefined)[] = levels.map(() => undefined);
  const coarsest = levels.length - 1;
  let coarser: Float32Array | undefined;
  for (let n = coarsest; n >= Math.min(FINEST_LED, coarsest); n--) {
    const level = levels[n];
    const unsure = unsureOf(level, 2 ** n);
    const tones = meansOf({ ...level, barred: unsure });
    const places = placesOf(unsure);
    if (coarser) takeOver(tones, level, places, coarser, levels[n + 1].width);
    else startAtMean(tones, places);
    const ties = tiesOf(level, places, guides, 2 ** n);
    if (coarser) diffuse(tones, level.width, places, ties, 1, ROUNDS_BELOW);
    else diffuse(tones, level.width, places, ties, FACTOR, Math.min(ROUNDS, Math.ceil(MOST / places.length)));
    await pause();
    out[n] = tones;
    coarser = tones;
  }
  // Finer levels start from these as they are.
  for (const [n, tones] of out.entries()) if (tones) enliven(tones, levels[n]);
  return out;
}

/** Where nothing may be copied from, and what is so near to what must not be copied that its texture is of that as well; unless nothing else were left. */
function unsureOf({ height, width, hole, barred }: Level, scale: number): Float32Array {
  if (barred === hole) return barred;
  const avoided = barred.map((mark, p) => (hole[p] ? 0 : mark));
  const near = boxSums(avoided, height, width, Math.ceil(TEXTURE_RADIUS / scale));
  const unsure = barred.map((mark, p) => (mark || near[p] > 0.5 ? 1 : 0));
  return unsure.includes(0) ? unsure : barred;
}

/** More texture where nothing may be copied from. */
function enliven(tones: Float32Array, { barred }: Level): void {
  for (const p of placesOf(barred)) for (let c = COLOURS; c < CHANNELS; c++) tones[p * CHANNELS + c] *= LIVELIER;
}

/** The mean colour of what may be copied around each such pixel, and the texture there, by their weight; 0 elsewhere. */
const meansOf = (level: Pictured): Float32Array => vectorMeans(level) ?? plainMeans(level);

type Pictured = Pick<Level, 'height' | 'width' | 'features' | 'barred'>;

/** In WebAssembly; none where that can't be had. */
export const vectorMeans = ({ height, width, features, barred }: Pictured): Float32Array | undefined =>
  VectorMemory.over([features, barred], [4 * CHANNELS * height * width, 16 * height * width + 8 * width], (memory, [values, marks], [out, room]) => {
    memory.functions.meanFeatures(values, marks, height, width, CHANNELS, COLOURS, RADIUS, WEIGHT, out, room);
    return memory.floats(out, CHANNELS * height * width).slice();
  });

/** In plain JavaScript, and to be read first. */
export function plainMeans({ height, width, features, barred }: Pictured): Float32Array {
  const pixels = height * width;
  const out = new Float32Array(CHANNELS * pixels);
  const values = new Float32Array(pixels);
  for (let p = 0; p < pixels; p++) values[p] = barred[p] ? 0 : 1;
  const counts = boxSums(values, height, width, RADIUS);
  for (let c = 0; c < COLOURS; c++) {
    for (let p = 0; p < pixels; p++) values[p] = barred[p] ? 0 : features[p * CHANNELS + c];
    const sums = boxSums(values, height, width, RADIUS);
    for (let p = 0; p < pixels; p++) if (!barred[p]) out[p * CHANNELS + c] = (WEIGHT * sums[p]) / counts[p];
  }
  // Texture is a mean as it is, over fewer pixels at coarser levels.
  for (let c = COLOURS; c < CHANNELS; c++) for (let p = 0; p < pixels; p++) if (!barred[p]) out[p * CHANNELS + c] = WEIGHT * features[p * CHANNELS + c];
  return out;
}

/** Gives places, which are 0, the mean of all other pixels. */
function startAtMean(tones: Float32Array, places: Int32Array): void {
  const others = tones.length / CHANNELS - places.length;
  for (let c = 0; c < CHANNELS; c++) {
    let sum = 0;
    for (let i = c; i < tones.length; i += CHANNELS) sum += tones[i];
    for (const p of places) tones[p * CHANNELS + c] = sum / others;
  }
}

/** Gives places what a level of half the size has there. */
function takeOver(tones: Float32Array, { width }: Size, places: Int32Array, coarser: Float32Array, coarserWidth: number): void {
  for (const p of places) {
    const y = Math.floor(p / width);
    const from = CHANNELS * ((y >> 1) * coarserWidth + ((p - y * width) >> 1));
    for (let c = 0; c < CHANNELS; c++) tones[p * CHANNELS + c] = coarser[from + c];
  }
}

// Which neighbours a place runs into: a bit each.
const RIGHT = 1;
const LEFT = 2;
const BELOW = 4;
const ABOVE = 8;

/** Which neighbours each place runs into: those in the picture that no guide parts it from. */
function tiesOf({ height, width }: Size, places: Int32Array, guides: readonly Guide[], scale: number): Uint8Array {
  const cut = cutsOf({ height, width }, guides, scale);
  const ties = new Uint8Array(places.length);
  for (let i = 0; i < places.length; i++) {
    const p = places[i];
    const x = p % width;
    if (x + 1 < width && !(cut[p] & RIGHT)) ties[i] |= RIGHT;
    if (x > 0 && !(cut[p - 1] & RIGHT)) ties[i] |= LEFT;
    if (p + width < height * width && !(cut[p] & BELOW)) ties[i] |= BELOW;
    if (p >= width && !(cut[p - width] & BELOW)) ties[i] |= ABOVE;
  }
  return ties;
}

/** Marks pixels that a guide parts from the one to the right, or from the one below. */
function cutsOf({ height, width }: Size, guides: readonly Guide[], scale: number): Uint8Array {
  const cut = new Uint8Array(height * width);
  for (const { way } of guides) {
    for (let i = 0; i + 1 < way.length; i++) {
      const [ay, ax, by, bx] = [...way[i], ...way[i + 1]].map((v) => shrunk(v, scale));
      // Of which side of the guide, and of which side of the line between two pixels the guide's ends, a point is.
      const side = (y: number, x: number) => (by - ay) * (x - ax) - (bx - ax) * (y - ay) > 0;
      for (let y = Math.max(0, Math.floor(Math.min(ay, by)) - 1); y <= Math.min(height - 1, Math.ceil(Math.max(ay, by))); y++) {
        for (let x = Math.max(0, Math.floor(Math.min(ax, bx)) - 1); x <= Math.min(width - 1, Math.ceil(Math.max(ax, bx))); x++) {
          if (x + 1 < width && side(y, x) !== side(y, x + 1) && ay > y !== by > y) cut[y * width + x] |= RIGHT;
          if (y + 1 < height && side(y, x) !== side(y + 1, x) && ax > x !== bx > x) cut[y * width + x] |= BELOW;
        }
      }
    }
  }
  return cut;
}

/** Lets tones run into each other: Laplace's equation over the places. */
function diffuse(tones: Float32Array, width: number, places: Int32Array, ties: Uint8Array, factor: number, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    let largest = 0;
    for (let i = 0; i < places.length; i++) {
      const tie = ties[i];
      const count = (tie & 1) + ((tie >> 1) & 1) + ((tie >> 2) & 1) + ((tie >> 3) & 1);
      if (count === 0) continue;
      const at = CHANNELS * places[i];
      for (let k = at; k < at + CHANNELS; k++) {
        let sum = 0;
        if (tie & RIGHT) sum += tones[k + CHANNELS];
        if (tie & LEFT) sum += tones[k - CHANNELS];
        if (tie & BELOW) sum += tones[k + CHANNELS * width];
        if (tie & ABOVE) sum += tones[k - CHANNELS * width];
        const change = factor * (sum / count - tones[k]);
        tones[k] += change;
        if (Math.abs(change) > largest) largest = Math.abs(change);
      }
    }
    if (largest < SETTLED) break;
  }
}
