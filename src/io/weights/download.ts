import { throwIfAborted } from '../../abort';
import { WeightsError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';
import { shownUrl } from './shown-url';

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes that have arrived. */
  readonly loaded: number;
  /** Bytes in all, where the server says how many. */
  readonly total: number | undefined;
}

/** How to download. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly fetch?: typeof globalThis.fetch;
  /** More bytes than this are refused. */
  readonly sizeLimit?: number;
}

// Four times the largest weights that there are readers for, and less than a server that never ends would send.
export const SIZE_LIMIT = 2 ** 31;
const WEB_PAGE = 'the server sends a web page, not a file';

const failed = (url: URL, message: string, facts: { expected?: unknown; actual?: unknown; cause?: unknown } = {}) =>
  new WeightsError('weights-fetch', `${shownUrl(url)}: ${message}`, facts);

/** What a failure says for itself; that of `fetch` lies a level deeper. */
function reasonOf(cause: unknown): string {
  const inner = (cause as Error | undefined)?.cause;
  return String((inner instanceof Error && inner.message) || (cause as Error | undefined)?.message || cause);
}

/** How many bytes the server announces, as far as that can be held against what comes. */
function announced({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  const encoding = headers.get('content-encoding');
  return length !== null && /^\d+$/.test(length) && (encoding === null || encoding === 'identity') ? Number(length) : undefined;
}

/** Whether the bytes begin as markup does, perhaps after white space. */
function isMarkup(bytes: Uint8Array): boolean {
  const first = bytes.findIndex((byte) => ![0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf].includes(byte));
  return bytes[first] === 0x3c;
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function respond(url: URL, { signal, fetch = globalThis.fetch }: DownloadOptions): Promise<Response> {
  try {
    return await fetch(url, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    throwIfOutOfMemory(cause, `${shownUrl(url)} can't be fetched`);
    // It may name the address, with all that is not to be shown.
    throw failed(url, `can't be fetched: ${reasonOf(cause).replaceAll(url.href, shownUrl(url))}`, { cause });
  }
}

/**
 * Downloads a file of weights. Nothing but a whole file that looks like no web page comes back.
 *
 * @throws WeightsError (`weights-fetch`) for a failed connection, an HTTP error, a web page, a file that ends too soon; AbortError
 */
export async function download(url: URL, options: DownloadOptions): Promise<Uint8Array> {
  const { signal, onProgress, sizeLimit = SIZE_LIMIT } = options;
  throwIfAborted(signal);
  const response = await respond(url, options);
  const refuse = async (message: string, facts: { expected?: unknown; actual?: unknown }): Promise<never> => {
    await response.body?.cancel().catch(() => undefined);
    throw failed(url, message, facts);
  };
  if (!response.ok) await refuse(`the server answers ${response.status} ${response.statusText}`.trimEnd(), { expected: 200, actual: response.status });
  const type = response.headers.get('content-type') ?? '';
  if (/^\s*(text\/html|application\/xhtml)/i.test(type)) await refuse(WEB_PAGE, { expected: 'a file of weights', actual: type });

  const total = announced(response);
  const tooLarge = (bytes: number) => failed(url, `${bytes} bytes or more, of at most ${sizeLimit}`, { expected: sizeLimit, actual: bytes });
  if (total !== undefined && total > sizeLimit) {
    await response.body?.cancel().catch(() => undefined);
    throw tooLarge(total);
  }
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  onProgress?.({ loaded, total });
  const reader = response.body?.getReader();
  try {
    while (reader) {
      const { done, value } = await reader.read().catch((cause) => {
        throwIfAborted(signal);
        throwIfOutOfMemory(cause, `${shownUrl(url)} can't be fetched`);
        throw failed(url, `the connection broke off after ${loaded} bytes: ${reasonOf(cause)}`, { expected: total, actual: loaded, cause });
      });
      throwIfAborted(signal);
      if (done) break;
      if (loaded === 0 && isMarkup(value)) throw failed(url, WEB_PAGE, { expected: 'a file of weights', actual: 'markup' });
      chunks.push(value);
      loaded += value.length;
      if (loaded > sizeLimit) throw tooLarge(loaded);
      onProgress?.({ loaded, total });
    }
  } catch (error) {
    await reader?.cancel().catch(() => undefined);
    throw error;
  }
  // More than announced has been seen only where a browser hides that the file came compressed.
  if (total !== undefined && loaded < total) throw failed(url, `${loaded} of ${total} bytes came`, { expected: total, actual: loaded });
  return joined(chunks, loaded);
}
