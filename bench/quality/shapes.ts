import sharp from 'sharp';

/** A hole, 1 = hole, as large as its picture. */
export interface Hole {
  width: number;
  height: number;
  data: Uint8Array;
}

/** How a hole is drawn: around a point (fractions of width and height), until it covers `area` of the picture. */
export interface Shape {
  kind: 'person' | 'blob';
  at: [number, number];
  area: number;
  seed: number;
}

/** A line with round ends; a disc where both ends are the same. Units are the shape's own. */
export type Stroke = [x0: number, y0: number, x1: number, y1: number, radius: number];

/** Small seeded generator of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standing figure of height 1 about the origin, with a bit of chance in its posture. */
function person(next: () => number): Stroke[] {
  const lean = (next() - 0.5) * 0.08;
  const stride = 0.06 + next() * 0.08;
  const arm = 0.16 + next() * 0.1;
  return [
    [lean, -0.42, lean, -0.42, 0.085],
    [lean, -0.26, 0, 0.05, 0.12],
    [lean - 0.06, -0.24, lean - arm, -0.02, 0.045],
    [lean + 0.06, -0.24, lean + arm, 0.02, 0.045],
    [-0.04, 0.05, -stride, 0.46, 0.06],
    [0.04, 0.05, stride, 0.46, 0.06],
  ];
}

/** A heap of discs and strokes, as someone paints with a brush. */
function blob(next: () => number): Stroke[] {
  const discs = Array.from({ length: 4 }, (): Stroke => {
    const [x, y] = [(next() - 0.5) * 0.5, (next() - 0.5) * 0.5];
    return [x, y, x, y, 0.14 + next() * 0.12];
  });
  const strokes = Array.from(
    { length: 3 },
    (): Stroke => [(next() - 0.5) * 0.4, (next() - 0.5) * 0.4, (next() - 0.5) * 0.9, (next() - 0.5) * 0.9, 0.06 + next() * 0.05],
  );
  return [...discs, ...strokes];
}

/** Rasterises strokes given in pixels. */
export function paintStrokes(width: number, height: number, strokes: Stroke[]): Hole {
  const data = new Uint8Array(width * height);
  for (const [x0, y0, x1, y1, radius] of strokes) {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const squared = dx * dx + dy * dy || 1;
    const bottom = Math.min(height - 1, Math.ceil(Math.max(y0, y1) + radius));
    const right = Math.min(width - 1, Math.ceil(Math.max(x0, x1) + radius));
    for (let y = Math.max(0, Math.floor(Math.min(y0, y1) - radius)); y <= bottom; y++) {
      for (let x = Math.max(0, Math.floor(Math.min(x0, x1) - radius)); x <= right; x++) {
        const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / squared));
        if ((x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2 <= radius * radius) data[y * width + x] = 1;
      }
    }
  }
  return { width, height, data };
}

/** The fraction of the picture that is hole. */
export const coverage = (hole: Hole): number => hole.data.reduce((sum, value) => sum + value, 0) / hole.data.length;

/** Draws the shape at the size at which it covers `shape.area` of the picture. */
export function drawShape(width: number, height: number, shape: Shape): Hole {
  const strokes = (shape.kind === 'person' ? person : blob)(random(shape.seed));
  // The size is found on a small copy, so that it does not depend on rounding at full size.
  const small = 256 / Math.max(width, height);
  const at = (w: number, h: number, size: number) =>
    paintStrokes(
      w,
      h,
      strokes.map(
        ([x0, y0, x1, y1, r]): Stroke => [
          shape.at[0] * w + x0 * size,
          shape.at[1] * h + y0 * size,
          shape.at[0] * w + x1 * size,
          shape.at[1] * h + y1 * size,
          r * size,
        ],
      ),
    );
  let [low, high] = [0, 600];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (coverage(at(Math.round(width * small), Math.round(height * small), middle)) < shape.area) low = middle;
    else high = middle;
  }
  return at(width, height, high / small);
}

/** Reads a mask: hole where it is brighter than half. */
export async function readHole(path: string): Promise<Hole> {
  const { data, info } = await sharp(path).removeAlpha().greyscale().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: Uint8Array.from(data, (value) => (value > 127 ? 1 : 0)) };
}
