import type { PngHeader } from '../containers/png';

/** Values in a pixel as it is stored: a palette's index is one. */
export const storedChannels = (colourType: number): number => ({ 2: 3, 4: 2, 6: 4 })[colourType] ?? 1;

/** Values in a pixel once palettes and transparent colours are expanded. */
export const expandedChannels = ({ colourType, transparency }: PngHeader): 1 | 2 | 3 | 4 =>
  ((colourType === 3 ? 3 : storedChannels(colourType)) + (transparency ? 1 : 0)) as 1 | 2 | 3 | 4;

/** Writes the pixels of a stored row into a picture, from value `to` on, `step` values from one pixel to the next. */
export type RowWriter = (line: Uint8Array, pixels: number, into: Uint8Array | Uint16Array, to: number, step: number) => void;

/** The value of a row's sample: sixteen bits from two bytes, or less than eight from a part of one. */
function sampleOf(bits: number): (line: Uint8Array, i: number) => number {
  if (bits === 16) return (line, i) => (line[2 * i] << 8) | line[2 * i + 1];
  if (bits === 8) return (line, i) => line[i];
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  return (line, i) => (line[(i / perByte) | 0] >> (8 - bits - bits * (i % perByte))) & mask;
}

function paletteRow({ palette = new Uint8Array(), transparency, bits }: PngHeader): RowWriter {
  const sample = sampleOf(bits);
  return (line, pixels, into, to, step) => {
    for (let x = 0; x < pixels; x++, to += step) {
      const index = sample(line, x);
      // An index that the palette doesn't have is black.
      for (let c = 0; c < 3; c++) into[to + c] = palette[3 * index + c] ?? 0;
      if (transparency) into[to + 3] = transparency[index] ?? 255;
    }
  };
}

/** How a file's rows become a picture's: 8 and 16 bits as they are, less than 8 scaled to 8, palettes looked up. */
export function rowWriter(header: PngHeader): RowWriter {
  const { bits, colourType, transparency } = header;
  if (colourType === 3) return paletteRow(header);
  const channels = storedChannels(colourType);
  const sample = sampleOf(bits);
  const top = bits === 16 ? 65535 : 255;
  const scale = bits < 8 ? 255 / ((1 << bits) - 1) : 1;
  const key = transparency && Array.from({ length: channels }, (_, c) => ((transparency[2 * c] << 8) | transparency[2 * c + 1]) & ((1 << bits) - 1));
  return (line, pixels, into, to, step) => {
    if (bits === 8 && !key && step === channels) {
      into.set(line.subarray(0, pixels * channels), to);
      return;
    }
    for (let x = 0, i = 0; x < pixels; x++, to += step) {
      let matches = 0;
      for (let c = 0; c < channels; c++) {
        const value = sample(line, i++);
        if (key && value === key[c]) matches++;
        into[to + c] = value * scale;
      }
      if (key) into[to + channels] = matches === channels ? 0 : top;
    }
  };
}
