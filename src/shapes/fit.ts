import { MaskError } from '../errors';
import { type Affine, IDENTITY } from './affine';

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * Brings what was drawn for one size to another: as it is, or stretched where that is asked for.
 * @throws MaskError (`mask-size`) where the sizes differ and it is not
 */
export function fitted(from: Size, to: Size, fit: boolean, place: string): Affine {
  if (from.width === to.width && from.height === to.height) return IDENTITY;
  if (!fit) throw sizeFault(from, to, place);
  return [to.width / from.width, 0, 0, to.height / from.height, 0, 0];
}

/** Shapes that were drawn for another size. */
export function sizeFault(from: Size, to: Size, place: string): MaskError {
  return new MaskError('mask-size', `${place} is for ${from.width} x ${from.height} pixels, the mask is ${to.width} x ${to.height}: fit stretches it`, {
    expected: to,
    actual: from,
  });
}
