import { type Box, intersection } from './box';
import type { View } from './view';

/** Sides up to which a copy for the whole view is kept: enlarging draws from the picture itself, by the part that is seen. */
const PREVIEW = 2048;

/** A picture as it is drawn: itself, and a smaller copy that is quick to draw when all of it is seen. */
export interface Drawable {
  width: number;
  height: number;
  full: ImageBitmap;
  preview: ImageBitmap;
}

/** Makes what is drawn of a file or of pixels. Turned as its EXIF block says. */
export async function drawable(source: Blob | ImageData): Promise<Drawable> {
  const full = await createImageBitmap(source);
  const { width, height } = full;
  const factor = PREVIEW / Math.max(width, height);
  if (factor >= 0.75) return { width, height, full, preview: full };
  const size = { resizeWidth: Math.round(width * factor), resizeHeight: Math.round(height * factor), resizeQuality: 'high' as const };
  return { width, height, full, preview: await createImageBitmap(full, size) };
}

export function close({ full, preview }: Drawable): void {
  full.close();
  preview.close();
}

/** Draws the part of a picture that is seen, within `clip` (of the stage, in CSS pixels). */
export function drawPicture(context: CanvasRenderingContext2D, picture: Drawable, view: View, clip: Box): void {
  const place = view.pictureBox;
  const seen = intersection(intersection(place, clip), { left: 0, top: 0, right: view.stageSize.width, bottom: view.stageSize.height });
  if (seen.right <= seen.left || seen.bottom <= seen.top) return;
  const ratio = context.canvas.width / view.stageSize.width;
  const source = view.scale * ratio <= picture.preview.width / picture.width ? picture.preview : picture.full;
  const scale = (place.right - place.left) / source.width;
  context.imageSmoothingEnabled = view.scale * ratio < 4;
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    source,
    (seen.left - place.left) / scale,
    (seen.top - place.top) / scale,
    (seen.right - seen.left) / scale,
    (seen.bottom - seen.top) / scale,
    seen.left * ratio,
    seen.top * ratio,
    (seen.right - seen.left) * ratio,
    (seen.bottom - seen.top) * ratio,
  );
}
