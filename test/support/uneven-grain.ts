import { seeded } from './values';

/** The side of the picture. */
export const SIDE = 128;
const noise = seeded(3, SIDE * SIDE);
const strengths = seeded(4, 400);
const strengthAt = (row: number, column: number) => strengths[row * 20 + column];

/** How strong the grain is at a place: from smooth to rough within some 12 pixels. */
function strength(y: number, x: number): number {
  const [row, column] = [Math.floor(y / 12), Math.floor(x / 12)];
  const [down, right] = [y / 12 - row, x / 12 - column];
  const above = strengthAt(row, column) * (1 - right) + strengthAt(row, column + 1) * right;
  const below = strengthAt(row + 1, column) * (1 - right) + strengthAt(row + 1, column + 1) * right;
  return 0.3 + 0.25 * (above * (1 - down) + below * down);
}

/** [SIDE, SIDE, 3]: grey grain that is smooth at some places and rough at others. */
export const unevenGrain = (): Float32Array =>
  Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    return strength(Math.floor(p / SIDE), p % SIDE) * noise[p];
  });

/** The mean square of the Laplacian over pixels of a hole whose four neighbours are, too. */
export function roughness(picture: Float32Array, hole: Float32Array): number {
  let [sum, count] = [0, 0];
  for (let y = 1; y < SIDE - 1; y++) {
    for (let x = 1; x < SIDE - 1; x++) {
      const p = y * SIDE + x;
      const around = [p - 1, p + 1, p - SIDE, p + SIDE];
      if (![p, ...around].every((q) => hole[q] > 0)) continue;
      sum += (4 * picture[3 * p] - around.reduce((total, q) => total + picture[3 * q], 0)) ** 2;
      count++;
    }
  }
  return sum / count;
}
