import { channelMaximum, colourChannels, hasAlpha, type Picture } from '../picture';
import { HOLE_COLOURS, type HoleColour, holeTest, KEPT_WITHIN } from '../pixels/seam';
import type { RunMask } from '../shapes/run-mask';

/** The smallest and the largest of what counts: the mean of a pixel's colours, or its alpha. */
interface Range {
  low: number;
  high: number;
}

/** What a mask holds, for what is said of one that marks nothing, everything or too much. */
export interface Contents {
  /** Pixels in all. */
  total: number;
  /** The largest value of a channel. */
  maximum: number;
  colour: Range;
  alpha?: Range;
  /** How many pixels each kind of hole would mark, before it grows. */
  marked: Partial<Record<HoleColour, number>>;
}

/** Looks through a mask; of one that comes in stretches of rows, `before` is what those before held. */
export function contentsOf(mask: Picture, before?: Contents): Contents {
  const { width, height, channels, data } = mask;
  const colours = colourChannels(mask);
  const kinds = HOLE_COLOURS.slice(0, hasAlpha(mask) ? 4 : 2).map((colour) => ({
    colour,
    isHole: holeTest(mask, colour),
    count: before?.marked[colour] ?? 0,
  }));
  const colour = { low: Number.POSITIVE_INFINITY, high: 0, ...before?.colour };
  const alpha = { low: Number.POSITIVE_INFINITY, high: 0, ...before?.alpha };
  const widen = (range: Range, value: number) => {
    if (value < range.low) range.low = value;
    if (value > range.high) range.high = value;
  };
  for (let p = 0; p < width * height; p++) {
    const at = p * channels;
    widen(colour, colours === 1 ? data[at] : (data[at] + data[at + 1] + data[at + 2]) / 3);
    if (kinds.length === 4) widen(alpha, data[at + channels - 1]);
    for (const kind of kinds) if (kind.isHole(p)) kind.count++;
  }
  const marked = Object.fromEntries(kinds.map(({ colour, count }) => [colour, count]));
  const total = (before?.total ?? 0) + width * height;
  return { total, maximum: channelMaximum(mask), colour, alpha: kinds.length === 4 ? alpha : undefined, marked };
}

/** {@link contentsOf} a mask that is held in runs. */
export function contentsOfRuns({ width, height, runs }: RunMask): Contents {
  let white = 0;
  for (let n = 0; n < runs.length; n += 3) white += runs[n + 2] - runs[n + 1];
  const total = width * height;
  const colour = { low: white < total ? 0 : 255, high: white > 0 ? 255 : 0 };
  return { total, maximum: 255, colour, marked: { white, black: total - white } };
}

/** A part of the picture in words. */
function share(count: number, total: number): string {
  const percent = (100 * count) / total;
  if (percent < 1) return 'less than 1 %';
  return percent > 99 ? 'more than 99 %' : `${Math.round(percent)} %`;
}

/** Why all or none of the mask is hole: the one value that all pixels have, or the one that comes closest to being otherwise. */
function reasonFor({ colour, alpha, maximum }: Contents, hole: HoleColour, all: boolean): string {
  const byAlpha = hole === 'alpha' || hole === 'opaque';
  const { low, high } = byAlpha ? alpha! : colour;
  if (low === high && (low === 0 || low === maximum)) {
    if (byAlpha) return `all its pixels are ${low === 0 ? 'transparent' : 'opaque'}`;
    return `all its pixels are ${low === 0 ? 'black' : 'white'}${alpha && alpha.low < alpha.high ? ', only their alpha differs' : ''}`;
  }
  // White and opaque are hole from a quarter of the range on, black and transparent below three quarters.
  const fromBelow = hole === 'white' || hole === 'opaque';
  const limit = Math.ceil(maximum * (fromBelow ? KEPT_WITHIN : 1 - KEPT_WITHIN));
  const value = Math.round(fromBelow === all ? low : high);
  const words = byAlpha ? ['most transparent', 'most opaque'] : ['darkest', 'brightest'];
  const pixel = `its ${words[fromBelow === all ? 0 : 1]} pixel ${byAlpha ? 'has alpha' : 'is'} ${value} of ${maximum}`;
  return `${pixel}, and hole is what ${byAlpha ? 'has' : 'is'} ${fromBelow ? `at least ${limit}` : `less than ${limit}`}`;
}

/**
 * What a mask holds that marks nothing, everything or too much, and what to try, for a message: a few words, or none.
 * `grown` is how many pixels its hole has once it has grown.
 */
export function maskContents(contents: Contents, hole: HoleColour, grown: number): string {
  const { total, maximum } = contents;
  const marked = contents.marked[hole] ?? 0;
  const parts: string[] = [];
  if (marked === 0 || marked === total) parts.push(reasonFor(contents, hole, marked === total));
  else if (grown === total || marked <= total / 2) parts.push(`it marks ${share(marked, total)} before it grows, a smaller grow would leave more`);
  const others = HOLE_COLOURS.flatMap((other) => {
    const count = contents.marked[other] ?? 0;
    return other !== hole && count > 0 && count < total ? [`hole: '${other}' would mark ${share(count, total)}`] : [];
  });
  if (others.length > 0) parts.push(others.join(', '));
  // A map of labels, or a palette of dark colours.
  else if (hole === 'white' && marked === 0 && contents.colour.high > 0) parts.push(`if its numbers are labels, make what is to go ${maximum}`);
  return parts.join('; ');
}
