/** A rectangle of pixels: `left` and `top` belong to it, `right` and `bottom` are the first beyond. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A place in the picture or on the page. */
export interface Point {
  x: number;
  y: number;
}

export const isEmpty = ({ left, top, right, bottom }: Box): boolean => right <= left || bottom <= top;

/** What two boxes share. */
export const intersection = (a: Box, b: Box): Box => ({
  left: Math.max(a.left, b.left),
  top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
});

/** A box without a pixel, around which any other is the smaller. */
export const NOWHERE: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };

/** The smallest box around two. */
export const around = (a: Box, b: Box): Box => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

/** The smallest box around points, widened by `margin` and to whole pixels. */
export function boxAround(points: readonly Point[], margin = 0): Box {
  const box = { ...NOWHERE };
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x);
    box.bottom = Math.max(box.bottom, y);
  }
  return {
    left: Math.floor(box.left - margin),
    top: Math.floor(box.top - margin),
    right: Math.ceil(box.right + margin) + 1,
    bottom: Math.ceil(box.bottom + margin) + 1,
  };
}
