import { throwIfAborted } from '../../abort';
import { checkWhole } from '../../check';
import { InpaintError, PictureError } from '../../errors';
import { loadSharp } from '../../io/sharp';
import { throwIfOutOfMemory } from '../../memory';
import { decodeCrop, drawCrop, openPicture } from './crop';
import type { Item } from './items';
import { randomAt } from './random';
import type { BatchSource, PictureBatch, SettledOptions } from './source-options';

/** An item and its crops, none where it can't be used. */
type Drawn = { item: Item; values?: Float32Array[] };

/** Decodes the crops of an item: one, or one of each picture of a pair. */
async function cropsOf(item: Item, options: SettledOptions): Promise<Float32Array[]> {
  const { size, seed, order, signal } = options;
  const opened = await Promise.all(item.parts.map((part) => openPicture(part, item.name)));
  throwIfAborted(signal);
  const [first, ...others] = opened;
  for (const { name, width, height } of others) {
    if (width !== first.width || height !== first.height) {
      throw new PictureError('format', `${first.name} is ${first.width} x ${first.height}, ${name} ${width} x ${height}`, {
        expected: { width: first.width, height: first.height },
        actual: { width, height },
      });
    }
  }
  const crop = drawCrop(first.width, first.height, options, randomAt(seed, 'crop', item.position));
  return Promise.all(opened.map((picture) => decodeCrop(picture, crop, size, order)));
}

/** Batches of crops of items, decoded ahead of need: what every source of pictures is made of. */
export function batchSource<T extends PictureBatch>(
  items: (start: number) => AsyncGenerator<Item, void, void>,
  options: SettledOptions,
  batchOf: (parts: Float32Array[], rest: PictureBatch) => T,
): BatchSource<T> {
  const { size, batch, prefetch, onSkip, signal } = options;
  const unusable = new Set<string>();

  async function draw(item: Item): Promise<Drawn> {
    throwIfAborted(signal);
    if (unusable.has(item.name)) return { item };
    try {
      return { item, values: await cropsOf(item, options) };
    } catch (reason) {
      // Says nothing about the picture: it is there again in the next run, and must not be left out of this one.
      throwIfOutOfMemory(reason, `${item.name} can't be decoded`);
      if (!(reason instanceof InpaintError) || reason.code === 'aborted') throw reason;
      if (!unusable.has(item.name)) {
        unusable.add(item.name);
        onSkip(item.name, reason);
      }
      return { item };
    }
  }

  async function* startAt(start: number): AsyncGenerator<T, void, void> {
    checkWhole(start, 0, 'pictureSource', 'position');
    throwIfAborted(signal);
    await loadSharp();
    const coming = items(start);
    const queue: Promise<Drawn | undefined>[] = [];
    // The pass of the last picture that could be used, or of the first that was asked for.
    let lastPass: number | undefined;
    let [anyGood, ended] = [false, false];
    try {
      while (!ended) {
        const crops: Float32Array[][] = [];
        const names: string[] = [];
        let position = start;
        while (crops.length < batch) {
          while (queue.length <= prefetch + batch - 1 - crops.length) {
            const drawn = coming.next().then(({ value }) => (value ? draw(value) : undefined));
            // A failure that nobody waits for yet is not unhandled: it is thrown when its turn comes.
            drawn.catch(() => undefined);
            queue.push(drawn);
          }
          const drawn = await queue.shift();
          throwIfAborted(signal);
          lastPass ??= drawn?.item.pass;
          // Two passes on, every picture has been tried: none could ever be used, or the folder has gone.
          if (drawn ? drawn.item.pass > lastPass! + 1 : !anyGood) throw new PictureError('file-read', 'none of the pictures can be used', { actual: 0 });
          ended = !drawn;
          if (!drawn) break;
          position = drawn.item.position + 1;
          if (!drawn.values) continue;
          anyGood = true;
          lastPass = drawn.item.pass;
          crops.push(drawn.values);
          names.push(drawn.item.name);
        }
        if (ended) return;
        const parts = crops[0].map((_, part) => {
          const values = new Float32Array(batch * size * size * 3);
          crops.forEach((crop, i) => {
            values.set(crop[part], i * crop[part].length);
          });
          return values;
        });
        yield batchOf(parts, { values: parts[0], names, position });
      }
    } finally {
      await Promise.allSettled([coming.return(), ...queue]);
    }
  }

  return { startAt, [Symbol.asyncIterator]: () => startAt(0) };
}
