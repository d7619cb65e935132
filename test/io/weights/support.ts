import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { WeightsError } from '../../../src/errors';
import type { WeightFile } from '../../../src/io/weights';

const folder = new URL('../../fixtures/weights/', import.meta.url);

/** The path of a fixture. */
export const path = (name: string): string => fileURLToPath(new URL(name, folder));

/** The bytes of a fixture, in memory of its own. */
export const fixture = (name: string): Uint8Array => Uint8Array.from(readFileSync(path(name)));

/** Fixtures by their names, as a checkpoint is handed over. */
export const fixtures = (...names: string[]): Record<string, Uint8Array> => Object.fromEntries(names.map((name) => [name, fixture(name)]));

interface Expected {
  dtype: string;
  shape: number[];
  hex: string;
}

/** What the fixtures hold, as make.py wrote it down. */
export const expected: ReadonlyMap<string, Expected> = new Map(
  Object.entries(JSON.parse(readFileSync(path('expected.json'), 'utf8')) as Record<string, Expected>),
);

/** The tensors of a file in the form of {@link expected}. */
export const described = ({ tensors }: WeightFile): Map<string, Expected> =>
  new Map([...tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape: [...shape], hex: Buffer.from(data).toString('hex') }]));

/** The error that an attempt ends with; it must be a WeightsError of this code whose message says this. */
export function expectDamage(attempt: () => unknown, code: string, message: RegExp | string): WeightsError {
  let error: unknown;
  try {
    attempt();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(WeightsError);
  expect({ code: (error as WeightsError).code, message: (error as WeightsError).message }).toEqual({ code, message: expect.stringMatching(message) });
  return error as WeightsError;
}
