import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** README and the pages of docs/, as paths from the repository's root. */
export const pages = ['README.md', ...['docs/', 'docs/guides/'].flatMap((place) => readdirSync(new URL(place, root)).map((name) => place + name))].filter(
  (name) => name.endsWith('.md'),
);

/** The text of a page. */
export const textOf = (page: string): string => readFileSync(new URL(page, root), 'utf8');

/** A block of code of a page. */
export interface DocBlock {
  page: string;
  /** Counts the blocks of the same fence on its page, from 1. */
  n: number;
  /** What stands after the three back quotes: the language, and words for the tests. */
  fence: string;
  code: string;
}

/** All blocks of a page. */
export function allBlocks(page: string): DocBlock[] {
  const counts = new Map<string, number>();
  return [...textOf(page).matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, fence, code]) => {
    const n = (counts.get(fence!) ?? 0) + 1;
    counts.set(fence!, n);
    return { page, n, fence: fence!, code: code! };
  });
}

/**
 * The blocks with a fence: `ts` runs in Node, in the tests' own process, `js` in Node, in one of its own; `ts browser` and
 * `html` in Chromium; `sh` is looked through for commands; `json` is installed with, `http` served with.
 */
export const blocksOf = (page: string, fence: string): DocBlock[] => allBlocks(page).filter((block) => block.fence === fence);

/** What the block says that it prints: the comments after its calls of console.log. */
export const promised = (code: string): string[] => [...code.matchAll(/console\.log\(.*\).*[;,] \/\/ (.*)$/gm)].map((match) => match[1]!);
