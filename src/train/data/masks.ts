import { checkArgument, checkWhole } from '../../check';
import type { Picture } from '../../picture';
import { paintBorder } from './holes/border';
import { coverageOf, emptyCanvas, type MaskCanvas, mergeInto } from './holes/canvas';
import { paintRectangles } from './holes/rectangles';
import { paintScratches } from './holes/scratches';
import { paintSpots } from './holes/spots';
import { paintStrokes } from './holes/strokes';
import { paintTears } from './holes/tears';
import { type MaskTemplate, paintTemplates } from './holes/templates';
import { type Random, randomAt, wholeBetween } from './random';

/**
 * What a hole looks like.
 *
 * | kind | hole |
 * |---|---|
 * | `strokes` | a few thick strokes of a brush (free-form, DeepFill v2) |
 * | `templates` | masks of your own, mirrored, turned, scaled, moved and merged |
 * | `tears` | ragged gaps from the border, corners torn off |
 * | `scratches` | long thin lines |
 * | `spots` | dust, mould and stains |
 * | `rectangles` | one to three rectangles |
 * | `border` | strips along the border, and shapes that reach over it |
 */
export type MaskKind = 'strokes' | 'templates' | 'tears' | 'scratches' | 'spots' | 'rectangles' | 'border';

/** A kind of your own: makes `size * size` values, 1 = hole, out of uniform numbers in [0, 1). */
export type MaskPainter = (random: () => number, size: number) => Uint8Array;

/** Options of {@link maskSource}. */
export interface MaskSourceOptions {
  /** The masks' side in pixels, at least 8. */
  size: number;
  /** A whole number >= 0 that all chance is drawn from. Default 0. */
  seed?: number;
  /** What is drawn, each as often as it is named. Default: strokes, rectangles and border, and templates where there are any. */
  kinds?: readonly (MaskKind | MaskPainter)[];
  /** The masks for the kind `templates`, see {@link readTemplates}. */
  templates?: readonly MaskTemplate[];
  /** How much of a mask is hole, from and to, in (0, 1). Default [0.05, 0.4]. */
  coverage?: readonly [number, number];
}

/** Masks without end. */
export interface MaskSource {
  /** Their side. */
  readonly size: number;
  /** The mask of a position, a whole number >= 0: [size, size], row by row, hole = 1, else 0. The same whenever it is asked for. */
  at(position: number): Float32Array;
}

const PAINTERS: Record<Exclude<MaskKind, 'templates'>, (random: Random, size: number) => MaskCanvas> = {
  strokes: paintStrokes,
  tears: paintTears,
  scratches: paintScratches,
  spots: paintSpots,
  rectangles: paintRectangles,
  border: paintBorder,
};

/** How often a mask is painted at most until its coverage fits. */
const TRIES = 120;

/**
 * Random holes to train with. A mask depends on nothing but the options and its position, so that a run can be taken up anywhere.
 *
 * The coverage is met by drawing again where a hole is too large, and by merging several where it is too small; most masks are near the
 * lower end, where a kind can be. Where 120 drawings don't meet it, the mask is the nearest one found.
 *
 * @param options size, seed, kinds and coverage.
 * @returns masks by position.
 * @throws ArgumentError, also by `at()` where a kind of your own makes no hole at all.
 * @example
 * ```ts
 * const masks = maskSource({ size: 256, seed: 7, kinds: ['strokes', 'strokes', 'rectangles'], coverage: [0.1, 0.3] });
 * const hole = tf.tensor4d(masks.at(0), [1, 256, 256, 1]);
 * ```
 */
