import { expect, it } from 'vitest';
import { type PatchVotes, plainVotes, rebuilt, vectorVotes, votePatches } from '../../src/arrays/patch-votes';
import { placesOf } from '../../src/arrays/places';
import { randomIntegers } from '../../src/arrays/random';

const HEIGHT = 19;
const WIDTH = 26;

/** Small whole numbers, so that all sums are exact in single precision; offsets that lead out of the picture, weights of 0. */
function request(channels: number, patchSize: number): PatchVotes & { hole: Float32Array } {
  const random = randomIntegers(channels * 10 + patchSize);
  const pixels = HEIGHT * WIDTH;
  return {
    height: HEIGHT,
    width: WIDTH,
    channels,
    patchSize,
    features: Float32Array.from({ length: pixels * channels }, () => (random() % 41) - 20),
    offsets: Int32Array.from({ length: pixels * 2 }, () => (random() % 21) - 10),
    weights: Float32Array.from({ length: pixels }, () => random() % 5),
    // The last pixel is hole, and the first one; a third of the others.
    hole: Float32Array.from({ length: pixels }, (_, p) => (p === 0 || p === pixels - 1 || random() % 3 === 0 ? 1 : 0)),
  };
}

/** What stands at the places before the vote. */
const ownValues = ({ channels, features }: PatchVotes, places: Int32Array) =>
  Float32Array.from({ length: places.length * channels }, (_, i) => features[places[Math.floor(i / channels)] * channels + (i % channels)]);

it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16])('compiled votes are the plain ones, to the bit, with %i channels', (channels) => {
  for (const patchSize of [1, 3, 7]) {
    const votes = request(channels, patchSize);
    const places = placesOf(votes.hole);
    const plain = plainVotes(votes, places);
    expect(plain).not.toEqual(ownValues(votes, places));
    expect(vectorVotes(votes, places)).toStrictEqual(plain);
  }
});

it('a pixel without a vote stays as it is', () => {
  const votes = { ...request(5, 3), weights: new Float32Array(HEIGHT * WIDTH) };
  const places = placesOf(votes.hole);
  for (const cast of [plainVotes, vectorVotes]) expect(cast(votes, places)).toStrictEqual(ownValues(votes, places));
  expect(votePatches(votes)).toStrictEqual(votes.features);
});

it('votes do without WebAssembly', () => {
  const votes = request(5, 7);
  const places = placesOf(votes.hole);
  const expected = rebuilt(votes.features, 5, [vectorVotes(votes, places)!], [places]);
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorVotes(votes, places)).toBeUndefined();
    expect(votePatches(votes)).toStrictEqual(expected);
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
