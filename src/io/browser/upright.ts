import type { Picture } from '../../picture';
import { orientationOf } from '../orient';
import { valuesFor } from '../values';

/** A picture turned as an EXIF orientation says, or itself for 1. */
export function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { channels, data } = picture;
  const { width, height, first, across, down } = orientationOf(orientation, picture.width, picture.height);
  const out = valuesFor(width, height, channels, data instanceof Uint16Array ? 16 : 8);
  for (let y = 0, from = 0; y < picture.height; y++) {
    let to = (first + y * down) * channels;
    for (let x = 0; x < picture.width; x++, to += (across - 1) * channels) {
      for (let c = 0; c < channels; c++) out[to++] = data[from++];
    }
  }
  return { ...picture, width, height, data: out };
}
