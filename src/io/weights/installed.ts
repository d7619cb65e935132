import { nodeModules, nodePaths } from './node-files';

/** A file of an installed npm package, looked for from the project that runs and from this package; undefined where there is none. */
export async function installedFile(packageName: string, path: string): Promise<string | undefined> {
  const { createRequire } = await nodeModules();
  const { join } = await nodePaths();
  const own = typeof __filename === 'string' ? __filename : import.meta.url;
  for (const from of [join(process.cwd(), 'package.json'), own]) {
    try {
      return createRequire(from).resolve(`${packageName}/${path}`);
    } catch {
      // Not installed there, or without the file.
    }
  }
  return undefined;
}
