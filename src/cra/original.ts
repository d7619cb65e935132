import { type Box, overlap, within } from '../pixels/box';
import { copyOf, type Pixels, viewOf } from '../pixels/view';

// In pixels: a speck touches one or four.
const SIDE = 64;

/** What a picture was before it was changed: the tiles of it that ever were, kept as they are first touched. */
export class Original {
  readonly #picture: Pixels;
  readonly #tiles = new Map<number, Pixels>();

  /** @param picture is changed by others, who tell before. */
  constructor(picture: Pixels) {
    this.#picture = picture;
  }

  /** Keeps a stretch of a row that is about to be changed, and the tiles around it. */
  keep(row: number, start: number, end: number): void {
    const across = Math.ceil(this.#picture.width / SIDE);
    const down = Math.floor(row / SIDE);
    for (let column = Math.floor(start / SIDE); column * SIDE < end; column++) {
      const key = down * across + column;
      if (!this.#tiles.has(key)) this.#tiles.set(key, copyOf(viewOf(this.#picture, this.#boxOf(key))));
    }
  }

  /** Writes what was there over a copy of the pixels of a box. */
  restore(copy: Pixels, box: Box): void {
    for (const [key, tile] of this.#tiles) {
      const place = this.#boxOf(key);
      if (!overlap(place, box)) continue;
      const common = {
        top: Math.max(place.top, box.top),
        left: Math.max(place.left, box.left),
        bottom: Math.min(place.bottom, box.bottom),
        right: Math.min(place.right, box.right),
      };
      lay(viewOf(tile, within(common, place)), viewOf(copy, within(common, box)));
    }
  }

  #boxOf(key: number): Box {
    const { width, height } = this.#picture;
    const across = Math.ceil(width / SIDE);
    const [top, left] = [Math.floor(key / across) * SIDE, (key % across) * SIDE];
    return { top, left, bottom: Math.min(height, top + SIDE), right: Math.min(width, left + SIDE) };
  }
}

/** Copies pixels over others of the same size and kind. */
export function lay(from: Pixels, over: Pixels): void {
  const row = from.width * from.channels;
  const [source, target] = [from, over].map(({ offset = 0, stride = row }) => ({ offset, stride }));
  for (let y = 0; y < from.height; y++) {
    const at = source.offset + y * source.stride;
    over.data.set(from.data.subarray(at, at + row), target.offset + y * target.stride);
  }
}
