import {
  AbortError,
  ArgumentError,
  BackendError,
  type ErrorCode,
  InpaintError,
  MaskError,
  MemoryError,
  PictureError,
  ShapeError,
  TrainingError,
  WeightsError,
} from './errors';

/** An error as it is sent: between threads its class, and what an error has of its own, would be lost. */
export interface PlainError {
  type?: keyof typeof CLASSES;
  code?: ErrorCode;
  name: string;
  message: string;
  stack?: string;
  expected?: unknown;
  actual?: unknown;
  cause?: PlainError | string;
}

const CLASSES = { InpaintError, ShapeError, ArgumentError, MaskError, PictureError, WeightsError, TrainingError, AbortError, BackendError, MemoryError };

/** The error as a plain object that can be sent. */
export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  const plain: PlainError = { name, message, stack };
  if (cause !== undefined) plain.cause = cause instanceof Error ? toPlainError(cause) : String(cause);
  if (!(error instanceof InpaintError)) return plain;
  const known = Object.entries(CLASSES).find(([, type]) => error.constructor === type);
  const type = (known?.[0] ?? 'InpaintError') as keyof typeof CLASSES;
  return { ...plain, type, code: error.code, expected: sendable(error.expected), actual: sendable(error.actual) };
}

/** The error that a plain object stands for, of its own class. */
export function fromPlainError(plain: PlainError): Error {
  const { type, code, name, message, stack, expected, actual } = plain;
  const cause = typeof plain.cause === 'object' ? fromPlainError(plain.cause) : plain.cause;
  let error: Error;
  if (type && code) error = new CLASSES[type](code, message, { expected, actual, cause });
  else {
    error = new Error(message, cause === undefined ? undefined : { cause });
    error.name = name;
  }
  // Where it was thrown says more than where it arrived.
  if (stack) error.stack = stack;
  return error;
}

/** The value if it can be sent, else what it is in words. */
function sendable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
