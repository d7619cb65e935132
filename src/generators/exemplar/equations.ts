/** A picture whose hole is copied from the rest of it. */
export interface Copies {
  height: number;
  width: number;
  /** [height, width, 3] */
  colours: Float32Array;
  /** Where the hole is, and what may not be copied. */
  hole: Float32Array;
  barred: Float32Array;
  /** The hole's pixels. */
  places: Int32Array;
  /** [height, width, 2]: where each of them is copied from. */
  offsets: Int32Array;
  /** [height, width]: the texture that it brings along. */
  texture: Float32Array;
}

/** Linear equations of colours: for each place, degree * colour = wanted + the sum over its neighbours of tie * colour. */
export interface Equations {
  /** [height, width, 3]: the colours as they are copied. */
  copied: Float32Array;
  /** [places, 3] */
  wanted: Float32Array;
  /** [places, 4]: the weight of the neighbour to the right, to the left, below and above; 0 where that is outside the picture. */
  ties: Float32Array;
  /** [places] */
  degree: Float32Array;
}

/**
 * How much texture around a pixel holds its copied colour: in textured places steps don't show, and gradients that don't
 * match would add up to false colours.
 */
export const HOLD = 0.16;
// Every pixel holds on a little, so that what is cut off by edges all around keeps its colour.
export const LEAST_HOLD = 1e-4;
// A step in colour (of [-1, 1]) up to about this size is taken out; a larger one is rather an edge, and stays.
export const STEP = 0.45;
// The same to what must not be copied: its tone is met, its colour does not run into the hole.
export const STEP_TO_BARRED = 0.15;

/**
 * The equations whose solution has the copies' gradients, but for steps that must be edges: it minimises
 * sum over neighbours w_pq (f_p - f_q - g_pq)^2 + hold_p (f_p - copy_p)^2. The compiled loop for it is layEquations().
 */
export function plainEquations({ height, width, colours, hole, barred, places, offsets, texture }: Copies): Equations {
  const copied = colours.slice();
  for (const p of places) {
    const s = p + offsets[2 * p] * width + offsets[2 * p + 1];
    for (let c = 0; c < 3; c++) copied[3 * p + c] = colours[3 * s + c];
  }
  const wanted = new Float32Array(places.length * 3);
  const degree = new Float32Array(places.length);
  // The weights of the ties to the neighbours, in the order of NEIGHBOURS; 0 where there is none.
  const ties = new Float32Array(places.length * 4);

  // A pixel that may be looked at for its gradient, or -1.
  const source = (y: number, x: number) => {
    if (y < 0 || x < 0 || y >= height || x >= width) return -1;
    const s = y * width + x;
    return barred[s] ? -1 : s;
  };
  const gradient = [0, 0, 0];
  places.forEach((p, i) => {
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
        const change = copied[3 * p + c] - copied[3 * q + c] - gradient[c];
        step += change * change;
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
  return { copied, wanted, ties, degree };
}

/** The neighbours of a pixel, [row, column], in the order of the ties. */
export const NEIGHBOURS = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
] as const;
