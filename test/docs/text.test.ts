import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import site from '../../docs/.vitepress/config';
import manifest from '../../package.json';
import { commandOf } from '../../src/cli/arguments';
import { trainCommandOf } from '../../src/cli/train-arguments';
import { weightsCommandOf } from '../../src/cli/weights';
import { allBlocks, blocksOf, pages, textOf } from '../support/doc-blocks';

// What can be checked of the pages without running their blocks: that each block is of a kind that is run, commands, links.
const root = new URL('../../', import.meta.url);
const notRun = /^\w+ not run: (.{8,})$/;

describe('every block of code is run by a test, or says why not', () => {
  const blocks = pages.flatMap(allBlocks);
  it.each(pages)('%s', (page) => {
    const unknown = allBlocks(page).filter(
      ({ fence }) =>
        !['ts', 'js', 'ts browser', 'html', 'sh', 'json', 'http', ''].includes(fence) && !/^ts browser \w+\.js$/.test(fence) && !notRun.test(fence),
    );
    expect(unknown.map(({ fence, n }) => `${fence}, ${n}`)).toEqual([]);
  });
  it('blocks without a language are drawings of text', () => {
    expect(blocks.filter(({ fence, code }) => fence === '' && /[;{}]|=>|^\s*(npm|npx) /m.test(code)).map(({ page, n }) => `${page} ${n}`)).toEqual([]);
  });
  for (const { page, n, fence } of blocks.filter((block) => notRun.test(block.fence))) {
    it.skip(`${page}, ${fence.split(' ')[0]} block ${n} (${notRun.exec(fence)![1]})`, () => {});
  }
});

const packages = new Set(['cra-inpaint', ...[manifest.dependencies, manifest.peerDependencies, manifest.devDependencies].flatMap(Object.keys)]);
const scripts = new Set(Object.keys(manifest.scripts));

/** What is wrong with a command, if anything. */
function flawOf(command: string): string | undefined {
  const words = command.split(/\s+/);
  const [program, verb, ...rest] = words;
  if (program === 'cd' || (program === 'git' && verb === 'clone')) return undefined;
  if (program === 'npm' && (verb === 'ci' || verb === 'test')) return undefined;
  if (program === 'npm' && verb === 'install') return rest.find((name) => !packages.has(name));
  if (program === 'npm' && verb === 'run') return scripts.has(rest[0]!) ? undefined : rest[0];
  if (program === 'npx') return flawOfNpx(words.slice(1));
  // test/package/runtimes.test.ts runs both.
  if ((program === 'bun' || program === 'deno') && verb === 'run') return undefined;
  return program;
}

function flawOfNpx(words: string[]): string | undefined {
  while (words[0] === '-p') {
    if (!packages.has(words[1]!)) return words[1];
    words = words.slice(2);
  }
  const [program, ...args] = words;
  if (program === 'tsx') return existsSync(new URL(args[0]!, root)) ? undefined : args[0];
  if (program === 'vitest') return undefined;
  if (program !== 'cra-inpaint') return program;
  try {
    if (args[0] === 'train') trainCommandOf(args.slice(1));
    else if (args[0] === 'weights') weightsCommandOf(args.slice(1));
    else commandOf(args);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

describe('lines for the shell are commands that exist, with options that exist', () => {
  const lines = pages.flatMap((page) =>
    blocksOf(page, 'sh').flatMap(({ code }) => code.split('\n').map((line) => ({ page, line: line.replace(/\s+#.*$/, '').trim() }))),
  );
  const commands = lines
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .flatMap(({ page, line }) => line.split(' && ').map((command) => ({ page, command })));
  it.each(commands)('$page: $command', ({ command }) => expect(flawOf(command)).toBeUndefined());
  it.each([
    ['npm run nothing', 'nothing'],
    ['npm install left-pad', 'left-pad'],
    ['npx -p sharp cra-inpaint a.jpg b.png -o c.jpg --gro 3', 'Error: there is no option --gro'],
    ['npx cra-inpaint train --data photos', 'Error: --model is missing'],
    ['npx cra-inpaint weights fetch', 'Error: weights fetch: a name is missing'],
    ['rm -rf /', 'rm'],
  ])('%s is found out', (command, flaw) => expect(flawOf(command)).toBe(flaw));
});

it.each(pages)('%s names scripts of npm that exist', (page) => {
  const names = [...textOf(page).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
  // `install` is another package's own.
  expect(names.filter((name) => !scripts.has(name) && name !== 'install')).toEqual([]);
});

it('the README is a short one, and its figure stands among the benchmarks', () => {
  expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  const [, megapixels, seconds, memory] = /\*\*(\d+) megapixels in ([\d.]+) seconds and (\d+) MiB\*\*/.exec(textOf('README.md')) ?? [];
  const rows = textOf('docs/benchmarks.md')
    .split('\n')
    .filter((line) => line.includes(`(${megapixels} MP) | 1.0 %`));
  expect(rows).toEqual([expect.stringMatching(new RegExp(`\\| wasm \\| ${seconds} \\| ${memory} \\|$`))]);
});

it('the site lists each page once', () => {
  type Item = { link?: string; items?: Item[] };
  const linksOf = (items: Item[]): string[] => items.flatMap(({ link, items = [] }) => [...(link ? [link] : []), ...linksOf(items)]);
  const listed = linksOf(site.themeConfig!.sidebar as Item[]).filter((link) => !link.startsWith('/api/'));
  const written = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/index.md').map((page) => page.slice('docs'.length, -'.md'.length));
  expect(listed.sort()).toEqual(written.sort());
});

it.each(pages)('%s links to files and headings that exist', (page) => {
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-');
  const headings = (target: URL) => [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) => `#${anchor(match[1]!)}`);
  const dead = [...textOf(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => {
      const target = new URL(link.startsWith('#') ? `${page}${link}` : link, new URL(link.startsWith('#') ? '' : page, root));
      const { hash } = target;
      target.hash = '';
      return !existsSync(target) || (hash !== '' && !headings(target).includes(hash));
    });
  expect(dead).toEqual([]);
});
