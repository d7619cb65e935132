import { dispose, mirrorPad, Tensor, type Tensor3D, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { pauseFor } from '../abort';
import { checkArgument, checkFinite, checkSameShape } from '../check';
import { MaskError } from '../errors';
import type { Fill, FillRequest, Generator } from '../generators/generator';
import type { FilledWindow, LowResolution } from '../pixels/window';
import { type Threads, thisThread } from '../threads/task';
import { smoothedBases, withoutBarred } from './bases';
import { givenCopies, readScores, rebuiltCopies } from './correspondence';
import type { Detail } from './options';

/** What a generator is given of a window. */
type Given = Pick<FillRequest, 'image' | 'hole' | 'sources' | 'sketch'>;

/** How a window is filled. */
export interface FillOptions {
  /** How many fills there are to be, at most. Default 1. */
  count?: number;
  /** Whose messages they are in. */
  op: string;
  generator: Generator;
  detail: Detail;
  seed: number;
  /** Default: this one alone. */
  threads?: Threads;
  signal?: AbortSignal;
  onProgress: (fraction: number) => void;
}

/**
 * Has the generator fill a low-resolution picture, and works out what detail will be added to and where it comes from.
 * @param lines [height, width], 1 on the lines of a sketch.
 * @returns a fill, or as many that differ as are asked for and can be had, the best first
 */
export async function fillWindow(
  low: LowResolution,
  lines: Float32Array | undefined,
  { op, generator, detail, seed, count = 1, threads = thisThread, signal, onProgress }: FillOptions,
): Promise<FilledWindow[]> {
  const { width, height } = low;
  if (!low.hole.includes(0)) {
    throw new MaskError('mask-full', `${op}: brought down to ${width} x ${height}, no pixel is wholly known: nothing is left to fill the hole from`, {
      expected: 'a known pixel at the working size',
      actual: { width, height },
    });
  }
  // On plain arrays: a backend's first steps cost more than these.
  const known = knownColours(low);
  const marks = (values: Float32Array) => tensor3d(values, [height, width, 1]);
  const given: Given = {
    hole: marks(low.hole),
    image: tensor3d(known, [height, width, 3]),
    ...(low.barred && { sources: marks(low.barred.map((barred) => 1 - barred)) }),
    ...(lines && { sketch: marks(lines) }),
  };
  let fills: Fill[] = [];
  try {
    const padded = padToMultiple(given, generator.multiple);
    const { shape: paddedShape } = padded.image;
    try {
      const request = { ...padded, seed, threads, signal, onProgress };
      fills = count > 1 && generator.fillSeveral ? await generator.fillSeveral(request, count) : [await generator.fill(request)];
    } finally {
      if (padded.image !== given.image) dispose({ ...padded });
    }
    checkArgument(Array.isArray(fills) && fills.length > 0, generator.name, 'the fills', 'one or several', fills);
    const found: FilledWindow[] = [];
    // One that tells no copies is rebuilt from others, as it is seeded.
    const again = fills.length === 1 && !fills[0]?.correspondence && detail === true ? count : 1;
    for (const fill of fills.slice(0, count)) {
      for (let n = 0; n < again; n++) {
        const filled = await filledBy(fill, paddedShape, { low, known, generator, detail, seed: seed + n, threads, signal });
        if (again === 1 || found.every((other) => differ(filled.base, other.base, low.hole))) found.push(filled);
      }
    }
    return found;
  } finally {
    dispose({ ...given });
    for (const fill of Array.isArray(fills) ? fills : []) if (fill) disposeFill(fill);
  }
}

// Loops in functions of their own: to call one for each value takes many times as long while it has not been compiled, and a loop
// within a function that waits is compiled again and again with all that stands around it.

/** The colours, 0 where all is hole. */
function knownColours({ colours, hole }: LowResolution): Float32Array {
  const known = colours.slice();
  for (let p = 0; p < hole.length; p++) if (hole[p]) for (let c = 0; c < 3; c++) known[3 * p + c] *= 1 - hole[p];
  return known;
}

/** Known colours with a fill's in the hole, whose rows may be longer. */
function withHoleOf(known: Float32Array, { hole, width }: LowResolution, fill: ArrayLike<number>, fillWidth: number): Float32Array {
  const filled = known.slice();
  for (let p = 0; p < hole.length; p++) {
    if (!(hole[p] > 0)) continue;
    const from = 3 * (Math.floor(p / width) * fillWidth + (p % width));
    for (let c = 0; c < 3; c++) filled[3 * p + c] = fill[from + c];
  }
  return filled;
}

// Fills that differ by less than this in the mean, of colours in [-1, 1], look the same.
const APART = 0.02;

/** Whether two fills differ to the eye, in the hole. */
function differ(a: Float32Array, b: Float32Array, hole: Float32Array): boolean {
  let [sum, values] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (!hole[Math.floor(i / 3)]) continue;
    sum += Math.abs(a[i] - b[i]);
    values++;
  }
  return sum >= APART * values;
}

