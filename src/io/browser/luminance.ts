import { colourChannels, hasAlpha, type Picture } from '../../picture';

/** Light for each 8-bit level of sRGB, from 0 to 1, and the level for each of 4096 steps of light. */
const LIGHT = Float64Array.from({ length: 256 }, (_, level) => (level <= 10.31475 ? level / 3294.6 : ((level / 255 + 0.055) / 1.055) ** 2.4));
const LEVELS = Uint8Array.from({ length: 4096 }, (_, step) => {
  const light = step / 4095;
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
});

/** A picture as 8-bit grey, or grey and alpha: `Y = 0.2126 R + 0.7152 G + 0.0722 B` in light. Grey stays what it was. */
export function luminance(picture: Picture): Picture {
  const { width, height, channels, data } = picture;
  const alpha = hasAlpha(picture);
  const shift = data instanceof Uint16Array ? 8 : 0;
  const metadata = { format: picture.metadata?.format, grey: true };
  if (channels === 1 && shift === 0) return { width, height, channels, data, metadata };
  const out = new Uint8Array(width * height * (alpha ? 2 : 1));
  for (let from = 0, to = 0; from < data.length; from += channels) {
    const red = data[from] >> shift;
    if (colourChannels(picture) === 1) out[to++] = red;
    else {
      const green = data[from + 1] >> shift;
      const blue = data[from + 2] >> shift;
      out[to++] =
        red === green && green === blue ? red : LEVELS[Math.min(4095, Math.round(4095 * (0.2126 * LIGHT[red] + 0.7152 * LIGHT[green] + 0.0722 * LIGHT[blue])))];
    }
    if (alpha) out[to++] = data[from + channels - 1] >> shift;
  }
  return { width, height, channels: alpha ? 2 : 1, data: out, metadata };
}
