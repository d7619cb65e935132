import { boxSums } from '../../arrays/box-sums';
import { plainDistances } from '../../arrays/distance-transform';
import { VectorMemory } from '../../arrays/vector-memory';

/** Centres of patches, 1 in [height, width]. */
export interface PatchCentres {
  /** Of those that may be copied. */
  sources: Float32Array;
  /** Of those that touch the hole. */
  queries: Float32Array;
  sourceCount: number;
}

/** Which pixels are centres of patches that may be copied, wholly known unless told otherwise, and which of patches that touch the hole. */
export const patchCentres = (...marks: Marks): PatchCentres => vectorCentres(...marks) ?? plainCentres(...marks);

type Marks = [hole: Float32Array, height: number, width: number, patchSize: number, barred?: Float32Array];

/** In WebAssembly; none where that can't be had. */
export function vectorCentres(...[hole, height, width, patchSize, barred = hole]: Marks): PatchCentres | undefined {
  const pixels = height * width;
  const given = barred === hole ? [hole] : [hole, barred];
  return VectorMemory.over(given, [4 * pixels, 4 * pixels, 12 * pixels + 8 * width], (memory, [unknown, kept = unknown], [sources, queries, room]) => {
    const sourceCount = memory.functions.patchCentres(unknown, kept, height, width, patchSize, sources, queries, room);
    return { sources: memory.floats(sources, pixels).slice(), queries: memory.floats(queries, pixels).slice(), sourceCount };
  });
}

/** In plain JavaScript, and to be read first. */
export function plainCentres(...[hole, height, width, patchSize, barred = hole]: Marks): PatchCentres {
  const margin = patchSize >> 1;
  const touched = boxSums(hole, height, width, margin);
  const spoilt = barred === hole ? touched : boxSums(barred, height, width, margin);
  const sources = new Float32Array(height * width);
  const queries = new Float32Array(height * width);
  let sourceCount = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (touched[p] > 0.5) queries[p] = 1;
      else if (spoilt[p] < 0.5 && y >= margin && x >= margin && y < height - margin && x < width - margin) {
        sources[p] = 1;
        sourceCount++;
      }
    }
  }
  return { sources, queries, sourceCount };
}

/** How far the pixels of a hole are from its rim. */
export interface Depths {
  /** [height, width]: distance to the nearest pixel that is not in the hole. */
  depth: Float32Array;
  /** The largest of them. */
  deepest: number;
}

export const depthsOf = (...hole: Hole): Depths => vectorDepths(...hole) ?? plainDepths(...hole);

type Hole = [hole: Float32Array, height: number, width: number];

/** In WebAssembly; none where that can't be had. */
export const vectorDepths = (...[hole, height, width]: Hole): Depths | undefined =>
  VectorMemory.over([hole], [4 * hole.length, 20 * width + 8], (memory, [marks], [out, room]) => {
    const deepest = memory.functions.depths(marks, height, width, out, room);
    return { depth: memory.floats(out, hole.length).slice(), deepest };
  });

/** In plain JavaScript, and to be read first. */
export function plainDepths(...[hole, height, width]: Hole): Depths {
  const known = hole.map((h) => 1 - h);
  const depth = plainDistances(known, height, width).map(Math.sqrt);
  return { depth, deepest: depth.reduce((a, b) => Math.max(a, b), 0) };
}
