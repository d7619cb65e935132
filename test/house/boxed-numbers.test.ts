import { beforeAll, describe, expect, it } from 'vitest';
import { type Boxed, boxedNumbers } from '../support/boxed-numbers';

const SAMPLES = {
  'src/old.ts': `
export const highBytes = (bytes: Uint16Array): Uint8Array => Uint8Array.from(bytes, (value) => value >> 8);`,
  'src/bad.ts': `
export const copied = (pixels: Uint8Array) => Float32Array.from(pixels);
export const listed = (pixels: Uint8Array) => Array.from(pixels);
export const spread = (pixels: Uint8Array) => [...pixels];
export const text = (file: Uint8Array) => String.fromCharCode(...file);
export const brightest = (pixels: number[]) => Math.max(...pixels);
export const bytes = (file: string) => Uint8Array.from(file, (character) => character.charCodeAt(0));
export const characters = (file: string) => [...file];
export const row = (width: number) => new Array<number>(width).fill(0);
export const side = (width: number) => Array.from({ length: width }, (_, x) => x);
export function pushed(pixels: Uint8Array) { const list: number[] = []; for (const p of pixels) list.push(p); return list; }
export function each(pixels: Uint8Array) { for (const [p, value] of pixels.entries()) if (value) return p; return -1; }
export function tail([first, ...rest]: Uint8Array) { return rest.length === 0 ? first : 0; }`,
  'src/good.ts': `
export const ramp = (width: number) => Uint32Array.from({ length: width }, (_, x) => x);
export const dozen = () => Array.from({ length: 12 }, (_, x) => x);
export const few = () => Uint8Array.from([1, 2, 3]);
export const loop = (pixels: Uint8Array) => pixels.map((value) => 255 - value);
export const copy = (pixels: Uint8Array) => new Float32Array(pixels);
export const forwarded = (...sizes: number[]) => Math.max(...sizes);
export const pair = (sizes: [number, number]) => Math.max(...sizes);
export const buffer = (file: ArrayBuffer) => Buffer.from(file);
export const names = (files: Map<string, string>) => Array.from(files.keys());`,
};

