import { joined } from './containers/bytes';

// Why no library: every platform has a stream that inflates. The short calls of fflate and pako return whatever the data comes to, up to a
// thousand times its size; here reading ends where it is more than was expected.

// A small piece of input can become a thousand times as much: a stream is fed no more than this at once, so that what it has
// ready beyond what was asked for stays bounded.
const PIECE = 16 * 1024;

/** The parts as a stream of small pieces, each a copy: a stream may take the memory it is given. */
function piecesOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  let part = 0;
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        while (part < parts.length && at >= parts[part].length) {
          part++;
          at = 0;
        }
        if (part === parts.length) return controller.close();
        controller.enqueue(new Uint8Array(parts[part].subarray(at, at + PIECE)));
        at += PIECE;
      },
    },
    { highWaterMark: 0 },
  );
}

/** What zlib data inflates to, piece by piece. */
export const inflating = (parts: readonly Uint8Array[]): ReadableStreamDefaultReader<Uint8Array> =>
  (piecesOf(parts).pipeThrough(new DecompressionStream('deflate')) as ReadableStream<Uint8Array>).getReader();

/** What zlib data inflates to, if that is no more than `most` bytes. */
export async function inflated(data: Uint8Array, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = inflating([data]);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
    length += value.length;
    if (length > most) {
      reader.cancel().catch(() => undefined);
      throw new RangeError(`expected at most ${most} bytes`);
    }
    pieces.push(value);
  }
  return joined(pieces);
}

/** The bytes as zlib data. */
export async function deflated(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}
