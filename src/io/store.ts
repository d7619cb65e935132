import { throwIfAborted } from '../abort';
import { throwIfOutOfMemory } from '../memory';
import type { Picture } from '../picture';
import { type OpenedMask, type OpenedPhoto, openedMask, openedPhoto, type PictureSource, type ReadOptions } from './read';
import { StoredPicture } from './stored';
import type { FilesBeside } from './temporary';
import { turned } from './turn';
import { unpremultiply } from './unpremultiply';
import { throwIfUnwritable } from './unwritable';

/** How a file is decoded into another one. */
export interface StoreOptions extends ReadOptions {
  signal?: AbortSignal;
}

/** {@link readPicture} into a file: no more than some rows of the photo are ever in memory, where its decoder does not hold it all itself. */
export async function storePicture(source: PictureSource, files: FilesBeside, options: StoreOptions = {}): Promise<StoredPicture> {
  const photo = await openedPhoto(source, options);
  const { name, bits, colourspace, begin } = photo;
  return storing(name, async () => {
    const decoded = await decodedTo(files, photo, bits, options.signal, (...args) => begin(...args).toColourspace(colourspace));
    const stored = (await photo.isPremultiplied()) ? await decoded.mapped({}, unpremultiplied) : decoded;
    stored.metadata = await photo.metadata();
    return stored;
  });
}

/** {@link readMask} into a file. One with alpha may be stored in 16 bits, of which its numbers use 8. */
export async function storeMask(source: PictureSource, files: FilesBeside, options: StoreOptions = {}): Promise<StoredPicture> {
  const mask = await openedMask(source, options);
  return storing(mask.name, async () => {
    const { signal } = options;
    // Luminance takes five times as long as decoding: most masks have no other colours than grey ones, of which it is the level.
    const grey = mask.beginAsItIs && (await withoutColours(await decodedTo(files, mask, 8, signal, mask.beginAsItIs), signal));
    return grey ?? decodedTo(files, mask, mask.hasAlpha ? 16 : 8, signal, mask.begin);
  });
}

/** A stored picture's levels, and its alpha, if all of its pixels are grey; undefined where one is not. The one given is removed. */
async function withoutColours(stored: StoredPicture, signal: AbortSignal | undefined): Promise<StoredPicture | undefined> {
  const { channels } = stored;
  if (channels < 3) return stored;
  const kept = (channels - 2) as 1 | 2;
  const levels = await stored.another({ channels: kept });
  for await (const { top, band } of stored.bands()) {
    throwIfAborted(signal);
    const { width, height, data } = band;
    const out = new Uint8Array(width * height * kept);
    for (let from = 0, to = 0; to < out.length; from += channels, to += kept) {
      if (data[from] !== data[from + 1] || data[from] !== data[from + 2]) {
        await Promise.all([stored.remove(), levels.remove()]);
        return undefined;
      }
      out[to] = data[from];
      if (kept === 2) out[to + 1] = data[from + 3];
    }
    await levels.write(top, 0, { width, height, channels: kept, data: out });
  }
  await stored.remove();
  return levels;
}

/** Gives what goes wrong on the way its right name. */
async function storing<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfOutOfMemory(error, `${name} can't be read`);
    throwIfUnwritable(error, `${name} can't be decoded into a temporary file`);
    throw error;
  }
}

/** Decodes into a plain file, upright. */
async function decodedTo(
  files: FilesBeside,
  { orientation, decode }: Pick<OpenedPhoto | OpenedMask, 'orientation' | 'decode'>,
  bits: 8 | 16,
  signal: AbortSignal | undefined,
  begin: OpenedPhoto['begin'],
): Promise<StoredPicture> {
  const beside = await files.create();
  // Mirrored rows are still rows; of what is turned otherwise the decoder would hold all.
  const mirrored = orientation === 2;
  const { width, height, channels } = await decode(async (input, settings) => {
    const tiff = begin(input, settings, mirrored).tiff({ compression: 'none', bigtiff: true });
    return tiff.toFile(beside.path).catch((error) => {
      throwIfUnwritable(error, 'no temporary file can be written');
      throw error;
    });
  });
  throwIfAborted(signal);
  const stored = await StoredPicture.opened(files, beside, { width, height, channels: channels as Picture['channels'], bits });
  return orientation < 3 ? stored : turned(stored, orientation);
}

function unpremultiplied(band: Picture): Picture {
  unpremultiply(band.data, band.channels);
  return band;
}