// Where an array of numbers may be made, and why it stays short.
const HEALED = 'pixels of the thin holes of a tile';
const SIDE = 'along one side of a picture';
const AXES = 'axes of a tensor, at most 64';
const RINGS = 'rings that are looked at beside a hole';
const FEW = 'a few, by the code';
const ALLOWED: Record<string, string> = {
  'demo/src/choices.ts show': 'the tries of a fill',
  'demo/src/mask-layer.ts coloursTo': 'a colour',
  'examples/browser-no-bundler/page.js paint': 'a point',
  'src/arrays/gaussian.ts gaussianLine': SIDE,
  'src/arrays/gaussian.ts vectorBlurred': 'the weights of a kernel, eleven of them, and of the places at the border',
  'src/arrays/vector-memory.ts constructor': 'the code of the compiled loops, of a few thousand bytes',
  'src/browser/connection.ts close': 'questions that are open',
  'src/check.ts distance': "letters of an option's name",
  'src/generators/exemplar/array-matcher.ts bandsOf': SIDE,
  'src/generators/exemplar/peel-front.ts plainFront': 'the rim of a hole at the coarsest size',
  'src/generators/exemplar/relax.ts vectorRelaxation': FEW,
  'src/generators/lama/network.ts lamaNetwork': FEW,
  'src/generators/migan/filters.ts checkFilters': '16 values at most',
  'src/generators/network/match-weights.ts matchWeights': "a constant that stands in a network's code",
  'src/generators/partial-unet/network.ts range': FEW,
  'src/generators/pix2pix/network.ts pix2pixNetwork': FEW,
  'src/generators/pix2pix/translate.ts mirrored': SIDE,
  'src/io/browser/avif-alpha.ts changesAlpha': 'a picture that stands in the code',
  'src/io/colour/chunks.ts toPngChunks': 'eight coordinates',
  'src/io/colour/chunks.ts wordsOf': 'chunks of 4, 24 and 32 bytes, whose length is checked before',
  'src/io/containers/heif.ts associationsOf': 'a length of one byte',
  'src/io/containers/heif.ts referencesOf': 'a length of two bytes',
  'src/io/containers/jpeg.ts jpegWith': 'segments of an ICC profile, at most 255',
  'src/io/decode.ts withGreyAlpha': 'channels, at most 4',
  'src/io/exif/block.ts tiffEntries': 'entries of a directory, at most 65535',
  'src/io/exif/tags.ts range': 'tags that stand in the code',
  'src/io/exif/tiff.ts exchanged': '7 bytes',
  'src/io/icc.ts curveAt': '1, 5 or 7 parameters',
  'src/io/icc.ts profile': 'a matrix of 3 x 3',
  'src/io/plain-tiff.ts plainTiffPixels': 'strips of 128 rows and more, or channels',
  'src/io/plain-tiff.ts plainTiffStart': 'strips of 128 rows, or channels',
  'src/io/png/expand.ts rowWriter': 'channels, at most 4',
  'src/io/png/filter.ts filterRow': 'the five filters',
  'src/io/stored.ts eachRow': '64 rows',
  'src/io/weights/detect-format.ts asciiAt': 'a signature that stands in the code',
  'src/io/weights/detect-format.ts OTHERS': 'the first 64 bytes',
  'src/io/weights/detect-format.ts protobufFormat': 'the first 200 bytes',
  'src/io/weights/mindspore.ts withoutChecksum': '7 bytes',
  'src/io/weights/protobuf.ts addSize': AXES,
  'src/io/weights/sha256.ts sha256Of': '32 bytes',
  'src/io/xmp/md5.ts md5Of': '16 bytes',
  'src/io/xmp/xml.ts MARKUP': 'characters that stand in the code',
  'src/kernels/wasm/leaky-relu.ts': 'a tensor or none',
  'src/layers/layer.ts weightsOf': 'layers of a network',
  'src/ops/axis-map.ts composedAlongAxis': SIDE,
  'src/ops/axis-map.ts transposeMap': SIDE,
  'src/ops/composite.ts blend': "a tensor's channels",
  'src/ops/feather.ts blurMap': SIDE,
  'src/ops/nearest-patches-exhaustive.ts knownPixels': 'pixels of a patch',
  'src/ops/patches.ts gridOf': `${SIDE}, times that of a patch`,
  'src/ops/residual-aggregation.ts between': SIDE,
  'src/ops/residual-aggregation.ts mixedCells': SIDE,
  'src/ops/residual-aggregation.ts ramp': SIDE,
  'src/ops/residual-aggregation.ts under': SIDE,
  'src/ops/resize.ts areaMap': SIDE,
  'src/ops/resize.ts bilinearMap': SIDE,
  'src/ops/resize.ts nearestIndices': SIDE,
  'src/pixels/grow.ts endOfStep': RINGS,
  'src/pixels/grow.ts growthByOutline': 'rings, or places of a rim, at most 64',
  'src/pixels/grow.ts ringColours': 'channels, at most 4',
  'src/pixels/grow.ts stepsOf': 'channels, at most 4',
  'src/pixels/heal.ts addPlaces': HEALED,
  'src/pixels/heal.ts areaOf': HEALED,
  'src/pixels/heal.ts blocksOf': HEALED,
  'src/pixels/heal.ts relax': HEALED,
  'src/pixels/heal.ts tiesOf': HEALED,
  'src/pixels/leftovers.ts spread': 'samples around a cell of the rim, 128 x 128 at most',
  'src/pixels/plan.ts components': 'cells of holes, of which the constructor makes at most 512 x 512',
  'src/pixels/plan.ts constructor': 'cells of holes, at most 512 x 512',
  'src/train/data/holes/canvas.ts drawPolygon': 'corners of a drawn polygon',
  'src/train/discriminators/pix2pix-hd-gan.ts pix2pixHdGan': 'layers of a network',
  'src/train/grid.ts pictureGrid': 'pictures of a grid',
  'src/train/metrics/similarity.ts gaussian': FEW,
  'src/train/recipes/hifill.ts hifillRecipe': 'pictures of a batch',
};

let found: Boxed[];
const inFile = (file: string) => found.filter(({ place }) => place.startsWith(`${file} `));

beforeAll(() => {
  found = boxedNumbers(/^(src|demo|examples)\//, SAMPLES);
}, 300_000);

describe('no picture and no file passes through a JavaScript array of numbers', () => {
  it('finds what killed the process: a typed array made of another by a map', () => {
    expect(inFile('src/old.ts')).toMatchObject([{ place: 'src/old.ts highBytes', kind: 'from with a map' }]);
  });

  it('finds each other way there', () => {
    const kinds = inFile('src/bad.ts').map(({ place, kind }) => `${place.split(' ')[1]}: ${kind}`);
    expect(kinds).toEqual([
      'copied: from an iterable',
      'listed: Array.from',
      'spread: spread of numbers',
      'text: spread into a call',
      'brightest: spread into a call',
      'bytes: from with a map',
      'characters: spread of numbers',
      'row: new Array(n)',
      'side: Array.from',
      'pushed: push of numbers',
      'each: iterator',
      'tail: rest of numbers',
    ]);
  });

  it('lets pass what makes no array, or one whose length stands in the code', () => {
    expect(inFile('src/good.ts')).toEqual([]);
  });

  it('finds none in src, demo and examples, but where the list says why it is short', () => {
    const places = found.filter(({ place }) => !/^src\/(old|bad)\.ts /.test(place));
    const shown = places.filter(({ place }) => !(place in ALLOWED)).map(({ place, line, kind, code }) => `${place}, line ${line}: ${kind}: ${code}`);
    expect(shown).toEqual([]);
    // What is no longer there leaves the list.
    const there = new Set(places.map(({ place }) => place));
    expect(Object.keys(ALLOWED).filter((place) => !there.has(place))).toEqual([]);
  });
});
