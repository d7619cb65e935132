import { boxSums } from '../../arrays/box-sums';
import { VectorMemory } from '../../arrays/vector-memory';

/** How much texture counts beside colour (Newson et al. 2014 weigh its square by 50). */
export const TEXTURE_WEIGHT = Math.sqrt(50);
// Half the side of the square that texture is averaged over, in pixels of the finest level.
const TEXTURE_RADIUS = 3;

/**
 * Mean |dx| and |dy| of luma around each pixel, over pairs of known pixels, by their weight beside colours: what tells sand from sky where
 * the colours agree, so that averaged, flat patches don't win.
 */
export const texture = (...picture: Picture): Float32Array => vectorTexture(...picture) ?? plainTexture(...picture);

type Picture = [colours: Float32Array, hole: Float32Array, height: number, width: number];

/** In WebAssembly; none where that can't be had. */
export const vectorTexture = (...[colours, hole, height, width]: Picture): Float32Array | undefined =>
  VectorMemory.over([colours, hole], [8 * height * width, 24 * height * width + 8 * width], (memory, [colourList, marks], [out, room]) => {
    memory.functions.texture(colourList, marks, height, width, TEXTURE_RADIUS, TEXTURE_WEIGHT, out, room);
    return memory.floats(out, 2 * height * width).slice();
  });

/** In plain JavaScript, and to be read first. */
export function plainTexture(...[colours, hole, height, width]: Picture): Float32Array {
  const luma = new Float32Array(height * width);
  for (let p = 0; p < luma.length; p++) luma[p] = 0.299 * colours[3 * p] + 0.587 * colours[3 * p + 1] + 0.114 * colours[3 * p + 2];
  const out = new Float32Array(height * width * 2);
  for (const [channel, step] of [1, width].entries()) {
    const slope = new Float32Array(height * width);
    const pairs = new Float32Array(height * width);
    for (let p = 0; p + step < slope.length; p++) {
      if (hole[p] || hole[p + step] || (step === 1 && (p + 1) % width === 0)) continue;
      slope[p] = Math.abs(luma[p + step] - luma[p]);
      pairs[p] = 1;
    }
    const sums = boxSums(slope, height, width, TEXTURE_RADIUS);
    const counts = boxSums(pairs, height, width, TEXTURE_RADIUS);
    // In single precision first.
    for (let p = 0; p < sums.length; p++) out[2 * p + channel] = TEXTURE_WEIGHT * (counts[p] > 0.5 ? Math.fround(sums[p] / counts[p]) : 0);
  }
  return out;
}
