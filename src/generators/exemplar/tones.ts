import { boxSums } from '../../arrays/box-sums';
import { placesOf } from '../../arrays/places';
import { VectorMemory } from '../../arrays/vector-memory';
import type { Guide } from './find-guides';
import { FINEST_LED, shrunk } from './guides';
import { CHANNELS, type Level } from './pyramid';

// How much a tone counts beside a colour of the picture.
const WEIGHT = 0.5;
// Half the side of the square that a tone is the mean of, in pixels of each level.
const RADIUS = 3;
// Successive over-relaxation: its factor and rounds at the coarsest level, where the hole is some 40 pixels thick, and the change that ends it.
// Where nearly nothing may be copied there are many more places: then so many are gone over in all rounds, in a tenth of a second.
const FACTOR = 1.8;
const ROUNDS = 400;
const MOST = 8e6;
const SETTLED = 5e-4;
// Below it, the coarser tones are but to be smoothed.
const ROUNDS_BELOW = 8;

type Size = Pick<Level, 'height' | 'width'>;

/**
 * Three channels for patches to be compared by: the colour that is to be expected around each pixel. Where it may be copied from, that is the mean of
 * its surroundings; in the hole, and where else nothing may be copied from, what these come to if they run into each other and not across the guides (a membrane cut by them, as in Orzan et
 * al., Diffusion curves, 2008). So no part of what stands at one side comes to lie at the other, as patches alone, which look no further than
 * they are wide, would have it.
 *
 * @param levels a pyramid, the finest first.
 * @param guides in pixels of the finest level.
 * @param pause is awaited after each level.
 * @returns [height, width, 3] of the coarsest level and of those that guides count at; of others nothing.
 */
export async function tonesByLevel(levels: readonly Level[], guides: readonly Guide[], pause: () => Promise<void>): Promise<(Float32Array | undefined)[]> {
  const out: (Float32Array | undefined)[] = levels.map(() => undefined);
  const coarsest = levels.length - 1;
  let coarser: Float32Array | undefined;
  for (let n = coarsest; n >= Math.min(FINEST_LED, coarsest); n--) {
    const level = levels[n];
    const tones = meansOf(level);
    const places = placesOf(level.barred);
    if (coarser) takeOver(tones, level, places, coarser, levels[n + 1].width);
    else startAtMean(tones, places);
    const ties = tiesOf(level, places, guides, 2 ** n);
    if (coarser) diffuse(tones, level.width, places, ties, 1, ROUNDS_BELOW);
    else diffuse(tones, level.width, places, ties, FACTOR, Math.min(ROUNDS, Math.ceil(MOST / places.length)));
    await pause();
    out[n] = tones;
    coarser = tones;
  }
  return out;
}

/** The mean colour of what may be copied around each such pixel, by its weight; 0 elsewhere. */
const meansOf = (level: Pictured): Float32Array => vectorMeans(level) ?? plainMeans(level);

type Pictured = Pick<Level, 'height' | 'width' | 'features' | 'barred'>;

/** In WebAssembly; none where that can't be had. */
export const vectorMeans = ({ height, width, features, barred }: Pictured): Float32Array | undefined =>
  VectorMemory.over([features, barred], [12 * height * width, 16 * height * width + 8 * width], (memory, [values, marks], [out, room]) => {
    memory.functions.meanColours(values, marks, height, width, CHANNELS, RADIUS, WEIGHT, out, room);
    return memory.floats(out, 3 * height * width).slice();
  });

/** In plain JavaScript, and to be read first. */
export function plainMeans({ height, width, features, barred }: Pictured): Float32Array {
  const pixels = height * width;
  const out = new Float32Array(3 * pixels);
  const values = new Float32Array(pixels);
  for (let p = 0; p < pixels; p++) values[p] = barred[p] ? 0 : 1;
  const counts = boxSums(values, height, width, RADIUS);
  for (let c = 0; c < 3; c++) {
    for (let p = 0; p < pixels; p++) values[p] = barred[p] ? 0 : features[p * CHANNELS + c];
    const sums = boxSums(values, height, width, RADIUS);
    for (let p = 0; p < pixels; p++) if (!barred[p]) out[3 * p + c] = (WEIGHT * sums[p]) / counts[p];
  }
  return out;
}

/** Gives places, which are 0, the mean of all other pixels. */
function startAtMean(tones: Float32Array, places: Int32Array): void {
  const others = tones.length / 3 - places.length;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (let i = c; i < tones.length; i += 3) sum += tones[i];
    for (const p of places) tones[3 * p + c] = sum / others;
  }
}

/** Gives places what a level of half the size has there. */
function takeOver(tones: Float32Array, { width }: Size, places: Int32Array, coarser: Float32Array, coarserWidth: number): void {
  for (const p of places) {
    const y = Math.floor(p / width);
    const from = 3 * ((y >> 1) * coarserWidth + ((p - y * width) >> 1));
    for (let c = 0; c < 3; c++) tones[3 * p + c] = coarser[from + c];
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

/** Lets colours run into each other: Laplace's equation over the places. */
function diffuse(tones: Float32Array, width: number, places: Int32Array, ties: Uint8Array, factor: number, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    let largest = 0;
    for (let i = 0; i < places.length; i++) {
      const tie = ties[i];
      const count = (tie & 1) + ((tie >> 1) & 1) + ((tie >> 2) & 1) + ((tie >> 3) & 1);
      if (count === 0) continue;
      const at = 3 * places[i];
      for (let k = at; k < at + 3; k++) {
        let sum = 0;
        if (tie & RIGHT) sum += tones[k + 3];
        if (tie & LEFT) sum += tones[k - 3];
        if (tie & BELOW) sum += tones[k + 3 * width];
        if (tie & ABOVE) sum += tones[k - 3 * width];
        const change = factor * (sum / count - tones[k]);
        tones[k] += change;
        if (Math.abs(change) > largest) largest = Math.abs(change);
      }
    }
    if (largest < SETTLED) break;
  }
}
