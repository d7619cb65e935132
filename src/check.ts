import type { Tensor } from '@tensorflow/tfjs-core';
import { ArgumentError, ShapeError } from './errors';

/**
 * Checks a tensor's rank, and sizes where the layout names them: `'BHWC'` is any rank-4 tensor, `'BHW1'` one of a
 * single channel, `'2HW3'` one of two pictures with three channels. The message is built only on failure.
 */
export function checkShape(tensor: Tensor, layout: string, op: string, argument: string): void {
  const shape = tensor.shape;
  let fits = shape.length === layout.length;
  for (let i = 0; fits && i < layout.length; i++) {
    const size = layout.charCodeAt(i) - 48;
    fits = size < 0 || size > 9 || shape[i] === size;
  }
  if (!fits) {
    throw new ShapeError('shape', `${op}: ${argument} must be ${layout}, got [${shape.join(', ')}]`, { expected: layout, actual: shape.slice() });
  }
}

/** Checks that two shapes agree. */
export function checkSameShape(actual: readonly number[], expected: readonly number[], op: string, argument: string): void {
  if (actual.length !== expected.length || actual.some((n, i) => n !== expected[i])) {
    throw new ShapeError('shape', `${op}: ${argument} must be [${expected.join(', ')}], got [${actual.join(', ')}]`, {
      expected: expected.slice(),
      actual: actual.slice(),
    });
  }
}

/** Checks an argument by a condition that the caller has worked out; `expected` says it in words. */
export function checkArgument(holds: boolean, op: string, argument: string, expected: string, actual: unknown): void {
  if (!holds) throw new ArgumentError('argument', `${op}: ${argument} must be ${expected}, got ${String(actual)}`, { expected, actual });
}

/** Checks for a whole number of at least `minimum`. */
export function checkWhole(value: number, minimum: number, op: string, argument: string): void {
  checkArgument(Number.isInteger(value) && value >= minimum, op, argument, `a whole number >= ${minimum}`, value);
}
