import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitepress';

/** The entry points that typedoc has written pages of, as `npm run docs` has it do first; before that there are none. */
function entryPoints(): { text: string; link: string }[] {
  const folder = new URL('../api/', import.meta.url);
  if (!existsSync(folder)) return [];
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((page) => page.endsWith('.md') && page !== 'index.md');
  return pages.sort((a, b) => a.length - b.length || a.localeCompare(b)).map((page) => ({ text: page.slice(0, -3), link: `/api/${page.slice(0, -3)}` }));
}

/** The anchor of a heading: 'What comes back' -> 'what-comes-back'. */
const slugify = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'cra-inpaint',
  description: 'Removes things from photographs of any size, in the browser and in Node, on TensorFlow.js.',
  base: process.env.DOCS_BASE ?? '/',
  lastUpdated: false,
  // Headings' anchors as GitHub makes them, where the same pages are read.
  markdown: { anchor: { slugify } },
  // Pages of entry points and the search index are large, and fetched once.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Quick start', link: '/guides/quick-start' },
      { text: 'How it works', link: '/guides/how-it-works' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          { text: 'Quick start', link: '/guides/quick-start' },
          { text: 'How it works', link: '/guides/how-it-works' },
          { text: 'Masks', link: '/masks' },
          { text: 'Options', link: '/options' },
          { text: 'Files', link: '/files' },
          { text: 'In the browser', link: '/guides/browser' },
          { text: 'One fill after another', link: '/guides/sessions' },
          { text: 'Backends', link: '/guides/backends' },
          { text: 'Performance and memory', link: '/guides/performance-and-memory' },
          { text: 'Troubleshooting', link: '/troubleshooting' },
        ],
      },
      {
        text: 'Guides',
        items: [
          { text: 'A watermark on many pictures', link: '/guides/watermark-removal' },
          { text: 'A person at 24 megapixels', link: '/guides/remove-a-person-24mp' },
          { text: 'LaMa in three lines', link: '/guides/lama' },
          { text: 'Colour to colour with pix2pix', link: '/guides/pix2pix' },
          { text: 'A generator of your own', link: '/guides/own-generator-onnxruntime' },
          { text: 'Pictures of attention', link: '/guides/attention-pictures' },
          { text: 'A pipeline of ops', link: '/guides/compose-a-pipeline' },
          { text: 'inpaint() from its parts', link: '/guides/inpaint-again' },
          { text: 'Training', link: '/guides/training' },
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'API', link: '/api/', collapsed: false, items: entryPoints() },
          { text: 'Ops', link: '/ops' },
          { text: 'Pixels', link: '/pixels' },
          { text: 'Layers', link: '/layers' },
          { text: 'Generators', link: '/generators' },
          { text: 'Weights', link: '/weights' },
          { text: 'Architecture', link: '/architecture' },
          { text: 'Benchmarks', link: '/benchmarks' },
        ],
      },
    ],
    footer: { message: 'MIT licence. Photographs: public domain, credited where they are shown.' },
  },
});
