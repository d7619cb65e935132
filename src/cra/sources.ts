import { MaskError } from '../errors';
import { type Barred, barredBy } from '../pixels/barred';
import type { Run } from '../pixels/runs';
import { HOLE } from '../pixels/seam';
import type { Pixels } from '../pixels/view';
import type { Marks } from './hole-weights';
import { checkMaskSize } from './hole-weights';

/** What may be copied from, and what may not: each none, or marked white, or in any colour on transparent. */
export interface CopyMarks {
  sources?: Marks;
  avoid?: Marks;
}

/**
 * The pixels of a photo that must not be copied. In doubt a pixel is one of them: what is grey, as at a brush's soft edge, is neither clearly
 * to be copied nor clearly not to be avoided.
 * @returns undefined where nothing is marked
 * @throws MaskError (`mask-size`)
 */
export async function barredOf({ sources, avoid }: CopyMarks, photo: { width: number; height: number }, op: string): Promise<Barred | undefined> {
  const lists: Run[][] = [];
  if (sources) {
    checkMaskSize(sources, photo, op, 'the mask of sources');
    lists.push(await sources.runs((await isByAlpha(sources)) ? 'alpha' : 'black'));
  }
  if (avoid) {
    checkMaskSize(avoid, photo, op, 'the mask of what to avoid');
    lists.push(await avoid.runs((await isByAlpha(avoid)) ? 'opaque' : 'white'));
  }
  return lists.some((runs) => runs.length > 0) ? barredBy(lists) : undefined;
}

/** Whether some of a mask is transparent: its marks are then what is not. */
async function isByAlpha(marks: Marks): Promise<boolean> {
  if (marks.channels % 2 === 1) return false;
  const { alpha, maximum } = await marks.contents();
  return alpha !== undefined && alpha.low < maximum;
}

/** @throws MaskError (`no-sources`) where nothing that is known may be copied */
export function checkSources(barred: Barred, { data, width, height }: Pixels, op: string): void {
  for (let row = 0; row < height; row++) {
    let x = row * width;
    const end = x + width;
    for (const run of barred.get(row) ?? []) {
      for (; x < row * width + run.start; x++) if (data[x] !== HOLE) return;
      x = row * width + run.end;
    }
    for (; x < end; x++) if (data[x] !== HOLE) return;
  }
  throw new MaskError('no-sources', `${op}: sources and avoid leave no pixel outside the hole to copy from`, { expected: 'a pixel that may be copied' });
}
