import { throwIfAborted } from '../../abort';
import { checkArgument } from '../../check';
import { ArgumentError, WeightsError } from '../../errors';
import { cacheFor, cacheKey } from './cache';
import { detectFormat, SAVED_MODEL } from './detect-format';
import { type DownloadProgress, download } from './download';
import { isNode, nodeFiles, pathOf, readIfThere } from './node-files';
import { unreadable } from './parse';
import { sha256Of } from './sha256';
import { shownUrl } from './shown-url';

/** Where weights come from: a file's bytes, a path (in Node), a URL, or the files of a checkpoint by name. */
export type WeightSource = Uint8Array | ArrayBuffer | string | URL | Readonly<Record<string, Uint8Array>>;

/** Options of {@link readWeights}. */
export interface ReadWeightsOptions {
  /** Stops reading and downloading. */
  readonly signal?: AbortSignal;
  /** Called as bytes arrive; `total` is undefined where a server does not say. Of a checkpoint's files, the sums. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** The SHA-256 that the file must have, in hexadecimal. Of a checkpoint that of its index, which holds checksums of all values. */
  readonly sha256?: string;
  /**
   * Whether files from http(s) are kept for the next time. Default true: in Node in the folder `cra-inpaint` under `XDG_CACHE_HOME` or
   * `~/.cache`, in browsers in the Cache API. A text names another folder, or another cache.
   */
  readonly cache?: boolean | string;
  /** A download of more bytes than this is refused. Default 2 GiB. */
  readonly sizeLimit?: number;
  /** Called instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** A file that was asked for, and the way to those beside it. */
export interface Origin {
  /** What errors call it; empty for bare bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The bytes of a file whose name differs from that of a checkpoint's index in how it ends; undefined if there is none. */
  beside(ending: string): Promise<Uint8Array | undefined>;
  /** Keeps what was downloaded. To be called when it has turned out to be good. */
  keep(): Promise<void>;
}

type Report = (progress: DownloadProgress) => void;

const INDEX = '.index';
const nothing = async (): Promise<void> => {};

/** Reports of several files as one: the sums. */
function summed(onProgress: Report | undefined): () => Report {
  const parts: DownloadProgress[] = [];
  return () => {
    const part = parts.length;
    parts.push({ loaded: 0, total: undefined });
    return (progress) => {
      parts[part] = progress;
      const loaded = parts.reduce((sum, file) => sum + file.loaded, 0);
      const total = parts.reduce<number | undefined>((sum, file) => (sum === undefined || file.total === undefined ? undefined : sum + file.total), 0);
      onProgress?.({ loaded, total });
    };
  };
}

/** Holds bytes against the SHA-256 that they must have, if any. */
export async function checkSha256(bytes: Uint8Array, expected: string | undefined, code: 'weights-fetch' | 'weights-damaged', name: string): Promise<void> {
  if (expected === undefined) return;
  const actual = await sha256Of(bytes);
  if (actual !== expected) throw new WeightsError(code, `${name}: the file's SHA-256 is ${actual}, expected ${expected}`, { expected, actual });
}

/** The name of a checkpoint without the ending of its index. */
function prefixOf(name: string): string {
  if (!name.endsWith(INDEX)) throw unreadable(`a checkpoint's index must be named *${INDEX}, or its values can't be found beside it`, { actual: name });
  return name.slice(0, -INDEX.length);
}

async function ofRecord(files: Readonly<Record<string, Uint8Array>>, options: ReadWeightsOptions): Promise<Origin> {
  const names = Object.keys(files);
  for (const name of names) checkArgument(files[name] instanceof Uint8Array, 'readWeights', `source[${JSON.stringify(name)}]`, 'a Uint8Array', files[name]);
  const isIndex = (name: string): boolean => name.endsWith(INDEX) && detectFormat(files[name]) === 'tensorflow-checkpoint';
  const [name, ...more] = names.length === 1 ? names : names.filter(isIndex);
  if (name === undefined || more.length > 0) {
    throw unreadable(`several files must be those of one checkpoint, with one *${INDEX} among them`, { expected: `one *${INDEX}`, actual: names });
  }
  await checkSha256(files[name], options.sha256, 'weights-damaged', name);
  const beside = async (ending: string) => {
    const other = prefixOf(name) + ending;
    return Object.hasOwn(files, other) ? files[other] : undefined;
  };
  return { name, bytes: files[name], beside, keep: nothing };
}

async function ofPath(path: string, options: ReadWeightsOptions): Promise<Origin> {
  const { signal, sha256 } = options;
  const slot = summed(options.onProgress);
  const read = async (file: string) => {
    const bytes = await readIfThere(file, signal).catch(async (cause) => {
      throwIfAborted(signal);
      const inside = cause.actual === 'EISDIR' ? await (await nodeFiles()).readdir(file) : [];
      throw inside.includes('saved_model.pb') ? unreadable(`${file} is ${SAVED_MODEL}`, { actual: 'SavedModel' }) : cause;
    });
    if (bytes) slot()({ loaded: bytes.length, total: bytes.length });
    return bytes;
  };
  let name = path;
  let bytes = await read(name);
  if (!bytes) {
    // A checkpoint is often called by what its files' names have in common.
    name = path + INDEX;
    bytes = await read(name);
  }
  if (!bytes) throw new WeightsError('file-read', `${path} can't be read: there is no such file`, { expected: 'a readable file', actual: 'ENOENT' });
  await checkSha256(bytes, sha256, 'weights-damaged', name);
  return { name, bytes, beside: (ending) => read(prefixOf(name) + ending), keep: nothing };
}

async function ofUrl(url: URL, options: ReadWeightsOptions): Promise<Origin> {
  const { sha256, signal } = options;
  const slot = summed(options.onProgress);
  const cache = /^https?:$/.test(url.protocol) ? await cacheFor(options.cache ?? true) : undefined;
  const fresh: [string, Uint8Array][] = [];
  const load = async (address: URL, digest?: string) => {
    const onProgress = slot();
    const key = cache && (await cacheKey(address, digest));
    const kept = key === undefined ? undefined : await cache?.get(key, digest);
    throwIfAborted(signal);
    if (kept) onProgress({ loaded: kept.length, total: kept.length });
    if (kept) return kept;
    const bytes = await download(address, { signal, onProgress, fetch: options.fetch, sizeLimit: options.sizeLimit });
    await checkSha256(bytes, digest, 'weights-fetch', shownUrl(address));
    if (key !== undefined) fresh.push([key, bytes]);
    return bytes;
  };
  const beside = (ending: string) => {
    const other = new URL(url);
    other.pathname = prefixOf(url.pathname) + ending;
    return load(other);
  };
  const keep = async () => {
    for (const [key, bytes] of fresh) await cache?.put(key, bytes);
  };
  return { name: shownUrl(url), bytes: await load(url, sha256), beside, keep };
}

const noneBeside = async (): Promise<undefined> => {
  throw unreadable("this is the index of a TensorFlow checkpoint, whose values lie in files beside it: give its path or URL, or all its files' bytes by name");
};

/** Gets the file that a source names, whatever kind of source it is. */
export async function originOf(source: WeightSource, options: ReadWeightsOptions): Promise<Origin> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    await checkSha256(bytes, options.sha256, 'weights-damaged', 'weights');
    options.onProgress?.({ loaded: bytes.length, total: bytes.length });
    return { name: '', bytes, beside: noneBeside, keep: nothing };
  }
  if (source instanceof URL) return source.protocol === 'file:' && isNode() ? ofPath(await pathOf(source), options) : ofUrl(source, options);
  if (typeof source === 'string') {
    if (isNode() && !/^(https?|blob|data|file):/i.test(source)) return ofPath(source, options);
    const base = isNode() ? undefined : globalThis.location?.href;
    return originOf(addressOf(source, base), options);
  }
  // A Blob, say, has no names either.
  const isRecord = Object.prototype.toString.call(source) === '[object Object]';
  checkArgument(isRecord, 'readWeights', 'source', "a file's bytes, a path, a URL, or files by name", source);
  return ofRecord(source, options);
}

/** The address that a text says. URL.canParse is younger than the browsers that do the rest. */
function addressOf(text: string, base: string | undefined): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    throw new ArgumentError('argument', `readWeights: source must be a path or a URL that is one, got ${text}`, { actual: text, cause });
  }
}
