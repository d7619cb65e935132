import type { InpaintOptions } from '../../src/cra/options';
import { fitMask } from '../../src/io/node';
import { StoredPicture } from '../../src/io/stored';
import type { FillStored } from '../../src/node/fill-stored';
import type { Picture } from '../../src/picture';

/** A fill of a picture in memory. */
export type Inpaint = (photo: Picture, mask: Picture, options: InpaintOptions) => Promise<Picture>;

async function whole(stored: StoredPicture): Promise<Picture> {
  const { width, height, metadata } = stored;
  const { data, ...picture } = await stored.read({ top: 0, left: 0, bottom: height, right: width });
  return { ...picture, data, metadata };
}

/** A fill of files that is done in memory, by one that knows nothing of files; the mask may be in memory already. */
export const inMemory =
  (inpaint: Inpaint): FillStored =>
  async (photo, mask, { op: _op, fitMask: _fit, sources, avoid, ...options }) => {
    const marks = mask instanceof StoredPicture ? await whole(mask) : (mask as Picture);
    const fitted = fitMask({ ...marks, data: Uint8Array.from(marks.data) }, photo.width, photo.height);
    const opened = async (mask: unknown) => (mask instanceof StoredPicture ? await whole(mask) : (mask as Picture | undefined));
    const result = await inpaint(await whole(photo), fitted, { ...options, sources: await opened(sources), avoid: await opened(avoid) });
    await photo.write(0, 0, result);
    photo.metadata = result.metadata ?? {};
  };
