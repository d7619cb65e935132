import { pauseFor } from '../../abort';
import { InpaintError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';
import { damaged } from '../containers/header';
import type { PngHeader } from '../containers/png';
import { inflating } from '../inflate';
import { valuesFor } from '../values';
import { expandedChannels, rowWriter, storedChannels } from './expand';
import { unfilter } from './unfilter';

// Why no library: of a PNG that says 1 x 1 pixel fast-png inflates all there is, 200 MB from 200 kB. Here nothing is inflated beyond the
// pixels that the header names. Browsers' own decoders give 8 bits, and by way of a canvas colours that were multiplied by alpha.

/** The passes of Adam7: first column and row, and the steps to the next. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

// Deflate says a run of 258 bytes in two bits at the shortest.
const MOST_BY_ONE = 1032;

const tooFew = () => damaged('the PNG has less pixels than its header says');

/** Takes bytes out of a stream in stretches of one's own length. */
function takingFrom(reader: ReadableStreamDefaultReader<Uint8Array>) {
  let piece = new Uint8Array();
  let at = 0;
  return {
    /** Copies what there is into the target from `from` on; returns how far it got. */
    take(target: Uint8Array, from: number): number {
      const part = piece.subarray(at, at + target.length - from);
      target.set(part, from);
      at += part.length;
      return from + part.length;
    },
    async more(): Promise<void> {
      const { done, value } = await reader.read();
      if (done) throw tooFew();
      piece = value as Uint8Array<ArrayBuffer>;
      at = 0;
    },
  };
}

/**
 * Decodes a PNG's pixels, exactly. They are inflated as they are needed, row by row: beside the picture there are two rows and a
 * few pieces of the stream, and what a file holds beyond the picture that its header claims is never inflated.
 *
 * @throws PictureError (`damaged`), MemoryError, AbortError
 */
export async function decodePng(header: PngHeader, signal?: AbortSignal): Promise<Uint8Array | Uint16Array> {
  const { width, height, bits, colourType, interlaced } = header;
  const channels = expandedChannels(header);
  const pixelBits = storedChannels(colourType) * bits;
  const stored = header.compressed.reduce((sum, { length }) => sum + length, 0);
  // A small file that claims a large picture is refused before there is memory taken for it.
  if (stored * MOST_BY_ONE < height * Math.ceil((width * pixelBits) / 8)) throw tooFew();
  const data = valuesFor(width, height, channels, bits);
  const write = rowWriter(header);
  const reader = inflating(header.compressed);
  const stream = takingFrom(reader);
  const pause = pauseFor(signal);
  try {
    for (const [left, top, across, down] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
      const pixels = Math.ceil((width - left) / across);
      if (pixels <= 0) continue;
      let line = new Uint8Array(1 + Math.ceil((pixels * pixelBits) / 8));
      let above = new Uint8Array(line.length);
      for (let y = top; y < height; y += down) {
        for (let got = stream.take(line, 0); got < line.length; got = stream.take(line, got)) {
          await stream.more();
          await pause();
        }
        if (!unfilter(line[0], line.subarray(1), above.subarray(1), Math.max(1, pixelBits >> 3))) throw damaged('a PNG row has an unknown filter');
        write(line.subarray(1), pixels, data, (y * width + left) * channels, across * channels);
        [line, above] = [above, line];
      }
    }
  } catch (cause) {
    throwIfOutOfMemory(cause, "the PNG can't be decoded");
    throw cause instanceof InpaintError ? cause : damaged("the PNG's pixels can't be inflated", cause);
  } finally {
    reader.cancel().catch(() => undefined);
  }
  return data;
}
