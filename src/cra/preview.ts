import type { FilledWindow, LowResolution, Window } from '../pixels/window';
import type { Preview } from './options';

/** A low-resolution look at a window's fill. */
export function previewOf({ base, width, height }: FilledWindow, { hole }: LowResolution, { view }: Window): Preview {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let p = 0; p < hole.length; p++) {
    if (hole[p] === 0) continue;
    for (let c = 0; c < 3; c++) data[4 * p + c] = (base[3 * p + c] + 1) * 127.5;
    data[4 * p + 3] = 255;
  }
  return { box: { ...view }, picture: { width, height, channels: 4, data } };
}
