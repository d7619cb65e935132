import type { FillModule } from '../quality/methods/module';

// Over-relaxation, until no colour changes by a fiftieth of a level.
const RELAXATION = 1.7;
const SETTLED = 0.02;

/** The plainest fill there is, Laplace's equation in each colour, over a hole widened by a pixel: what a healed hole must beat. */
const membrane: FillModule = async ({ width, height, data, hole }) => {
  const values = Float32Array.from(data);
  const places: number[] = [];
  const isHole = (y: number, x: number) => y >= 0 && x >= 0 && y < height && x < width && hole[y * width + x] === 1;
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) if (isHole(y, x) || isHole(y - 1, x) || isHole(y + 1, x) || isHole(y, x - 1) || isHole(y, x + 1)) places.push(p);
  }
  for (const p of places) for (let c = 0; c < 3; c++) values[3 * p + c] = 128;
  for (let round = 0, change = 1; round < 2000 && change > SETTLED; round++) {
    change = 0;
    for (const p of places) {
      const x = p % width;
      const beside = [x > 0 ? p - 1 : -1, x + 1 < width ? p + 1 : -1, p - width, p + width < width * height ? p + width : -1].filter((q) => q >= 0);
      for (let c = 0; c < 3; c++) {
        const step = RELAXATION * (beside.reduce((sum, q) => sum + values[3 * q + c], 0) / beside.length - values[3 * p + c]);
        values[3 * p + c] += step;
        change = Math.max(change, Math.abs(step));
      }
    }
  }
  return Uint8Array.from(values, (value) => Math.min(Math.max(Math.round(value), 0), 255));
};

export default membrane;
