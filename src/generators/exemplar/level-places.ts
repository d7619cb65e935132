import { placesOf } from '../../arrays/places';
import type { Level } from './pyramid';

// A vote counts this much less with each pixel into the hole.
const CONFIDENCE_FALL = 1.3;

/** What is marked at a level, as lists. */
export interface LevelPlaces {
  sources: Int32Array;
  queries: Int32Array;
  hole: Int32Array;
  /** How much a query's vote counts, from 0 to 1, by how near to the rim it is cast. */
  confidence: Float64Array;
}

// A level is worked on for many rounds, at the coarsest size from a dozen first guesses.
const known = new WeakMap<Level, LevelPlaces>();

/** The places of a level's marks, which must not change. */
export function placesIn(level: Level): LevelPlaces {
  let places = known.get(level);
  if (!places) {
    const queries = placesOf(level.queries);
    places = { sources: placesOf(level.sources), queries, hole: placesOf(level.hole), confidence: confidenceAt(queries, level.depth) };
    known.set(level, places);
  }
  return places;
}

function confidenceAt(queries: Int32Array, depth: Float32Array): Float64Array {
  const out = new Float64Array(queries.length);
  // Many queries are centred beside the hole, where a power need not be worked out.
  for (let i = 0; i < queries.length; i++) out[i] = depth[queries[i]] > 0 ? CONFIDENCE_FALL ** -depth[queries[i]] : 1;
  return out;
}

/** Has an offset [row, column] of a field point from a place to its source. */
export function pointAt(offsets: Int32Array, place: number, source: number, width: number): void {
  offsets[2 * place] = Math.floor(source / width) - Math.floor(place / width);
  offsets[2 * place + 1] = (source % width) - (place % width);
}
