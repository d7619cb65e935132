import { placesOf } from '../../arrays/places';
import { type PixelFillerOptions, pixelFiller } from './fill-pixel';
import { CHANNELS, type Level } from './pyramid';

// A pixel on no edge at all still has this much of an edge's priority (colours in [-1, 1]).
const FLAT_PRIORITY = 0.02;

/** A first guess at a level's hole. */
export interface FirstGuess {
  /** [height, width, 5]: the level's features with the hole filled. */
  features: Float32Array;
  /** [height, width, 2]: where each hole pixel was taken from. */
  offsets: Int32Array;
}

/**
 * Fills the hole from its rim inwards, pixel by pixel: each takes over the centre of a source patch that agrees well
 * with what is known around it by then. (A smooth start would be a flat one, and flat patches would win all that
 * follows.) Only known pixels are compared, those filled before included. Candidates are the continuations of the
 * neighbours' sources, random ones, and places ever nearer to the best of these.
 *
 * @param share how much of the front is filled at a time, those first that much is known around and that edges run
 * into (Criminisi et al. 2004). 1 peels ring by ring; less lets edges run ahead.
 * @param pause is awaited after each part of the front.
 * @param settled [height, width]: sources of pixels that are filled before all others, by their place, or -1.
 */
export async function peelOnion(
  level: Level,
  options: PixelFillerOptions,
  share: number,
  pause: () => Promise<void>,
  settled?: Int32Array,
): Promise<FirstGuess> {
  const { height, width, hole } = level;
  const margin = options.patchSize >> 1;
  const { features, offsets, known, fill, close } = pixelFiller(level, options);
  let rest = placesOf(hole);
  if (settled) {
    for (const p of rest) {
      const s = settled[p];
      if (s < 0) continue;
      features.copyWithin(p * CHANNELS, s * CHANNELS, (s + 1) * CHANNELS);
      offsets[2 * p] = Math.floor(s / width) - Math.floor(p / width);
      offsets[2 * p + 1] = (s % width) - (p % width);
      known[p] = 1;
    }
    rest = rest.filter((p) => !known[p]);
  }

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
    const inward = Math.hypot(inwardY, inwardX) || 1;
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
  while (rest.length > 0) {
    const front: number[] = [];
    for (const p of rest) {
      if (!onFront(p)) continue;
      if (priorities[p] < 0) priorities[p] = priority(p);
      front.push(p);
    }
    front.sort((a, b) => priorities[b] - priorities[a] || a - b);
    const first = front.slice(0, Math.max(4, Math.ceil(front.length * share)));
    first.forEach(fill);
    first.forEach(forgetAround);
    let left = 0;
    for (const p of rest) if (!known[p]) rest[left++] = p;
    rest = rest.subarray(0, left);
    await pause();
  }
  const guess = { features: features.slice(), offsets: offsets.slice() };
  close();
  return guess;
}
