import { throwIfAborted } from '../../abort';
import { PictureError } from '../../errors';
import type { Picture } from '../../picture';
import { permutationOf } from './random';

/** What a crop is taken of: a picture, or a pair of them. */
export interface Material {
  /** For messages and the log. */
  readonly name: string;
  /** Paths, or pictures in memory. */
  readonly parts: readonly (string | Picture)[];
}

/** The material of one position. */
export interface Item extends Material {
  /** How many were drawn before. */
  readonly position: number;
  /** How often all were gone through before. */
  readonly pass: number;
}

/** Endless epochs over files, each shuffled by seed and epoch, from a position on. */
export async function* itemsFromFiles(
  list: () => Promise<readonly Material[]>,
  seed: number,
  start: number,
  signal?: AbortSignal,
): AsyncGenerator<Item, void, void> {
  const all = await list();
  if (all.length === 0) throw new PictureError('file-read', 'there are no pictures to draw from', { expected: 'pictures', actual: 0 });
  for (let position = start; ; ) {
    const pass = Math.floor(position / all.length);
    const order = permutationOf(all.length, seed, pass);
    for (; position < (pass + 1) * all.length; position++) {
      throwIfAborted(signal);
      yield { ...all[order[position % all.length]], position, pass };
    }
  }
}

/** The pictures of an iterable in its own order, again and again, from a position on; ends where an iteration gives nothing. */
export async function* itemsInOrder(pictures: AsyncIterable<Picture>, start: number, signal?: AbortSignal): AsyncGenerator<Item, void, void> {
  for (let [position, pass, before] = [0, 0, -1]; position !== before; pass++) {
    before = position;
    for await (const picture of pictures) {
      throwIfAborted(signal);
      if (position >= start) yield { name: `picture ${position}`, parts: [picture], position, pass };
      position++;
    }
  }
}
