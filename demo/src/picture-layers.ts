import { type Box, intersection, isEmpty } from './box';
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

/** A piece of a picture that lies over it. So a fill costs as much as it changed, however large the photo. */
export interface Layer {
  left: number;
  top: number;
  image: ImageBitmap;
  /** Whether it may be transparent: then what lies below is taken away first. */
  alpha: boolean;
}

/** What a fill under way looks like so far: few pixels, which are stretched over a box of the picture. */
export interface FirstLook {
  box: Box;
  image: HTMLCanvasElement;
}

/** What drawing needs to know of a view. */
export type Viewport = Pick<View, 'scale' | 'pictureBox' | 'stageSize'>;

/** Makes what is drawn of a file or of pixels. Turned as its EXIF block says. */
export async function drawable(source: Blob | ImageData): Promise<Drawable> {
  const full = await createImageBitmap(source);
  const { width, height } = full;
  const factor = PREVIEW / Math.max(width, height);
  if (factor >= 0.75) return { width, height, full, preview: full };
  const size = { resizeWidth: Math.round(width * factor), resizeHeight: Math.round(height * factor), resizeQuality: 'high' as const };
  return { width, height, full, preview: await createImageBitmap(full, size) };
}

/** @param image transparent where nothing is filled */
export function firstLook(box: Box, image: ImageData): FirstLook {
  // A canvas, not a bitmap: that would be there only later, when the fill may be done.
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return { box, image: canvas };
}

export function close({ full, preview }: Drawable): void {
  full.close();
  preview.close();
}

/** Draws the part of a picture that is seen, within `clip` (of the stage, in CSS pixels). */
export function drawPicture(context: CanvasRenderingContext2D, picture: Drawable, view: Viewport, clip: Box): void {
  const place = view.pictureBox;
  const seen = seenOf(place, view, clip);
  if (isEmpty(seen)) return;
  const ratio = smoothed(context, view);
  const source = view.scale * ratio <= picture.preview.width / picture.width ? picture.preview : picture.full;
  const scale = (place.right - place.left) / source.width;
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

/** Draws what of the layers is seen, within `clip`, the last above the others. */
export function drawLayers(context: CanvasRenderingContext2D, layers: readonly Layer[], view: Viewport, clip: Box): void {
  const seen = seenOf(view.pictureBox, view, clip);
  if (isEmpty(seen)) return;
  const ratio = smoothed(context, view);
  context.save();
  clipTo(context, seen, ratio);
  for (const { left, top, image, alpha } of layers) {
    const [x, y] = [view.pictureBox.left + left * view.scale, view.pictureBox.top + top * view.scale];
    const place = { left: x, top: y, right: x + image.width * view.scale, bottom: y + image.height * view.scale };
    if (isEmpty(intersection(place, seen))) continue;
    context.save();
    if (alpha) {
      clipTo(context, place, ratio);
      context.globalCompositeOperation = 'copy';
    }
    context.drawImage(image, x * ratio, y * ratio, image.width * view.scale * ratio, image.height * view.scale * ratio);
    context.restore();
  }
  context.restore();
}

/** Draws first looks within `clip`, smoothed however large their pixels are. @param how as what, and how strongly: opaque, unless told otherwise */
export function drawFirstLooks(
  context: CanvasRenderingContext2D,
  looks: readonly FirstLook[],
  view: Viewport,
  clip: Box,
  how: Partial<Pick<CanvasRenderingContext2D, 'globalCompositeOperation' | 'globalAlpha'>>,
): void {
  const seen = seenOf(view.pictureBox, view, clip);
  if (isEmpty(seen)) return;
  const ratio = smoothed(context, view);
  context.save();
  clipTo(context, seen, ratio);
  Object.assign(context, { ...how, imageSmoothingEnabled: true });
  for (const { box, image } of looks) {
    const { left, top } = view.pictureBox;
    const scale = view.scale * ratio;
    context.drawImage(image, left * ratio + box.left * scale, top * ratio + box.top * scale, (box.right - box.left) * scale, (box.bottom - box.top) * scale);
  }
  context.restore();
}

const seenOf = (place: Box, { stageSize: { width, height } }: Viewport, clip: Box): Box =>
  intersection(intersection(place, clip), { left: 0, top: 0, right: width, bottom: height });

function clipTo(context: CanvasRenderingContext2D, { left, top, right, bottom }: Box, ratio: number): void {
  context.beginPath();
  context.rect(left * ratio, top * ratio, (right - left) * ratio, (bottom - top) * ratio);
  context.clip();
}

/** Pixels are smoothed until they are large enough to be looked at one by one. @returns the canvas's pixels for a CSS pixel */
function smoothed(context: CanvasRenderingContext2D, { scale, stageSize }: Viewport): number {
  const ratio = context.canvas.width / stageSize.width;
  context.imageSmoothingEnabled = scale * ratio < 4;
  context.imageSmoothingQuality = 'high';
  return ratio;
}
