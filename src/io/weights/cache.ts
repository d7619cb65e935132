import { isNode, nodeFiles, nodePaths, nodeSystem } from './node-files';
import { canHash, sha256Of } from './sha256';

/** Where downloaded files stay. What can't be written or read is as if it were not there: a cache is no reason to fail. */
export interface WeightCache {
  /** The bytes kept under a key; undefined where there are none, or they are not of this SHA-256, or not the ones that were put there. */
  get(key: string, sha256?: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes under a key. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Where it lies, in words; in Node its path. */
  where(key: string): Promise<string>;
}

const DIGEST = 64;
const FORGOTTEN_MS = 60 * 60 * 1000;

/**
 * A folder of files: the SHA-256 of the content in hexadecimal, then the content. A file appears whole or not at all.
 */
function folderCache(folder: string): WeightCache {
  return {
    async get(key, sha256) {
      try {
        const { readFile } = await nodeFiles();
        const { join } = await nodePaths();
        const file = await readFile(join(folder, key));
        const content = new Uint8Array(file.buffer, file.byteOffset + DIGEST, file.length - DIGEST);
        return (await sha256Of(content)) === (sha256 ?? file.toString('latin1', 0, DIGEST)) ? content : undefined;
      } catch {
        return undefined;
      }
    },
    async put(key, bytes) {
      const { mkdir, open, rename, rm } = await nodeFiles();
      const { join } = await nodePaths();
      const temporary = join(folder, `${key}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
      try {
        await mkdir(folder, { recursive: true });
        await removeForgotten(folder);
        const file = await open(temporary, 'wx');
        try {
          await file.writeFile(await sha256Of(bytes), 'latin1');
          await file.writeFile(bytes);
        } finally {
          await file.close();
        }
        await rename(temporary, join(folder, key));
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
    where: async (key) => (await nodePaths()).join(folder, key),
  };
}

/** Removes what processes that were killed while they wrote have left: a file that is still written changes all the time. */
async function removeForgotten(folder: string): Promise<void> {
  const { readdir, rm, stat } = await nodeFiles();
  const { join } = await nodePaths();
  for (const name of (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.\d+\.[0-9a-z]+\.tmp$/.test(name))) {
    const path = join(folder, name);
    // It may be gone by now, put in its place.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > FORGOTTEN_MS) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** A cache of the browser's Cache API; each entry says the SHA-256 of its content. */
export function browserCache(name: string, storage: CacheStorage): WeightCache {
  const address = (key: string): string => `https://cra-inpaint.invalid/${key}`;
  return {
    async get(key, sha256) {
      try {
        const response = await (await storage.open(name)).match(address(key));
        if (!response) return undefined;
        const content = new Uint8Array(await response.arrayBuffer());
        return (await sha256Of(content)) === (sha256 ?? response.headers.get('x-sha256')) ? content : undefined;
      } catch {
        return undefined;
      }
    },
    async put(key, bytes) {
      try {
        const headers = { 'content-type': 'application/octet-stream', 'x-sha256': await sha256Of(bytes) };
        await (await storage.open(name)).put(address(key), new Response(bytes as Uint8Array<ArrayBuffer>, { headers }));
      } catch {
        // Full, or not allowed.
      }
    },
    where: async () => `the cache '${name}'`,
  };
}

async function defaultFolder(): Promise<string> {
  const { isAbsolute, join } = await nodePaths();
  const { XDG_CACHE_HOME: home } = process.env;
  // The XDG specification wants relative paths ignored.
  if (home && isAbsolute(home)) return join(home, 'cra-inpaint');
  const { homedir } = await nodeSystem();
  return join(homedir(), '.cache', 'cra-inpaint');
}

/** The cache that an option asks for: a folder in Node, the Cache API in browsers; undefined where there is none. */
export async function cacheFor(option: boolean | string): Promise<WeightCache | undefined> {
  if (option === false || !canHash()) return undefined;
  if (isNode()) return folderCache(typeof option === 'string' ? option : await defaultFolder());
  return typeof caches === 'undefined' ? undefined : browserCache(typeof option === 'string' ? option : 'cra-inpaint', caches);
}

/** The name under which a file is kept: another one for each URL and for each SHA-256 that is asked for. */
export const cacheKey = (url: URL, sha256: string | undefined): Promise<string> => {
  const address = new URL(url);
  address.hash = '';
  return sha256Of(new TextEncoder().encode(`${address.href}\n${sha256 ?? ''}`));
};
