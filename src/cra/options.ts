import type { Generator } from '../generators/generator';
import type { Picture } from '../picture';
import type { Box } from '../pixels/box';
import type { HoleColour } from '../pixels/seam';
import type { OnWarning } from '../warning';
import type { Photo } from './kinds';

/** The stages of {@link inpaint}, in order. */
export type Stage = 'plan' | 'low-resolution' | 'fill' | 'detail' | 'composite';

/** How far {@link inpaint} has come. `done` and `total` count windows times steps of the stage. */
export interface Progress {
  /** The stage at work. */
  stage: Stage;
  /** Steps of the stage that are done. */
  done: number;
  /** Steps of the stage in all. */
  total: number;
}

/** A first look at a fill: what the generator made of a window, before it is given detail. */
export interface Preview {
  /** Where it lies in the photo, in its pixels: the picture is to be enlarged to this. */
  box: Box;
  /** RGBA of 8 bits, small: the fill in the hole, and transparent around it. */
  picture: Picture;
}

/**
 * How a low-resolution fill is given detail. `true`: from where the generator says that its look comes from; the fill of
 * one that doesn't say is rebuilt from patches of the picture, which come with their detail; lines that it broke are led across
 * the hole, and where it looks like nothing in the picture, an own fill takes its place. `'residual'`: such a fill is
 * kept as it is, and only what it lacks is added from patches that resemble it; for networks that paint what the picture
 * holds nowhere else. `false`: the fill is enlarged and laid in as it is.
 */
export type Detail = boolean | 'residual';

/** Options of {@link inpaint}. */
export interface InpaintOptions {
  /** Who fills the low-resolution picture. Default: `exemplar()`, which needs no weights. */
  generator?: Generator;
  /** Which mask colour is the hole: `'white'` (default), `'black'`, `'alpha'` (transparent pixels), or `'opaque'` (those that are not). */
  hole?: HoleColour;
  /**
   * Lines that say how edges run through the hole, for a generator that takes a sketch, such as `deepfillV2(weights, { sketch: true })`:
   * of the photo's size, white on black, or in any colour on transparent. A line may be as thin as a pixel. What lies outside
   * the hole is not looked at. Default: none.
   */
  sketch?: Photo;
  /**
   * What the fill may be copied from: of the photo's size, white on black, or in any colour on transparent; of shapes by `maskFrom()`. The rest of the photo
   * is still looked at, and nothing is taken from it. Default: all that is known.
   */
  sources?: Photo;
  /** What it must not be copied from, likewise; also where `sources` would allow it. Default: nothing. */
  avoid?: Photo;
  /**
   * How many pixels the hole is widened by, so that no rim of the object is left. `'auto'`: by a pixel, and past what the
   * photo shows of the object beside the hole: an outline, by up to 10 % of the hole's thickness and 0.8 % of the photo's short side; what
   * hangs on the hole and has colours that nothing further out has, by up to 16 % and 1.2 %.
   */
  grow?: number | 'auto';
  /** Width in pixels of the seam outside the grown hole in which the fill fades into the photo. */
  feather?: number | 'auto';
  /** Long side of the low-resolution picture, in pixels. Default: the generator's, or 512. */
  workingSize?: number;
  /**
   * Holes, and parts of holes, that are nowhere thicker than this many pixels once grown are healed at full size from what lies beside
   * them, without the generator: specks, scratches, wires. At most 64. 0: the generator fills them all. Default: the generator's own (20 pixels for
   * those of this package), or 0 with a sketch.
   */
  thin?: number;
  /** How the fill is given the photo's own detail. Default true. */
  detail?: Detail;
  /**
   * How many bytes the detail stage may hold, which is the one that grows with the photo. Default 512 MiB. Photo, mask and
   * result are not counted, nor a byte for each pixel, nor what is in proportion to the square of the working size.
   */
  memory?: number;
  /**
   * How many threads work on the photo beside the backend, a whole number >= 1. Default: in Node as many as there are cores, at most 8;
   * in browsers 1: there, `createInpainter({ workers })` has more. Below Node 20.16, which can't be asked for its threads, it is always one.
   * The result is the same for any number.
   */
  threads?: number;
  /** Seeds every random choice. Default 0. */
  seed?: number;
  /** Aborts with an AbortError between two steps. */
  signal?: AbortSignal;
  /** Called after each step. */
  onProgress?: (progress: Progress) => void;
  /**
   * Called with a low-resolution look at each window's fill as soon as there is one: most of the time has passed by then, and on a large photo some is
   * still to come. Thin holes, which are healed at full size, have none.
   */
  onPreview?: (preview: Preview) => void;
  /** Called for what is no error but worth knowing. Default: `console.warn`. */
  onWarning?: OnWarning;
}

/** All of them, for what is misspelt. */
export const INPAINT_OPTIONS = {
  generator: true,
  hole: true,
  sketch: true,
  sources: true,
  avoid: true,
  grow: true,
  feather: true,
  workingSize: true,
  thin: true,
  detail: true,
  memory: true,
  threads: true,
  seed: true,
  signal: true,
  onProgress: true,
  onPreview: true,
  onWarning: true,
} as const satisfies Record<keyof InpaintOptions, true>;
