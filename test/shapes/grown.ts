import type { Picture } from '../../src/picture';

/** How far each pixel is from the nearest marked one, by looking at all of them. */
function distances({ width, height, data }: Picture): Float64Array {
  const marked = Array.from(data, (value, p) => ({ value, x: p % width, y: Math.floor(p / width) })).filter(({ value }) => value === 255);
  return Float64Array.from({ length: width * height }, (_, p) => Math.min(...marked.map(({ x, y }) => Math.hypot((p % width) - x, Math.floor(p / width) - y))));
}

/** A mask widened by a disc. */
export const growMaskOf = (mask: Picture, grow: number): Uint8Array => Uint8Array.from(distances(mask), (away) => (away <= grow ? 255 : 0));

/** A mask widened, with the fall of a seam around it, by the formula that the seam's comment has. */
export function softMaskOf(mask: Picture, grow: number, soft: number): Uint8Array {
  return Uint8Array.from(distances(mask), (away) => {
    const further = Math.ceil(away) - grow;
    if (away <= grow) return 255;
    if (further > soft) return 0;
    return Math.min(Math.max(Math.round(255 * (0.5 + 0.5 * Math.cos((Math.PI * further) / (soft + 1)))), 1), 254);
  });
}
