import { plainDistances } from '../../arrays/distance-transform';
import { VectorMemory } from '../../arrays/vector-memory';

/** How colours change around a hole, row-major. */
export interface EdgeField {
  height: number;
  width: number;
  hole: Float32Array;
  /** [height, width]: squared distance to the hole. */
  away: Float32Array;
  /** [height, width, 3]: the known colours, smoothed. */
  colours: Float32Array;
  /** [height, width, 3, 2]: how they change from row to row and from column to column; 0 beside the hole. */
  slopes: Float32Array;
  /** The pixels near the rim around which they change mostly in one direction, in order. */
  rim: Int32Array;
  /** [rim, 3]: the structure tensors of all three colours (Di Zenzo 1986) over 5 x 5 pixels there: yy, yx, xx. */
  tensors: Float64Array;
}

// Lines and edges are looked for in this ring around the hole: nearer to it, slopes can't be taken. Units: pixels.
const NEAREST = 2;
const FARTHEST = 4.5;
// So much of the change is in one direction at least.
const LEAST_COHERENCE = 0.6;
// A Gaussian of .8 px, so that one pixel's noise makes no edge.
const TAPS = Float64Array.from([-2, -1, 0, 1, 2], (d) => Math.exp(-(d * d) / (2 * 0.8 * 0.8)));

/** A picture, its hole, and how far from the hole's ring its slopes are asked for. */
type Picture = [colours: Float32Array, hole: Float32Array, height: number, width: number, longest: number];

/** The edges of a picture near its hole. */
export const edgeField = (...picture: Picture): EdgeField => vectorEdgeField(...picture) ?? plainEdgeField(...picture);

/** In WebAssembly; none where that can't be had. */
export function vectorEdgeField(...[colours, hole, height, width, longest]: Picture): EdgeField | undefined {
  const pixels = height * width;
  const pictures = 2 * 16 * ((width + 2) * (height + 4) + 8);
  return VectorMemory.over([colours, hole, TAPS], [4 * pixels, 12 * pixels, 24 * pixels + 8, pictures], (memory, [picture, marks, taps], rooms) => {
    const [away, soft, slopes, room] = rooms;
    const [rim, farthest] = [FARTHEST ** 2, (longest + FARTHEST) ** 2];
    const { functions } = memory;
    const count = functions.edgeField(picture, marks, height, width, taps, NEAREST ** 2, rim, farthest, LEAST_COHERENCE, away, soft, slopes, room);
    // Not spread: see levelOf() in pyramid.ts.
    return {
      height,
      width,
      hole,
      away: memory.floats(away, pixels).slice(),
      colours: memory.floats(soft, 3 * pixels).slice(),
      slopes: memory.floats(slopes, 6 * pixels).slice(),
      rim: memory.integers(room, count).slice(),
      tensors: memory.doubles(room + 8 * pixels, 3 * count).slice(),
    };
  });
}

/** In plain JavaScript, and to be read first. */
export function plainEdgeField(...[colours, hole, height, width, longest]: Picture): EdgeField {
  const away = plainDistances(hole, height, width);
  const soft = smoothKnown(colours, hole, height, width);
  const slopes = new Float32Array(height * width * 6);
  const farthest = (longest + FARTHEST) ** 2;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, p = y * width + 1; x < width - 1; x++, p++) {
      if (hole[p] || away[p] > farthest || hole[p - 1] || hole[p + 1] || hole[p - width] || hole[p + width]) continue;
      for (let c = 0; c < 3; c++) {
        slopes[6 * p + 2 * c] = (soft[3 * (p + width) + c] - soft[3 * (p - width) + c]) / 2;
        slopes[6 * p + 2 * c + 1] = (soft[3 * (p + 1) + c] - soft[3 * (p - 1) + c]) / 2;
      }
    }
  }
  return { height, width, hole, away, colours: soft, slopes, ...tensorsAtRim(hole, height, width, away, slopes) };
}

const { fround } = Math;

/** Known colours, each the Gaussian mean of the known ones around it. */
function smoothKnown(colours: Float32Array, hole: Float32Array, height: number, width: number): Float32Array {
  let sums = new Float32Array(height * width * 4);
  for (let p = 0; p < height * width; p++) {
    if (hole[p]) continue;
    for (let c = 0; c < 3; c++) sums[4 * p + c] = colours[3 * p + c];
    sums[4 * p + 3] = 1;
  }
  for (const across of [true, false]) {
    const step = across ? 1 : width;
    const from = sums;
    sums = new Float32Array(from.length);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to += 4) {
        const at = across ? x : y;
        const last = Math.min(2, (across ? width : height) - 1 - at);
        // Four sums at a time, in single precision from term to term: they wait neither for each other nor for memory.
        let [a, b, c, known] = [0, 0, 0, 0];
        for (let d = Math.max(-2, -at); d <= last; d++) {
          const tap = TAPS[d + 2];
          const q = to + 4 * d * step;
          a = fround(a + tap * from[q]);
          b = fround(b + tap * from[q + 1]);
          c = fround(c + tap * from[q + 2]);
          known = fround(known + tap * from[q + 3]);
        }
        sums[to] = a;
        sums[to + 1] = b;
        sums[to + 2] = c;
        sums[to + 3] = known;
      }
    }
  }
  const out = new Float32Array(height * width * 3);
  for (let p = 0; p < height * width; p++) {
    const share = sums[4 * p + 3];
    if (share > 0) for (let c = 0; c < 3; c++) out[3 * p + c] = sums[4 * p + c] / share;
  }
  return out;
}

function tensorsAtRim(hole: Float32Array, height: number, width: number, away: Float32Array, slopes: Float32Array): Pick<EdgeField, 'rim' | 'tensors'> {
  const rim = new Int32Array(height * width);
  const tensors = new Float64Array(3 * height * width);
  let count = 0;
  for (let y = 3; y < height - 3; y++) {
    for (let x = 3, p = y * width + 3; x < width - 3; x++, p++) {
      if (hole[p] || away[p] < NEAREST * NEAREST || away[p] > FARTHEST * FARTHEST) continue;
      let [yy, yx, xx] = [0, 0, 0];
      for (let dy = -2; dy <= 2; dy++) {
        for (let i = 6 * (p + dy * width - 2), end = i + 30; i < end; i += 2) {
          yy += slopes[i] * slopes[i];
          yx += slopes[i] * slopes[i + 1];
          xx += slopes[i + 1] * slopes[i + 1];
        }
      }
      if (Math.sqrt((yy - xx) * (yy - xx) + 2 * yx * (2 * yx)) < LEAST_COHERENCE * (yy + xx)) continue;
      rim[count] = p;
      tensors.set([yy, yx, xx], 3 * count++);
    }
  }
  return { rim: rim.slice(0, count), tensors: tensors.slice(0, 3 * count) };
}
