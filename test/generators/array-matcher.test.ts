import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { arrayMatcher } from '../../src/generators/exemplar/array-matcher';
import { depthsOf, patchCentres } from '../../src/generators/exemplar/patch-centres';
import { CHANNELS, type Level } from '../../src/generators/exemplar/pyramid';
import { type Task, type Threads, thisThread } from '../../src/threads/task';

const [height, width] = [150, 160];
const random = randomIntegers(5);
// A hole of some 9,000 pixels: three bands and more.
const hole = Float32Array.from({ length: height * width }, (_, p) => (p >= 30 * width && p < 120 * width && p % width >= 30 && p % width < 130 ? 1 : 0));
const features = Float32Array.from({ length: height * width * CHANNELS }, () => random() % 13);
const level = { height, width, features, hole, ...patchCentres(hole, height, width, 7), ...depthsOf(hole, height, width) } as Level;
const weights = level.queries.map((query) => query * (1 + (random() % 4)));
const anywhere = new Int32Array(2 * height * width);
const options = { patchSize: 7, offsetPenalty: [0, 0] as [number, number], sweeps: 1 };
const pause = () => Promise.resolve();

/** As if there were so many threads; writes down what they are asked for. */
function asIf(count: number) {
  const asked: string[] = [];
  const threads: Threads = {
    count,
    run<A, R>(task: Task<A, R>, args: A) {
      asked.push(task.name);
      return thisThread.run(task, structuredClone(args), pause);
    },
  };
  return { asked, matcher: arrayMatcher(threads, pause) };
}

describe('matching and votes over a level of several bands', () => {
  it('are the same for any number of threads', async () => {
    const alone = asIf(1).matcher;
    for (const seed of [4, 5]) {
      const expected = await alone.match(level, features, anywhere, { ...options, seed });
      const rebuilt = await alone.vote(level, features, expected.offsets, weights, 7);
      // What is known stays as it is.
      expect(rebuilt.filter((value, i) => !hole[Math.floor(i / CHANNELS)] && value !== features[i]).length).toBe(0);
      for (const count of [2, 3, 8]) {
        const { asked, matcher } = asIf(count);
        const found = await matcher.match(level, features, anywhere, { ...options, seed });
        expect(found).toEqual(expected);
        expect(await matcher.vote(level, features, found.offsets, weights, 7)).toEqual(rebuilt);
        for (const name of ['match-band', 'vote-band']) expect(asked.filter((one) => one === name).length).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('reach every query and every pixel of the hole', async () => {
    const { matcher } = asIf(2);
    for (const seed of [4, 5]) {
      const { offsets, distances } = await matcher.match(level, features, anywhere, { ...options, seed });
      for (let p = 0; p < height * width; p++) {
        if (level.queries[p]) expect(level.sources[p + offsets[2 * p] * width + offsets[2 * p + 1]]).toBe(1);
        else expect([offsets[2 * p], offsets[2 * p + 1], distances[p]]).toEqual([0, 0, 0]);
      }
      const rebuilt = await matcher.vote(
        level,
        new Float32Array(features.length).fill(-1).map((v, i) => (hole[Math.floor(i / CHANNELS)] ? v : 2)),
        offsets,
        weights,
        7,
      );
      for (let p = 0; p < height * width; p++) if (hole[p]) expect(rebuilt[p * CHANNELS]).toBe(2);
    }
  });
});
