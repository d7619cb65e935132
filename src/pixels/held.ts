import { unlessAborted } from '../abort';
import { type Box, boxHeight, boxWidth, contains, within } from './box';
import { type PhotoSource, viewOf } from './view';

// No more pixels than these are held: a few tens of megabytes at the most.
const MOST = 2 ** 22;

/** A source for whoever looks at many places of a box, which overlap: where the box is not too large, it is read once, and held by the source. */
export async function heldSource(photo: PhotoSource, box: Box, signal?: AbortSignal): Promise<PhotoSource> {
  if (boxWidth(box) * boxHeight(box) > MOST) return photo;
  const pixels = await unlessAborted(() => photo.read(box), signal);
  const { width, height } = photo;
  return { width, height, read: (part) => (contains(box, part) ? viewOf(pixels, within(part, box)) : photo.read(part)) };
}
