// Why no library: the small ones want the whole archive in memory. Here it is read as it comes, and no further than the file that is wanted.

import { SIZE_LIMIT } from './download';

const BLOCK = 512;

/** The text of a header's field: up to its first zero. */
const textOf = (header: Uint8Array, from: number, length: number): string =>
  new TextDecoder().decode(header.subarray(from, from + length)).replace(/\0.*$/s, '');

/** Bytes of a stream by the number that is asked for, however they arrive. */
class Bytes {
  #chunk: Uint8Array = new Uint8Array(0);
  #come = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #limit: number;

  constructor(stream: ReadableStream<Uint8Array>, limit: number) {
    this.#reader = stream.getReader();
    this.#limit = limit;
  }

  /** The next bytes, as many as have come and at most so many. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error('the archive ends too soon');
      this.#chunk = value;
      this.#come += value.length;
      if (this.#come > this.#limit) throw new Error(`the archive holds more than ${this.#limit} bytes`);
    }
    const bytes = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(bytes.length);
    return bytes;
  }

  /** Goes through exactly so many bytes. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const bytes = await this.some(left);
      left -= bytes.length;
      yield bytes;
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function* contentOf(bytes: Bytes, path: string): AsyncGenerator<Uint8Array> {
  while (true) {
    const header = new Uint8Array(BLOCK);
    let at = 0;
    for await (const piece of bytes.pieces(BLOCK)) {
      header.set(piece, at);
      at += piece.length;
    }
    // A block of zeros ends an archive.
    if (header.every((byte) => byte === 0)) throw new Error(`the archive holds no ${path}`);
    const digits = textOf(header, 124, 12).trim();
    if (!/^[0-7]+$/.test(digits)) throw new Error('this is no tar archive');
    const length = Number.parseInt(digits, 8);
    const folder = textOf(header, 345, 155);
    const name = textOf(header, 0, 100);
    if ((folder ? `${folder}/${name}` : name) === path) return yield* bytes.pieces(length);
    for await (const _ of bytes.pieces(Math.ceil(length / BLOCK) * BLOCK));
  }
}

/**
 * The content of one file of a gzipped tar archive. The archive is cancelled when the file has been read, or can't be.
 * The stream fails where the archive is none, ends too soon, or lacks the file.
 * @param limit how many bytes are unpacked at the most: files that come before the wanted one might have no end
 */
export function tarMember(archive: ReadableStream<Uint8Array>, path: string, limit = SIZE_LIMIT): ReadableStream<Uint8Array<ArrayBuffer>> {
  const unzip = new DecompressionStream('gzip') as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  const bytes = new Bytes(archive.pipeThrough(unzip), limit);
  const content = contentOf(bytes, path);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await content.next();
        if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        // A stream that has failed is not cancelled by whoever reads it.
        await bytes.cancel().catch(() => undefined);
        throw error;
      }
      controller.close();
      await bytes.cancel();
    },
    cancel: () => bytes.cancel(),
  });
}
