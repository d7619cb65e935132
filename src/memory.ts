import { InpaintError, MemoryError } from './errors';

/** What the stages that grow with a photo may hold unless their caller says otherwise, in bytes. */
export const DEFAULT_MEMORY = 512 * 2 ** 20;

// Errors that the system or Node has given a code are judged by that alone: their messages hold names of files.
const CODES = new Set(['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED', 'ERR_WORKER_OUT_OF_MEMORY', 'Z_MEM_ERROR']);

// What engines, WebAssembly, libvips and the decoders below it, zlib and TensorFlow say.
const SIGNS = [
  /out[ _]of[ _]memory|insufficient memory|not enough memory|bad_alloc/i,
  /\ballocation (failed|failure|error|size overflow)|\bmemory allocation/i,
  /\b(failed|unable|cannot|can't|couldn't|could not)( to)?( be)? allocated?\b/i,
  /\binvalid (typed array|array buffer) length|\blength out of range of buffer/i,
  /\bmemory access out of bounds|cannot enlarge memory/i,
  /\bOOM\b/,
];

// What sounds like it and is none: a file that asks for more than a decoder would give any file, and a library that is loaded too late.
const OTHERS = /security limit|static TLS/i;

/** Whether an error says that memory ran out, whoever it comes from. */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof InpaintError) return error.code === 'out-of-memory';
  const { code, message = String(error) } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code === 'string') return CODES.has(code);
  return SIGNS.some((sign) => sign.test(message)) && !OTHERS.test(message);
}

/**
 * Gives an error its right name where memory ran out. To be called before anything else is made of an error: what a decoder
 * fails by for want of memory says nothing about the file.
 *
 * @param doing what could not be done, in words that begin the message.
 * @throws MemoryError (`out-of-memory`), if that is what it is.
 */
export function throwIfOutOfMemory(error: unknown, doing: string): void {
  if (!isOutOfMemory(error)) return;
  if (error instanceof InpaintError) throw error;
  const reason = String((error as Error | undefined)?.message ?? error).split('\n')[0];
  throw new MemoryError('out-of-memory', `${doing}: memory ran out (${reason})`, { cause: error });
}

/** Does work that takes memory in proportion to a picture or a file; where there is not as much, that is a MemoryError. */
export async function withinMemory<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfOutOfMemory(error, doing);
    throw error;
  }
}
