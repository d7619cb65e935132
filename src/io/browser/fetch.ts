import { throwIfAborted } from '../../abort';
import { AbortError, InpaintError, PictureError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';

/** What fails while `work` goes on is an AbortError where the caller has aborted, and a `file-read` otherwise. */
async function reading<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof InpaintError) throw cause;
    if (signal?.aborted) throw new AbortError('aborted', 'the operation was aborted', { cause });
    throwIfOutOfMemory(cause, `${name} can't be read`);
    throw new PictureError('file-read', `${name} can't be read: ${(cause as Error)?.message ?? cause}`, { expected: 'a readable file', cause });
  }
}

/** The bytes of a file or an address, in memory of their own. */
export function bytesFrom(source: Blob | URL | string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Blob) {
    return reading('name' in source && source.name ? String(source.name) : 'the file', signal, async () => new Uint8Array(await source.arrayBuffer()));
  }
  // A data: address can be as long as its picture.
  const name = String(source).slice(0, 200);
  return reading(name, signal, async () => {
    const response = await fetch(source, { signal });
    if (!response.ok) {
      throw new PictureError('file-read', `${name} can't be read: the server says ${response.status} ${response.statusText}`, {
        expected: 'an address that answers',
        actual: response.status,
      });
    }
    return new Uint8Array(await response.arrayBuffer());
  });
}