/** What a generator is asked with, and by whom its fill is finished. */
interface Finishing extends Pick<FillOptions, 'generator' | 'detail' | 'seed' | 'signal'> {
  low: LowResolution;
  /** [height, width, 3], 0 in the hole. */
  known: Float32Array;
  threads: Threads;
}

/** A generator's fill, with what detail will be added to and where it comes from. */
async function filledBy(
  fill: Fill,
  paddedShape: [number, number, number],
  { low, known, generator, detail, seed, threads, signal }: Finishing,
): Promise<FilledWindow> {
  const { width, height } = low;
  checkArgument(fill?.image instanceof Tensor, generator.name, "the fill's image", 'a tensor', fill?.image);
  checkSameShape(fill.image.shape, paddedShape, generator.name, "the fill's image");
  if (fill.correspondence?.kind === 'nearest-field') {
    checkSameShape(fill.correspondence.offsets.shape, [paddedShape[0], paddedShape[1], 2], generator.name, "the fill's offsets");
  }
  // Chosen, not blended: what the fill holds outside the hole, be it NaN, doesn't matter.
  const values = await fill.image.data();
  const filled = withHoleOf(known, low, values, paddedShape[1]);
  checkFinite(filled, generator.name, 'the fill');
  const bare = () => {
    const base = low.barred ? withoutBarred(filled, low.barred, low) : filled;
    return { width, height, base, knownBase: base };
  };
  if (!detail) return bare();
  if (fill.correspondence?.kind === 'soft-attention') {
    // Nothing was lost by voting: the detail is what the fill itself lacks, as in the references.
    const scores = await readScores(fill.correspondence.scores, paddedShape, generator.name);
    return { ...bare(), scores };
  }
  if (fill.correspondence) {
    const copies = await givenCopies(fill.correspondence, low);
    return { width, height, ...smoothedBases(filled, low), copies };
  }
  const rebuilt = await rebuiltCopies(filled, low, { follow: detail === 'residual', seed, threads, pause: pauseFor(signal) });
  if (!rebuilt) return bare();
  return { width, height, ...smoothedBases(detail === 'residual' ? filled : rebuilt.picture, low), copies: rebuilt.copies };
}

/** Disposes a fill, also one that is none. */
function disposeFill({ image, correspondence }: Partial<Fill>): void {
  image?.dispose();
  if (correspondence?.kind === 'soft-attention') correspondence.scores.dispose();
  if (correspondence?.kind === 'nearest-field') {
    correspondence.offsets.dispose();
    correspondence.distances?.dispose();
  }
}

/** Widens picture, hole, sources and sketch at the far edges, by their mirror image, to a size that the generator takes. */
function padToMultiple(given: Given, multiple: number): Given {
  const [height, width] = given.image.shape;
  const bottom = Math.ceil(height / multiple) * multiple - height;
  const right = Math.ceil(width / multiple) * multiple - width;
  if (bottom === 0 && right === 0) return given;
  return tidy(() => {
    // A mirror reaches no further than the picture's own size: several times for a very small one.
    const widen = (x: Tensor3D): Tensor3D => {
      let y = x;
      while (y.shape[0] < height + bottom || y.shape[1] < width + right) {
        const down = Math.min(height + bottom - y.shape[0], y.shape[0]);
        const across = Math.min(width + right - y.shape[1], y.shape[1]);
        y = mirrorPad(
          y,
          [
            [0, down],
            [0, across],
            [0, 0],
          ],
          'symmetric',
        );
      }
      return y;
    };
    return Object.fromEntries(Object.entries(given).map(([name, x]) => [name, widen(x)])) as unknown as Given;
  });
}
