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

/** What a value is, for a message: `null`, `a string`, `a Float32Array`, `an Array`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  // The tag of a typed array is its type in every frame and bundle; other objects have the name of their class.
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const name = tag === 'Object' ? value.constructor?.name || tag : tag;
  return `${/^[AEIOH]/.test(name) ? 'an' : 'a'} ${name}`;
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
  if (!holds) throw new ArgumentError('argument', `${op}: ${argument} must be ${expected}, got ${textOf(actual)}`, { expected, actual });
}

/** A value in a message: a typed array's numbers, or a function's text, would fill pages. */
function textOf(value: unknown): string {
  const long = typeof value === 'function' || (typeof value === 'object' && value !== null && !(Array.isArray(value) && value.length <= 8));
  return long ? kindOf(value) : String(value);
}

/** Checks for numbers, none of them NaN or infinite. */
export function checkFinite(values: ArrayLike<number>, op: string, argument: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new ArgumentError('not-finite', `${op}: ${argument} holds NaN or infinity`, { expected: 'finite values', actual: values[i] });
  }
}

/** Checks for a whole number of at least `minimum`. */
export function checkWhole(value: number, minimum: number, op: string, argument: string): void {
  checkArgument(Number.isInteger(value) && value >= minimum, op, argument, `a whole number >= ${minimum}`, value);
}

/** Checks for an odd whole number: the side of a window that has a middle. */
export function checkOdd(value: number, op: string, argument: string): void {
  // Of a negative number the remainder is negative.
  checkArgument(Number.isInteger(value) && value % 2 === 1, op, argument, 'an odd whole number >= 1', value);
}

/** Checks for one of several words, or of true and false. The message, built only on failure, names them all. */
export function checkOneOf<T extends string | boolean>(value: T, choices: readonly T[], op: string, argument: string): void {
  if (!choices.includes(value)) checkArgument(false, op, argument, choicesOf(choices), value);
}

/** `'zero', 'replicate' or 'reflect'`. */
function choicesOf(choices: readonly (string | boolean)[]): string {
  const words = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

/**
 * Checks that options have no other names than these: one that is misspelt would be passed over in silence. What is undefined says nothing.
 * @param known all names, as `{...} satisfies Record<keyof Options, true>`, which the types keep complete
 */
export function checkOptions(options: object, known: Readonly<Record<string, true>>, op: string): void {
  checkArgument(typeof options === 'object' && options !== null, op, 'options', 'an object', options);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const [nearest] = names.map((one) => ({ one, away: distance(one.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.away - b.away);
    // A third of its letters may be wrong.
    const hint = nearest.away <= Math.max(1, Math.ceil(name.length / 3)) ? `did you mean '${nearest.one}'?` : `there are ${names.join(', ')}`;
    throw new ArgumentError('argument', `${op}: unknown option '${name}': ${hint}`, { expected: names, actual: name });
  }
}

/** How many letters must be put in, taken out or changed to make one word the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (one[i] === other[j] ? 0 : 1)));
    row = next;
  }
  return row[other.length];
}
