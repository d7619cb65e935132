import { pauseFor } from '../abort';
import type { Marks } from '../cra/hole-weights';
import { type Contents, contentsOf } from '../cra/mask-contents';
import { fittedRows, placeIn } from '../io/fit-mask';
import type { StoredPicture } from '../io/stored';
import type { Picture } from '../picture';
import type { Run } from '../pixels/runs';
import { holeRuns } from '../pixels/seam';

// Values of a mask that are looked at together.
const BAND = 2 ** 19;

/**
 * The marks of a mask in a file, which is read band by band: once, and once more should it be asked what it holds.
 *
 * @param size what the mask is brought to, as by `fitMask()`; its own, unless told
 */
export function storedMarks(mask: StoredPicture, { width, height }: { width: number; height: number } = mask, signal?: AbortSignal): Marks {
  async function* bands(): AsyncGenerator<{ top: number; band: Picture }> {
    const pause = pauseFor(signal);
    const atOnce = Math.max(1, Math.floor(BAND / (Math.max(width, mask.width) * mask.channels)));
    for (let top = 0; top < height; top += atOnce) {
      await pause();
      const rows = Uint32Array.from({ length: Math.min(atOnce, height - top) }, (_, y) => placeIn(mask.height, top + y, height));
      const [first, last] = [rows[0], rows[rows.length - 1]];
      // One with alpha is stored in 16 bits, of which it uses 8.
      const read = await mask.read({ top: first, left: 0, bottom: last + 1, right: mask.width });
      const band: Picture = read.data instanceof Uint16Array ? { ...read, data: new Uint8Array(read.data) } : read;
      const isFitted = mask.width === width && mask.height === height;
      yield {
        top,
        band: isFitted
          ? band
          : fittedRows(
              band,
              width,
              rows.map((row) => row - first),
            ),
      };
    }
  }
  return {
    width,
    height,
    channels: mask.channels,
    async runs(hole) {
      const runs: Run[][] = [];
      for await (const { top, band } of bands()) runs.push(holeRuns(band, hole, top));
      return runs.flat();
    },
    async contents() {
      let contents: Contents | undefined;
      for await (const { band } of bands()) contents = contentsOf(band, contents);
      return contents as Contents;
    },
  };
}
