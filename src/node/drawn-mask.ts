import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Photo } from '../cra/kinds';
import { MaskError, PictureError } from '../errors';
import type { PictureSource } from '../io/read';
import type { Picture } from '../picture';
import type { Context } from '../shapes/context';
import { addShapes, drawnMask } from '../shapes/mask-from';
import { isMaskShapes, type MaskShapes, type Shapes } from '../shapes/shapes';
import { addSvg } from '../shapes/svg';

/** A mask that is drawn once the photo's size is known. */
export type DrawMask = (photo: { width: number; height: number }) => Picture;

// More than anybody draws; an SVG may have 2^24 characters, and a data set's annotations are many.
const LARGEST = 2 ** 28;

/** A file of shapes: its path and text. @throws PictureError (`file-read`), MaskError (`mask-shapes`) for one that is too large */
async function textOf(source: string | URL): Promise<{ path: string; text: string }> {
  let path = String(source);
  let size: number;
  try {
    // An address that is no file's is refused by this.
    if (source instanceof URL) path = fileURLToPath(source);
    const found = await stat(path);
    // Opening a pipe would wait for whoever writes to it, for good.
    if (!found.isFile()) throw new Error('it is no plain file');
    size = found.size;
    if (size <= LARGEST) return { path, text: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new PictureError('file-read', `${path} can't be read: ${(cause as Error).message}`, { expected: 'a readable file', cause });
  }
  throw new MaskError('mask-shapes', `${path} must be of at most ${LARGEST} bytes, got ${size}`, { expected: LARGEST, actual: size });
}

const isSvg = (mask: unknown): mask is string | URL => /\.svg$/i.test(typeof mask === 'string' ? mask : mask instanceof URL ? mask.pathname : '');

/** What a file of shapes draws, and how, where it says so itself. */
export interface FileOfShapes {
  draw(context: Context): void;
  options: Omit<MaskShapes, 'shapes'>;
}

/**
 * Reads a file of shapes: an SVG, or JSON, which is what `maskFrom()` takes, a data set of COCO's for one.
 * @throws PictureError (`file-read`), MaskError (`mask-shapes`) for what is no JSON; `draw` throws as `maskFrom()`, with the path
 */
export async function readShapes(source: string | URL): Promise<FileOfShapes> {
  const { path, text } = await textOf(source);
  if (isSvg(path)) return { draw: (context) => addSvg(context, text, path), options: {} };
  let data: MaskShapes | Shapes;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new MaskError('mask-shapes', `${path} must be JSON, or an SVG: ${(cause as Error).message}`, { expected: 'JSON', cause });
  }
  const { shapes, ...options } = isMaskShapes(data) ? data : { shapes: data };
  return { draw: (context) => addShapes(context, shapes, path), options };
}

/** How a mask is drawn that is given as shapes, or as a file of them: SVG by its ending. Undefined for pictures. */
export async function drawingOf(mask: PictureSource | Photo | MaskShapes, fit = false): Promise<DrawMask | undefined> {
  if (isSvg(mask)) {
    const { draw } = await readShapes(mask);
    return ({ width, height }) => drawnMask(draw, { fit, width, height });
  }
  if (!isMaskShapes(mask)) return undefined;
  const { shapes, ...options } = mask;
  return ({ width, height }) => drawnMask((context) => addShapes(context, shapes, 'mask.shapes'), { fit, ...options, width, height });
}
