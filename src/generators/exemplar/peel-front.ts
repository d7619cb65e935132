import { CHANNELS, type Level } from './pyramid';

// A pixel on no edge at all still has this much of an edge's priority (colours in [-1, 1]).
const FLAT_PRIORITY = 0.02;
// So many pixels are filled at a time at least.
const LEAST = 4;

/** What is filled next of a hole that is being filled. */
export interface PeelFront {
  /** Those of some places that are beside known pixels, those first that much is known around and that edges run into: a share of them. */
  first: (rest: Int32Array, share: number) => number[];
  /** To be told of each pixel that is filled, once all of its turn are. */
  forgetAround: (p: number) => void;
}

/** In plain JavaScript, and to be read first; the compiled one is part of a filler's turn. */
export function plainFront({ height, width, features }: Pick<Level, 'height' | 'width' | 'features'>, known: Uint8Array, patchSize: number): PeelFront {
  const margin = patchSize >> 1;
  const luma = (p: number) => 0.299 * features[p * CHANNELS] + 0.587 * features[p * CHANNELS + 1] + 0.114 * features[p * CHANNELS + 2];
  // The share known of the patch, times how strongly its strongest edge runs into the hole.
  const priority = (p: number): number => {
    const y = (p / width) | 0;
    const x = p - y * width;
    let count = 0;
    let total = 0;
    let inwardY = 0;
    let inwardX = 0;
    let edge = 0;
    let slopeY = 0;
    let slopeX = 0;
    for (let qy = Math.max(y - margin, 0); qy <= Math.min(y + margin, height - 1); qy++) {
      for (let qx = Math.max(x - margin, 0); qx <= Math.min(x + margin, width - 1); qx++) {
        const q = qy * width + qx;
        total++;
        if (!known[q]) continue;
        count++;
        const near = 1 / ((qy - y) * (qy - y) + (qx - x) * (qx - x));
        inwardY += (y - qy) * near;
        inwardX += (x - qx) * near;
        if (qx + 1 >= width || qy + 1 >= height || !known[q + 1] || !known[q + width]) continue;
        const dx = luma(q + 1) - luma(q);
        const dy = luma(q + width) - luma(q);
        if (dx * dx + dy * dy > edge) {
          edge = dx * dx + dy * dy;
          slopeY = dy;
          slopeX = dx;
        }
      }
    }
    const inward = hypotenuse(inwardY, inwardX) || 1;
    return (count / total) * (FLAT_PRIORITY + Math.abs(slopeX * inwardY - slopeY * inwardX) / inward);
  };

  const onFront = (p: number) => {
    const x = p % width;
    return (x > 0 && known[p - 1]) || (x + 1 < width && known[p + 1]) || (p >= width && known[p - width]) || (p + width < known.length && known[p + width]);
  };
  // Priorities stay as they are until a pixel is filled within the patch, or beside it, where slopes are taken to. Below 0: not known.
  const priorities = new Float64Array(height * width).fill(-1);
  const forgetAround = (p: number) => {
    const y = (p / width) | 0;
    const x = p - y * width;
    const left = Math.max(x - margin - 1, 0);
    const right = Math.min(x + margin + 1, width - 1);
    const bottom = Math.min(y + margin + 1, height - 1);
    for (let qy = Math.max(y - margin - 1, 0); qy <= bottom; qy++) priorities.fill(-1, qy * width + left, qy * width + right + 1);
  };
  const first = (rest: Int32Array, share: number): number[] => {
    const front: number[] = [];
    for (const p of rest) {
      if (!onFront(p)) continue;
      if (priorities[p] < 0) priorities[p] = priority(p);
      front.push(p);
    }
    front.sort((a, b) => priorities[b] - priorities[a] || a - b);
    return front.slice(0, Math.max(LEAST, Math.ceil(front.length * share)));
  };
  return { first, forgetAround };
}

/** As Math.hypot() of two is where it is rounded least, which it is not everywhere. */
function hypotenuse(y: number, x: number): number {
  const largest = Math.max(Math.abs(y), Math.abs(x));
  return largest > 0 ? Math.sqrt((y / largest) * (y / largest) + (x / largest) * (x / largest)) * largest : 0;
}
