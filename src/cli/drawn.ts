import { basename } from 'node:path';
import type { PictureSource } from '../io/read';
import { type DrawMask, readShapes } from '../node/drawn-mask';
import { addShapes, drawnMask } from '../shapes/mask-from';
import type { Command } from './arguments';

/**
 * How each photo's mask is drawn, where the command line has shapes instead of one; of a data set it has the photo's annotations, by its name.
 * @throws PictureError, MaskError for a file of shapes that is none
 */
export async function drawingsOf({ drawn, fitMask: fit }: Command): Promise<((photo: string) => DrawMask) | undefined> {
  if (!drawn) return undefined;
  const { boxes, polygons, file } = drawn;
  const { draw, options } = file === undefined ? {} : await readShapes(file);
  return (photo) =>
    ({ width, height }) =>
      drawnMask(
        (context) => {
          draw?.(context);
          for (const box of boxes) addShapes(context, { box }, '--box');
          for (const polygon of polygons) addShapes(context, { polygon }, '--polygon');
        },
        { fit, image: basename(photo), ...options, width, height },
      );
}

/** A mask of what to copy from as `inpaintFile()` takes it: a file of shapes is drawn, of a data set's the photo's annotations. */
export async function copyMaskOf(path: string, photo: string, fit: boolean): Promise<PictureSource | DrawMask> {
  if (!/\.(svg|json)$/i.test(path)) return path;
  const { draw, options } = await readShapes(path);
  return ({ width, height }) => drawnMask(draw, { fit, image: basename(photo), ...options, width, height });
}
