import { checkOneOf } from '../../../check';
import { InpaintError, PictureError } from '../../../errors';
import { readMask } from '../../../io/read';
import { throwIfOutOfMemory } from '../../../memory';
import { pictureFiles } from '../files';
import { between, type Random, wholeBetween } from '../random';
import { emptyCanvas, type MaskCanvas } from './canvas';

/** A mask to make others of. */
export interface MaskTemplate {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `width * height` values, row by row: 1 is hole, 0 is not. */
  readonly data: Uint8Array;
}

/** Options of {@link readTemplates}. */
export interface TemplateOptions {
  /** The colour of the hole in the files. Default `'white'`. */
  hole?: 'white' | 'black';
  /** Told of each file that can't be used, and why. Default: a line on stderr. */
  onSkip?: (name: string, reason: InpaintError) => void;
}

/**
 * Reads the masks of a folder, for {@link maskSource} to turn, move and merge. A file that can't be read, or that has no hole, is left out.
 *
 * @param folder the folder of mask files, with the folders in it.
 * @returns the masks in the order of their names. Halfway to the hole's colour is hole.
 * @throws PictureError (`file-read`) where there is none. ArgumentError
 * @example
 * ```ts
 * const source = maskSource({ size: 256, kinds: ['templates'], templates: await readTemplates('masks') });
 * ```
 */
export async function readTemplates(folder: string, options: TemplateOptions = {}): Promise<MaskTemplate[]> {
  const { hole = 'white', onSkip = (name, reason) => console.warn(`${name} is left out: ${reason.message}`) } = options;
  checkOneOf(hole, ['white', 'black'], 'readTemplates', 'hole');
  const templates: MaskTemplate[] = [];
  for (const path of await pictureFiles(folder)) {
    try {
      const { width, height, channels, data } = await readMask(path);
      const holes = Uint8Array.from({ length: width * height }, (_, i) => (data[i * channels] >= 128 === (hole === 'white') ? 1 : 0));
      if (!holes.includes(1)) throw new PictureError('format', `${path} has no hole`, { expected: `${hole} pixels` });
      templates.push({ width, height, data: holes });
    } catch (reason) {
      throwIfOutOfMemory(reason, `${path} can't be read`);
      if (!(reason instanceof InpaintError)) throw reason;
      onSkip(path, reason);
    }
  }
  if (templates.length === 0) throw new PictureError('file-read', `${folder} holds no mask that can be used`, { expected: 'mask files', actual: 0 });
  return templates;
}

/**
 * One to three templates laid over each other, most often one. Each is mirrored or not, turned by up to 90 degrees either way, drawn at 0.8
 * to 1 times the picture's size and moved by up to a quarter of it; pixels are the nearest ones, and beyond a template there is no hole.
 */
export function paintTemplates(random: Random, size: number, templates: readonly MaskTemplate[]): MaskCanvas {
  const canvas = emptyCanvas(size);
  const chance = random();
  const layers = chance < 0.6 ? 1 : chance < 0.85 ? 2 : 3;
  for (let layer = 0; layer < layers; layer++) layTemplate(random, canvas, templates[wholeBetween(random, 0, templates.length - 1)]);
  return canvas;
}

function layTemplate(random: Random, { size, data }: MaskCanvas, template: MaskTemplate): void {
  const { width, height } = template;
  const mirror = random() < 0.5 ? -1 : 1;
  const angle = between(random, -Math.PI / 2, Math.PI / 2);
  // Template pixels in a pixel of the canvas.
  const step = Math.max(width, height) / (size * between(random, 0.8, 1));
  const [moveX, moveY] = [between(random, -size / 4, size / 4), between(random, -size / 4, size / 4)];
  const [cos, sin] = [step * Math.cos(angle), step * Math.sin(angle)];
  for (let y = 0; y < size; y++) {
    const v = y + 0.5 - size / 2 - moveY;
    for (let x = 0; x < size; x++) {
      const u = x + 0.5 - size / 2 - moveX;
      const column = Math.floor(width / 2 + mirror * (cos * u + sin * v));
      const row = Math.floor(height / 2 - sin * u + cos * v);
      if (column >= 0 && column < width && row >= 0 && row < height && template.data[row * width + column] > 0) data[y * size + x] = 1;
    }
  }
}
