import { describe, expect, it } from 'vitest';
import { checkOdd, checkOneOf } from '../src/check';
import { ArgumentError } from '../src/errors';

/** The error of a check, or nothing. */
function errorOf(check: () => void): unknown {
  try {
    check();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('checkOdd', () => {
  it.each([1, 3, 101])('lets %s through', (value) => expect(errorOf(() => checkOdd(value, 'blur', 'size'))).toBeUndefined());
  it.each([0, 2, -1, -3, 1.5, 3.1, Number.NaN, Number.POSITIVE_INFINITY, '3' as unknown as number])('refuses %s', (value) => {
    const error = errorOf(() => checkOdd(value, 'blur', 'size')) as ArgumentError;
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error).toMatchObject({ code: 'argument', message: `blur: size must be an odd whole number >= 1, got ${value}`, actual: value });
  });
});

describe('checkOneOf', () => {
  const borders = ['zero', 'replicate', 'reflect'];
  it.each(borders)('lets %s through', (border) => expect(errorOf(() => checkOneOf(border, borders, 'blur', 'border'))).toBeUndefined());
  it.each<[readonly (string | boolean)[], string | boolean, string]>([
    [borders, 'wrap', "'zero', 'replicate' or 'reflect'"],
    [['soft', 'hard'], 'Soft', "'soft' or 'hard'"],
    [['only'], 'other', "'only'"],
    [[true, false, 'residual'], 'true', "true, false or 'residual'"],
  ])('of %s refuses %s, and names them', (choices, value, named) => {
    const error = errorOf(() => checkOneOf(value, choices, 'blur', 'border')) as ArgumentError;
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error).toMatchObject({ code: 'argument', message: `blur: border must be ${named}, got ${value}`, expected: named, actual: value });
  });
  it('takes no name of an object for a choice', () => {
    expect(errorOf(() => checkOneOf('toString', borders, 'blur', 'border'))).toBeInstanceOf(ArgumentError);
  });
});
