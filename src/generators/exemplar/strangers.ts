import { boxSums } from '../../arrays/box-sums';
import { plainDistances } from '../../arrays/distance-transform';
import { VectorMemory } from '../../arrays/vector-memory';

// The ring around the hole whose colours are at home there, in pixels of the finest level, and how finely they are told
// apart: bins a channel, and the share of the ring below which a colour is a stranger.
const RING = 16;
const COLOUR_BINS = 12;
const STRANGE_SHARE = 2e-4;
// A patch with more than this share of strangers is no source.
const MOST_STRANGE = 0.1;

/**
 * 1 where a known pixel's colour hardly occurs in the ring around the hole: what a hole is surrounded by is likely in it,
 * and a stranger from elsewhere in the picture, another person or a roof, is not.
 */
export const findStrangers = (...picture: Picture): Float32Array => vectorStrangers(...picture) ?? plainStrangers(...picture);

type Picture = [colours: Float32Array, hole: Float32Array, height: number, width: number];

/** In WebAssembly; none where that can't be had. */
export const vectorStrangers = (...[colours, hole, height, width]: Picture): Float32Array | undefined =>
  VectorMemory.over([colours, hole], [4 * COLOUR_BINS ** 3, 4 * hole.length, 20 * width + 8], (memory, [colourList, marks], [counts, out, room]) => {
    memory.functions.findStrangers(colourList, marks, height, width, RING * RING, COLOUR_BINS, STRANGE_SHARE, counts, out, room);
    return memory.floats(out, hole.length).slice();
  });

/** In plain JavaScript, and to be read first. */
export function plainStrangers(...[colours, hole, height, width]: Picture): Float32Array {
  const reach = plainDistances(hole, height, width);
  const bin = (p: number, c: number) => Math.max(0, Math.min(COLOUR_BINS - 1, Math.floor(((colours[3 * p + c] + 1) / 2) * COLOUR_BINS)));
  // Each ring pixel counts for its bin and those beside it, so that no colour hangs on which side of an edge it falls.
  const counts = new Float32Array(COLOUR_BINS ** 3);
  let total = 0;
  for (let p = 0; p < hole.length; p++) {
    if (hole[p] || reach[p] > RING * RING) continue;
    total++;
    const [r, g, b] = [bin(p, 0), bin(p, 1), bin(p, 2)];
    for (let i = Math.max(r - 1, 0); i <= Math.min(r + 1, COLOUR_BINS - 1); i++) {
      for (let j = Math.max(g - 1, 0); j <= Math.min(g + 1, COLOUR_BINS - 1); j++) {
        for (let k = Math.max(b - 1, 0); k <= Math.min(b + 1, COLOUR_BINS - 1); k++) counts[(i * COLOUR_BINS + j) * COLOUR_BINS + k]++;
      }
    }
  }
  const out = new Float32Array(hole.length);
  for (let p = 0; p < out.length; p++) {
    const count = counts[(bin(p, 0) * COLOUR_BINS + bin(p, 1)) * COLOUR_BINS + bin(p, 2)];
    if (!hole[p] && count <= STRANGE_SHARE * total) out[p] = 1;
  }
  return out;
}

/** The sources without those whose patches are of colours strange to the hole's surroundings, and how many these are. */
export const withoutStrangers = (...marks: Marks): Left => vectorLeft(...marks) ?? plainLeft(...marks);

type Marks = [sources: Float32Array, strange: Float32Array, height: number, width: number, patchSize: number];
type Left = { sources: Float32Array; sourceCount: number };

const mostStrange = (patchSize: number) => MOST_STRANGE * patchSize * patchSize;

/** In WebAssembly; none where that can't be had. */
export const vectorLeft = (...[sources, strange, height, width, patchSize]: Marks): Left | undefined =>
  VectorMemory.over([sources, strange], [8 * sources.length + 8 * width], (memory, [places, strangers], [room]) => {
    const sourceCount = memory.functions.leaveOut(places, strangers, height, width, patchSize, mostStrange(patchSize), room);
    return { sources: memory.floats(places, sources.length).slice(), sourceCount };
  });

/** In plain JavaScript, and to be read first. */
export function plainLeft(...[sources, strange, height, width, patchSize]: Marks): Left {
  const strangeness = boxSums(strange, height, width, patchSize >> 1);
  const left = sources.map((source, p) => (strangeness[p] <= mostStrange(patchSize) ? source : 0));
  return { sources: left, sourceCount: left.reduce((sum, source) => sum + source, 0) };
}
