import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';

const root = new URL('../../', import.meta.url);
const folder = new URL('out/docs-blocks/', root);
const entryPoints: Record<string, string> = {
  'cra-inpaint': 'src/index.ts',
  'cra-inpaint/ops': 'src/ops/index.ts',
  'cra-inpaint/generators': 'src/generators/index.ts',
  'cra-inpaint/node': 'src/io/node.ts',
};

/** The blocks of a page that are to run: those of language ts. What needs a GPU, a browser or a build is js. */
const blocksOf = (page: string) => [...readFileSync(new URL(`docs/${page}`, root), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);

/** What the block says that it prints: the comments after its calls of console.log. */
const promised = (block: string) => [...block.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);

mkdirSync(folder, { recursive: true });

const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
for (const page of pages.filter((name) => blocksOf(name).length > 0)) {
  const blocks = blocksOf(page);
  describe(`docs/${page}`, () => {
    it.each(blocks.map((block, n) => ({ block, n: n + 1 })))('block $n runs, and prints what it says', async ({ block, n }) => {
      const file = new URL(`${page}-${n}.ts`, folder);
      writeFileSync(
        file,
        block.replace(/from '(cra-inpaint[^']*)'/g, (whole, name: string) =>
          entryPoints[name] ? `from '${new URL(entryPoints[name], root).pathname}'` : whole,
        ),
      );
      const print = vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        await import(/* @vite-ignore */ file.pathname);
        expect(print.mock.calls.map((values) => values.join(' '))).toEqual(promised(block));
        expect(promised(block).length).toBeGreaterThan(0);
      } finally {
        print.mockRestore();
      }
    });
  });
}
