import type { Level } from './pyramid';

/**
 * For each pixel of a patch that touches the hole, the offset of the one patch over it that fits best: a copy from one
 * place is crisp where a mean of many is not. Patches centred further off count as a little worse, so that of equals
 * the nearest wins.
 */
export function bestOffsets(level: Pick<Level, 'height' | 'width' | 'queries'>, offsets: ArrayLike<number>, distances: ArrayLike<number>, patchSize: number): Int32Array {
  const { height, width, queries } = level;
  const margin = patchSize >> 1;
  const out = new Int32Array(height * width * 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (!queries[p]) continue;
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
      out[2 * p] = offsets[2 * from];
      out[2 * p + 1] = offsets[2 * from + 1];
    }
  }
  return out;
}

/** Options of {@link blendCopies}. */
export interface BlendOptions {
  /** How strongly a pixel holds on to its copied colour, times the square of the texture around it. */
  hold: number;
  iterations: number;
}

/**
 * Copies each hole pixel from its source and takes the colour steps out, at the rim and where sources meet: the colours
 * whose gradients are the sources' own (Pérez et al., Poisson image editing, 2003). In textured places, where steps
 * don't show and mismatched gradients would add up to false colours, each pixel also holds on to its copied colour.
 *
 * Minimises sum over neighbours (f_p - f_q - g_pq)^2 + hold T_p^2 (f_p - copy_p)^2, by successive over-relaxation.
 * Returns [height, width, 3]; pixels outside the hole as given.
 */
export function blendCopies(colours: Float32Array, level: Level, offsets: Int32Array, texture: Float32Array, { hold, iterations }: BlendOptions): Float32Array {
  const { height, width, hole } = level;
  const out = colours.slice();
  const list: number[] = [];
  for (let p = 0; p < height * width; p++) if (hole[p]) list.push(p);
  const wanted = new Float32Array(list.length * 3);
  const degree = new Float32Array(list.length);

  // The source pixel of p + step by p's offset, if it is one that may be looked at; -1 otherwise.
  const source = (y: number, x: number) => {
    if (y < 0 || x < 0 || y >= height || x >= width) return -1;
    const s = y * width + x;
    return hole[s] ? -1 : s;
  };
  list.forEach((p, i) => {
    const y = (p / width) | 0;
    const x = p - y * width;
    const sy = y + offsets[2 * p];
    const sx = x + offsets[2 * p + 1];
    const s = sy * width + sx;
    for (let c = 0; c < 3; c++) out[3 * p + c] = colours[3 * s + c];
    for (const [dy, dx] of NEIGHBOURS) {
      if (y + dy < 0 || x + dx < 0 || y + dy >= height || x + dx >= width) continue;
      degree[i]++;
      const q = p + dy * width + dx;
      // The gradient from p to q as p's source has it, and as q's source has it: their mean.
      const sq = source(sy + dy, sx + dx);
      const ty = y + dy + offsets[2 * q];
      const tx = x + dx + offsets[2 * q + 1];
      const t = hole[q] ? source(ty, tx) : -1;
      const tp = hole[q] ? source(ty - dy, tx - dx) : -1;
      const share = 1 / Math.max((sq >= 0 ? 1 : 0) + (tp >= 0 && t >= 0 ? 1 : 0), 1);
      for (let c = 0; c < 3; c++) {
        let gradient = 0;
        if (sq >= 0) gradient += colours[3 * s + c] - colours[3 * sq + c];
        if (tp >= 0 && t >= 0) gradient += colours[3 * tp + c] - colours[3 * t + c];
        wanted[3 * i + c] += gradient * share;
      }
    }
    const grip = hold * texture[p] * texture[p];
    degree[i] += grip;
    for (let c = 0; c < 3; c++) wanted[3 * i + c] += grip * colours[3 * s + c];
  });

  const last = height * width - width;
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (let i = 0; i < list.length; i++) {
      const p = list[i];
      const x = p % width;
      for (let c = 0; c < 3; c++) {
        const at = 3 * p + c;
        let sum = wanted[3 * i + c];
        if (x > 0) sum += out[at - 3];
        if (x + 1 < width) sum += out[at + 3];
        if (p >= width) sum += out[at - 3 * width];
        if (p < last) sum += out[at + 3 * width];
        out[at] += OVER_RELAXATION * (sum / degree[i] - out[at]);
      }
    }
  }
  for (const p of list) for (let c = 0; c < 3; c++) out[3 * p + c] = Math.min(Math.max(out[3 * p + c], -1), 1);
  return out;
}

const OVER_RELAXATION = 1.9;
const NEIGHBOURS = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
] as const;
