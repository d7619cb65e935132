import { extname, relative } from 'node:path';
import { type InpaintError, PictureError } from '../../errors';
import { pictureFiles } from './files';
import type { Material } from './items';

/** The files of two folders by their names without endings. Those without a partner are reported, once. */
export function pairedFiles(inputs: string, targets: string, onSkip: (name: string, reason: InpaintError) => void): () => Promise<Material[]> {
  let reported = false;
  return async () => {
    const [first, second] = await Promise.all([inputs, targets].map(async (folder) => byName(folder, await pictureFiles(folder))));
    if (!reported) {
      for (const [paths, others, folder] of [[first, second, targets] as const, [second, first, inputs] as const]) {
        for (const [name, path] of paths) {
          if (!others.has(name)) onSkip(path, new PictureError('file-read', `${path} has no partner in ${folder}`, { expected: `${folder}/${name}.*` }));
        }
      }
    }
    reported = true;
    return [...first].filter(([name]) => second.has(name)).map(([name, path]) => ({ name: path, parts: [path, second.get(name)!] }));
  };
}

const byName = (folder: string, paths: readonly string[]): Map<string, string> =>
  // In one form of Unicode: a Mac may write é as two characters.
  new Map(paths.map((path) => [relative(folder, path).slice(0, -extname(path).length).normalize('NFC'), path]));
