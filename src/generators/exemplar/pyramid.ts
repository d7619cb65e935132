import { shared } from '../../threads/shared';
import type { Threads } from '../../threads/task';
import { beside } from './beside';
import { halved } from './halve';
import { depthsOf, patchCentres } from './patch-centres';
import { findStrangers, withoutStrangers } from './strangers';
import { texture } from './texture';

/** Colours (3) and texture (2) of a pixel; patches are compared by all of them. */
export const CHANNELS = 5;

/** One size of the picture. All arrays are row-major, one value a pixel unless said otherwise. */
export interface Level {
  height: number;
  width: number;
  /** [height, width, 5]: colours in [-1, 1], weighted texture. */
  features: Float32Array;
  /** 1 where a pixel is not wholly known. */
  hole: Float32Array;
  /** 1 where a pixel must not be copied: in the hole, and where else nothing may be taken from. */
  barred: Float32Array;
  /** 1 where a patch of pixels that may be copied, of colours at home around the hole, is centred. */
  sources: Float32Array;
  /** 1 where a patch touches the hole. */
  queries: Float32Array;
  /** Distance to the nearest known pixel, in pixels. */
  depth: Float32Array;
  /** The largest of these. */
  deepest: number;
  /** How much of a pixel's colour is strange to the hole's surroundings, from 0 to 1. */
  strange: Float32Array;
  sourceCount: number;
}

/** The side of patches, in pixels, where the picture is not too small for it. */
export const PATCH_SIZE = 7;
// The least share of the picture's patches that must be left.
const LEAST_AT_HOME = 0.1;
// A hole of more pixels than this goes one level coarser, if it is thicker than two patches: first guesses take long.
const MOST_AT_COARSEST = 4000;
const THIN = 14;
// Coarser levels stop where fewer patches than this are left to copy from.
const FEWEST_SOURCES = 30;

/** A level whose sources are all patches of this side that may be copied. */
function makeLevel(features: Float32Array, hole: Float32Array, barred: Float32Array, height: number, width: number, patchSize: number): Level {
  const centres = patchCentres(hole, height, width, patchSize, barred);
  return levelOf({ height, width, features, hole, barred, ...centres, ...depthsOf(hole, height, width), strange: new Float32Array(height * width) });
}

/** A level, written out: put together from others' properties, each would be of another kind to the compiler, and what it made for one not for the next. */
const levelOf = ({ height, width, features, hole, barred, sources, queries, depth, deepest, strange, sourceCount }: Level): Level => {
  return { height, width, features, hole, barred, sources, queries, depth, deepest, strange, sourceCount };
};

/** The level without the sources whose colours are strange to the hole's surroundings. */
const atHome = (level: Level, strange: Float32Array, patchSize: number): Level =>
  levelOf({ ...level, ...withoutStrangers(level.sources, strange, level.height, level.width, patchSize), strange });

/** The next level. */
function halve(level: Level, patchSize: number): Level {
  const { features, hole, barred, height, width, strange } = halved(level);
  return atHome(makeLevel(features, hole, barred, height, width, patchSize), strange, patchSize);
}

/**
 * The picture at halving sizes, the finest first, down to where the hole is at most `thickness` pixels thick and, unless it
 * is thin, small. The patch side shrinks from 7 where a small picture has no whole patch of that size.
 * @param barred [height, width]: 1 in the hole and where else nothing may be copied from
 */
export function buildPyramid(
  colours: Float32Array,
  hole: Float32Array,
  height: number,
  width: number,
  thickness: number,
  barred = hole,
): { levels: Level[]; patchSize: number } {
  const features = beside(colours, texture(colours, hole, height, width), height * width);
  let patchSize = PATCH_SIZE;
  let level = makeLevel(features, hole, barred, height, width, patchSize);
  while (patchSize > 1 && level.sourceCount < FEWEST_SOURCES) {
    patchSize -= 2;
    level = makeLevel(features, hole, barred, height, width, patchSize);
  }
  // Where nearly everything is strange, the ring says little, and all may be copied from.
  const choosy = atHome(level, findStrangers(colours, hole, height, width), patchSize);
  if (choosy.sourceCount >= Math.max(FEWEST_SOURCES, LEAST_AT_HOME * level.sourceCount)) level = choosy;
  const levels = [level];
  const isTooLarge = ({ deepest, hole }: Level) => {
    const thick = 2 * deepest;
    return thick > thickness || (thick > THIN && count(hole) > MOST_AT_COARSEST);
  };
  while (isTooLarge(level)) {
    if (Math.min(level.height, level.width) < 2 * patchSize) break;
    level = halve(level, patchSize);
    if (level.sourceCount < FEWEST_SOURCES) break;
    levels.push(level);
  }
  return { levels, patchSize };
}

/** The levels, where all threads see them. */
export const levelsFor = ({ count }: Threads, levels: Level[]): Level[] => (count > 1 ? levels.map(sharedLevel) : levels);

const sharedLevel = ({ features, hole, barred, sources, queries, depth, ...level }: Level): Level => {
  const unknown = shared(hole);
  const marks = { hole: unknown, barred: barred === hole ? unknown : shared(barred), sources: shared(sources), queries: shared(queries) };
  return levelOf({ ...level, ...marks, features: shared(features), depth: shared(depth) });
};

function count(marks: Float32Array): number {
  let sum = 0;
  for (const mark of marks) sum += mark;
  return sum;
}