export function maskSource(options: MaskSourceOptions): MaskSource {
  const { size, seed = 0, templates = [], coverage = [0.05, 0.4] } = options;
  const kinds = options.kinds ?? ['strokes', 'rectangles', 'border', ...(templates.length > 0 ? (['templates'] as const) : [])];
  checkWhole(size, 8, 'maskSource', 'size');
  checkWhole(seed, 0, 'maskSource', 'seed');
  checkArgument(kinds.length > 0, 'maskSource', 'kinds', 'one kind or more', kinds.length);
  checkArgument(
    coverage.length === 2 && coverage[0] > 0 && coverage[1] >= coverage[0] && coverage[1] < 1,
    'maskSource',
    'coverage',
    'a range in (0, 1)',
    coverage,
  );
  const painters = kinds.map((kind) => painterOf(kind, templates));
  const [least, most] = coverage;

  function at(position: number): Float32Array {
    checkWhole(position, 0, 'maskSource', 'position');
    const random = randomAt(seed, 'mask', position);
    const paint = painters[wholeBetween(random, 0, painters.length - 1)];
    // Merging goes on up to a share of its own for each mask, or all masks of small things would be as small as may be.
    const wanted = least + (most - least) * random() ** 6;
    let nearest: { data: Uint8Array; off: number } | undefined;
    let canvas = emptyCanvas(size);
    for (let i = 0; i < TRIES; i++) {
      mergeInto(canvas, paint(random, size));
      const covered = coverageOf(canvas);
      const off = Math.max(least - covered, covered - most, 0);
      if (covered > 0 && !(nearest && nearest.off <= off)) nearest = { data: canvas.data.slice(), off };
      if (covered < wanted) continue;
      if (off === 0) return new Float32Array(canvas.data);
      if (nearest?.off === 0) break;
      canvas = emptyCanvas(size);
    }
    checkArgument(nearest !== undefined, 'maskSource', 'kinds', 'something that makes a hole', `none in ${TRIES} drawings`);
    return new Float32Array(nearest!.data);
  }

  return { size, at };
}

function painterOf(kind: MaskKind | MaskPainter, templates: readonly MaskTemplate[]): (random: Random, size: number) => MaskCanvas {
  if (typeof kind === 'function') {
    return (random, size) => {
      const data = kind(random, size);
      checkArgument(data?.length === size * size, 'maskSource', 'kinds', `a function that makes ${size * size} values`, data?.length);
      return { size, data: data.map((value) => (value > 0 ? 1 : 0)) };
    };
  }
  if (kind === 'templates') {
    checkArgument(templates.length > 0, 'maskSource', 'templates', "one mask or more for the kind 'templates'", templates.length);
    return (random, size) => paintTemplates(random, size, templates);
  }
  checkArgument(Object.hasOwn(PAINTERS, kind), 'maskSource', 'kinds', `of ${Object.keys(PAINTERS).join(', ')} and templates`, kind);
  return PAINTERS[kind];
}

/**
 * Shows masks side by side, holes in white, the next position to the right.
 *
 * @param source what to show.
 * @param columns masks in a row.
 * @param rows rows.
 * @param position the first mask's. Default 0.
 * @returns a grey Picture, to be written as PNG; masks are 2 pixels apart.
 * @throws ArgumentError
 * @example
 * ```ts
 * await writePicture(maskPreview(maskSource({ size: 128, kinds: ['tears'] }), 8, 4), 'tears.png');
 * ```
 */
export function maskPreview(source: MaskSource, columns: number, rows: number, position = 0): Picture {
  checkWhole(columns, 1, 'maskPreview', 'columns');
  checkWhole(rows, 1, 'maskPreview', 'rows');
  checkWhole(position, 0, 'maskPreview', 'position');
  const { size } = source;
  const [width, height] = [columns * (size + 2) - 2, rows * (size + 2) - 2];
  const data = new Uint8Array(width * height).fill(128);
  for (let i = 0; i < columns * rows; i++) {
    const mask = source.at(position + i);
    const [left, top] = [(i % columns) * (size + 2), Math.floor(i / columns) * (size + 2)];
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) data[(top + y) * width + left + x] = 255 * mask[y * size + x];
  }
  return { width, height, channels: 1, data };
}
