// npm run docs: the API reference as pages (typedoc, docs/api), then the site of all pages (vitepress, docs/.vitepress/dist).
// What vitepress does not look at, the headings and names that links point to, is checked in what it has built.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const site = join(root, 'docs/.vitepress/dist');

function run(module: string, args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', module), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Links of the built pages that lead nowhere: to no file, or to no place on a page. */
function deadLinks(): string[] {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((page) => page.endsWith('.html'));
  const texts = new Map(pages.map((page) => [join(site, page), readFileSync(join(site, page), 'utf8')]));
  const places = new Map([...texts].map(([path, text]) => [path, new Set([...text.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]))]));
  const base = process.env.DOCS_BASE ?? '/';
  return [...texts].flatMap(([path, text]) => {
    const links = new Set([...text.matchAll(/<a [^>]*?href="([^"]*)"/g)].map((match) => match[1].replaceAll('&amp;', '&')));
    return [...links]
      .filter((link) => {
        if (/^(https?|mailto):/.test(link)) return false;
        const [address, place] = link.split('#').map(decodeURIComponent);
        const at = address === '' ? path : address.startsWith('/') ? join(site, address.slice(base.length)) : join(dirname(path), address);
        const file = [at, `${at}.html`, join(at, 'index.html')].find((candidate) => texts.has(candidate));
        return file ? Boolean(place) && !places.get(file)?.has(place) : !existsSync(at);
      })
      .map((link) => `${path.slice(site.length + 1)}: ${link}`);
  });
}

run('typedoc/bin/typedoc', []);
run('vitepress/bin/vitepress.js', ['build', 'docs']);
const dead = deadLinks();
for (const link of dead) console.error(`dead link in ${link}`);
process.exitCode = dead.length > 0 ? 1 : 0;
