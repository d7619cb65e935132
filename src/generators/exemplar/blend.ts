import { placesOf } from '../../arrays/places';
import type { Level } from './pyramid';
import { relaxation } from './relax';

/**
 * For each pixel of a patch that touches the hole, the offset of the one patch over it that fits best: a copy from one
 * place is crisp where a mean of many is not. Patches centred further off count as a little worse, so that of equals
 * the nearest wins.
 */
export function bestOffsets(
  level: Pick<Level, 'height' | 'width' | 'queries'>,
  offsets: ArrayLike<number>,
  distances: ArrayLike<number>,
  patchSize: number,
): Int32Array {
  const { height, width, queries } = level;
  const margin = patchSize >> 1;
  const out = new Int32Array(height * width * 2);
  const bestAround = (p: number): number => {
    const y = (p / width) | 0;
    const x = p - y * width;
    let best = Number.POSITIVE_INFINITY;
    let from = p;
    for (let qy = Math.max(y - margin, 0); qy <= Math.min(y + margin, height - 1); qy++) {
      for (let qx = Math.max(x - margin, 0); qx <= Math.min(x + margin, width - 1); qx++) {
        const q = qy * width + qx;
        if (!queries[q]) continue;
        const sy = y + offsets[2 * q];
        const sx = x + offsets[2 * q + 1];
        if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
        const cost = distances[q] * (1 + 0.02 * ((qy - y) * (qy - y) + (qx - x) * (qx - x)));
        if (cost < best) {
          best = cost;
          from = q;
        }
      }
    }
    return from;
  };
  for (const p of placesOf(queries)) {
    const from = bestAround(p);
    out[2 * p] = offsets[2 * from];
    out[2 * p + 1] = offsets[2 * from + 1];
  }
  return out;
}

/**
 * How much texture around a pixel holds its copied colour: in textured places steps don't show, and gradients that don't
 * match would add up to false colours.
 */
const HOLD = 0.16;
// Every pixel holds on a little, so that what is cut off by edges all around keeps its colour.
const LEAST_HOLD = 1e-4;
// A step in colour (of [-1, 1]) up to about this size is taken out; a larger one is rather an edge, and stays.
const STEP = 0.45;
// The same to what must not be copied: its tone is met, its colour does not run into the hole.
const STEP_TO_BARRED = 0.15;

/**
 * Copies each hole pixel from its source and takes the colour steps out, at the rim and where sources meet: the colours
 * whose gradients are the sources' own (Pérez et al., Poisson image editing, 2003), but for steps so large that they
 * must be edges: those count for little, lest sky runs into rock.
 *
 * Minimises sum over neighbours w_pq (f_p - f_q - g_pq)^2 + hold_p (f_p - copy_p)^2, by successive over-relaxation.
 * Returns [height, width, 3]; pixels outside the hole as given. `pause` is awaited after each iteration.
 */
export async function blendCopies(
  colours: Float32Array,
  level: Level,
  offsets: Int32Array,
  texture: Float32Array,
  pause: () => Promise<void>,
): Promise<Float32Array> {
  const { height, width, hole, barred } = level;
  const out = colours.slice();
  const list = placesOf(hole);
  for (const p of list) {
    const s = p + offsets[2 * p] * width + offsets[2 * p + 1];
    for (let c = 0; c < 3; c++) out[3 * p + c] = colours[3 * s + c];
  }
  const copied = out.slice();
  const wanted = new Float32Array(list.length * 3);
  const degree = new Float32Array(list.length);
  // The weights of the ties to the neighbours, in the order of NEIGHBOURS; 0 where there is none.
  const ties = new Float32Array(list.length * 4);

  // A pixel that may be looked at for its gradient, or -1.
  const source = (y: number, x: number) => {
    if (y < 0 || x < 0 || y >= height || x >= width) return -1;
    const s = y * width + x;
    return barred[s] ? -1 : s;
  };
  const gradient = [0, 0, 0];
  list.forEach((p, i) => {
    const y = (p / width) | 0;
    const x = p - y * width;
    const sy = y + offsets[2 * p];
    const sx = x + offsets[2 * p + 1];
    const s = sy * width + sx;
    for (const [n, [dy, dx]] of NEIGHBOURS.entries()) {
      if (y + dy < 0 || x + dx < 0 || y + dy >= height || x + dx >= width) continue;
      const q = p + dy * width + dx;
      // The gradient from q to p as p's source has it, and as q's source has it: their mean.
      const sq = source(sy + dy, sx + dx);
      const t = hole[q] ? source(y + dy + offsets[2 * q], x + dx + offsets[2 * q + 1]) : -1;
      const tp = hole[q] ? source(y + offsets[2 * q], x + offsets[2 * q + 1]) : -1;
      const both = t >= 0 && tp >= 0;
      const share = 1 / Math.max((sq >= 0 ? 1 : 0) + (both ? 1 : 0), 1);
      let step = 0;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        if (sq >= 0) sum += colours[3 * s + c] - colours[3 * sq + c];
        if (both) sum += colours[3 * tp + c] - colours[3 * t + c];
        gradient[c] = sum * share;
        step += (copied[3 * p + c] - copied[3 * q + c] - gradient[c]) ** 2;
      }
      const largest = barred[q] && !hole[q] ? STEP_TO_BARRED : STEP;
      const ratio = step / (largest * largest);
      const tie = 1 / (1 + ratio * ratio);
      ties[4 * i + n] = tie;
      degree[i] += tie;
      for (let c = 0; c < 3; c++) wanted[3 * i + c] += tie * gradient[c];
    }
    const hold = LEAST_HOLD + HOLD * texture[p] * texture[p];
    degree[i] += hold;
    for (let c = 0; c < 3; c++) wanted[3 * i + c] += hold * copied[3 * p + c];
  });

  // A colour travels the hole's thickness in a few times as many rounds, given this factor.
  const thickness = 2 * Math.max(level.deepest, 1);
  const factor = 2 / (1 + Math.sin(Math.PI / (thickness + 1)));
  const iterations = Math.min(Math.ceil(3 * thickness) + 20, 400);
  const { relax, finish } = relaxation(out, { height, width, places: list, wanted, ties, degree }, factor);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const change = relax();
    await pause();
    if (change < SETTLED) break;
  }
  finish();
  for (const p of list) for (let c = 0; c < 3; c++) out[3 * p + c] = Math.min(Math.max(out[3 * p + c], -1), 1);
  return out;
}

// The rounds end once none changes a colour (of [-1, 1]) by more: an eightieth of an 8-bit level.
const SETTLED = 1e-4;
const NEIGHBOURS = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
] as const;
