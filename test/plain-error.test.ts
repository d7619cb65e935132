import { expect, it } from 'vitest';
import * as errors from '../src/errors';
import { fromPlainError, toPlainError } from '../src/plain-error';

/** There and back again, as between a worker and its page. */
const sent = (error: unknown) => fromPlainError(structuredClone(toPlainError(error)));

const classes = Object.entries(errors) as [string, typeof errors.InpaintError][];

it.each(classes)('%s arrives as what it was', (name, type) => {
  const error = new type('argument', 'a message', { expected: { width: 3 }, actual: [1, 2], cause: new RangeError('below') });
  const arrived = sent(error) as errors.InpaintError;
  expect(arrived.constructor).toBe(type);
  expect(arrived).toMatchObject({ name, code: 'argument', message: 'a message', expected: { width: 3 }, actual: [1, 2] });
  expect(arrived.stack).toBe(error.stack);
  expect(arrived.cause).toMatchObject({ name: 'RangeError', message: 'below' });
});

it('there is a class of each name', () => {
  expect(classes.map(([name]) => name).sort()).toEqual([
    'AbortError',
    'ArgumentError',
    'BackendError',
    'InpaintError',
    'MaskError',
    'MemoryError',
    'PictureError',
    'ShapeError',
    'TrainingError',
    'WeightsError',
  ]);
});

it('what cannot be sent arrives in words, what is no error as one', () => {
  const arrived = sent(new errors.ArgumentError('argument', 'a message', { actual: () => 7, cause: 'a word' })) as errors.ArgumentError;
  expect(arrived.actual).toBe('() => 7');
  expect(arrived.cause).toBe('a word');
  expect(sent('a text')).toMatchObject({ name: 'Error', message: 'a text' });
  const own = sent(
    new (class MyError extends Error {
      override name = 'MyError';
    })('mine', { cause: new errors.MaskError('mask-full', 'inside') }),
  );
  expect(own).toMatchObject({ name: 'MyError', message: 'mine' });
  expect(own.cause).toBeInstanceOf(errors.MaskError);
});

it("an error's name does not hang on that of its class, which a minifier shortens", () => {
  expect(new errors.AbortError('aborted', '').name).toBe('AbortError');
  expect(Object.getOwnPropertyDescriptor(errors.AbortError, 'name')!.value).toBe('AbortError');
});
