import { type ErrorFacts, WeightsError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';
import { BYTES, countOf, type WeightArray, type WeightDtype } from './weight-file';

// What all readers share. Nothing that a file claims is believed before it is compared with the bytes that are there.

/** The error for bytes that are cut short or contradict themselves. */
export const damaged = (message: string, facts?: ErrorFacts): WeightsError => new WeightsError('weights-damaged', message, facts);

/** The error for what is not read: another format, or a part of one. */
export const unreadable = (message: string, facts?: ErrorFacts): WeightsError => new WeightsError('weights-format', message, facts);

/** A name as error messages show it: quoted, and no longer than a line. */
export const quoted = (name: string): string => JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);

/** A shape as error messages show it: it may claim as many axes as it likes. */
export const shownShape = (shape: readonly number[]): string => shape.slice(0, 8).join(', ') + (shape.length > 8 ? ', ...' : '');

/** The same memory as a plain array: the slice() of a Buffer would be no copy. */
export const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/** The bytes that a tensor of this shape and type takes, after a check that there can be one. */
export function bytesOf(name: string, dtype: WeightDtype, shape: readonly number[]): number {
  const length = countOf(shape) * BYTES[dtype];
  if (!Number.isSafeInteger(length)) throw damaged(`tensor ${quoted(name)} can't have the shape [${shownShape(shape)}]`, { actual: shape });
  return length;
}

/** A tensor, after a check that its data are as long as its shape and type say. */
export function tensorOf(name: string, dtype: WeightDtype, shape: readonly number[], data: Uint8Array): WeightArray {
  const expected = bytesOf(name, dtype, shape);
  if (data.length !== expected) {
    throw damaged(`tensor ${quoted(name)}: ${dtype} [${shownShape(shape)}] takes ${expected} bytes, the file has ${data.length}`, {
      expected,
      actual: data.length,
    });
  }
  return { shape, dtype, data };
}

/** Adds a tensor; a second one of the same name is an error. */
export function addTensor(tensors: Map<string, WeightArray>, name: string, array: WeightArray): void {
  if (tensors.has(name)) throw damaged(`there are two tensors named ${quoted(name)}`, { actual: name });
  tensors.set(name, array);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes. */
export function textOf(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throwIfOutOfMemory(cause, `${what} can't be read`);
    throw damaged(`${what} is not UTF-8`, { cause });
  }
}
