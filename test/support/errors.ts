import { expect } from 'vitest';
import type { InpaintError } from '../../src/errors';

/** Expects an error of a class, with these words, whether it is thrown at once or later. */
export async function expectError(run: () => unknown, type: abstract new (...args: never[]) => InpaintError, message: RegExp): Promise<void> {
  const error = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toMatch(message);
}
