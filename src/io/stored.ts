import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PictureError } from '../errors';
import type { Picture, PictureMetadata } from '../picture';
import { type PlainLayout, plainTiffPixels, plainTiffStart } from './plain-tiff';
import type { FileBeside, FilesBeside } from './temporary';
import { valuesFor } from './values';

/** A part of a picture, the far edges not included. */
interface Rectangle {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A part of a row, the far end not included. */
interface Stretch {
  row: number;
  start: number;
  end: number;
}

// Rows are read and written so many at a time.
const AT_ONCE = 64;
// Rows with no more bytes than this between them are read together with these, so many bytes at a time: a call takes as long as copying some 100 kB.
const GAP = 2 ** 16;
const SPAN = 2 ** 20;
// Stretches are written at once up to so many bytes, a fraction of a millisecond, each counted for so many more.
const TURN = 2 ** 20;
const CALL = 2 ** 12;
// Bytes of a band of rows that are worked on together.
const BAND = 16 * 2 ** 20;

/** The bytes of a picture's values, where they lie. */
export const bytesOfValues = ({ buffer, byteOffset, byteLength }: Picture['data']): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/**
 * A picture whose pixels are in a file of its own, an uncompressed TIFF: read and written in parts, and given whole to sharp, which reads it
 * row by row. So what is in memory does not grow with the picture.
 */
export class StoredPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: Picture['channels'];
  readonly bits: 8 | 16;

  /** Bytes of stretches that were written since others had their turn, however many patches they are of. */
  private busy = 0;

  /** What the picture's file carried beside the pixels. */
  metadata: PictureMetadata = {};

  private constructor(
    private readonly files: FilesBeside,
    private readonly beside: FileBeside,
    layout: PlainLayout,
    /** Where in the file the pixels begin. */
    private readonly start: number,
  ) {
    this.width = layout.width;
    this.height = layout.height;
    this.channels = layout.channels;
    this.bits = layout.bits;
  }

  /**
   * Opens a TIFF that a decoder wrote.
   * @throws PictureError (`format`) where it is not as plain as asked for
   */
  static async opened(files: FilesBeside, beside: FileBeside, layout: PlainLayout): Promise<StoredPicture> {
    const read = async (offset: number, length: number) => {
      const { bytesRead, buffer } = await beside.file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    const start = await plainTiffPixels(read, layout);
    if (start === undefined) throw new PictureError('format', 'the decoder gave other pixels than it was asked for', { expected: layout });
    return new StoredPicture(files, beside, layout, start);
  }

  /** Begins a picture of which nothing is written yet. */
  static async created(files: FilesBeside, layout: PlainLayout): Promise<StoredPicture> {
    const beside = await files.create();
    const start = plainTiffStart(layout);
    await beside.file.write(start, 0, start.length, 0);
    return new StoredPicture(files, beside, layout, start.length);
  }

  /** What sharp is to be given. */
  get path(): string {
    return this.beside.path;
  }

  private get layout(): PlainLayout {
    const { width, height, channels, bits } = this;
    return { width, height, channels, bits };
  }

  private get pixelBytes(): number {
    return (this.channels * this.bits) / 8;
  }

  /** Bytes from a row to the next. */
  private get stride(): number {
    return this.width * this.pixelBytes;
  }

  /** Where in the file a pixel begins. */
  private placeOf(row: number, column: number): number {
    return this.start + row * this.stride + column * this.pixelBytes;
  }

  /** Calls for each row of a rectangle, of several at once, with the row's place in the file and in the rectangle's bytes. */
  private async eachRow({ top, left, bottom, right }: Rectangle, use: (at: number, from: number, length: number) => Promise<unknown>): Promise<void> {
    const length = (right - left) * this.pixelBytes;
    // Whole rows lie next to each other.
    if (length === this.stride) {
      await use(this.placeOf(top, 0), 0, length * (bottom - top));
      return;
    }
    for (let y = top; y < bottom; y += AT_ONCE) {
      const rows = Array.from({ length: Math.min(AT_ONCE, bottom - y) }, (_, n) => y + n);
      await Promise.all(rows.map((row) => use(this.placeOf(row, left), (row - top) * length, length)));
    }
  }

  /** The pixels of a rectangle. */
  async read(box: Rectangle): Promise<Picture> {
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    const data = valuesFor(width, height, this.channels, this.bits);
    const bytes = bytesOfValues(data);
    const between = (this.width - width) * this.pixelBytes;
    if (between > 0 && between <= GAP) await this.readSpans(box, bytes);
    else await this.eachRow(box, (at, from, length) => this.readBytes(bytes, from, length, at));
    return { width, height, channels: this.channels, data };
  }

  /** Reads a rectangle's rows with all that lies between them. */
  private async readSpans({ top, left, bottom, right }: Rectangle, into: Uint8Array): Promise<void> {
    const { stride } = this;
    const length = (right - left) * this.pixelBytes;
    const atOnce = Math.max(1, Math.min(bottom - top, Math.floor(SPAN / stride)));
    const span = new Uint8Array((atOnce - 1) * stride + length);
    for (let y = top; y < bottom; y += atOnce) {
      const rows = Math.min(atOnce, bottom - y);
      await this.readBytes(span, 0, (rows - 1) * stride + length, this.placeOf(y, left));
      for (let row = 0; row < rows; row++) into.set(span.subarray(row * stride, row * stride + length), (y - top + row) * length);
    }
  }

  private async readBytes(into: Uint8Array, from: number, length: number, at: number): Promise<void> {
    // One call reads 2 GB at the most.
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.beside.file.read(into, from + done, Math.min(length - done, 2 ** 30), at + done);
      if (bytesRead === 0) throw new PictureError('file-read', `${this.path} ends too soon`);
      done += bytesRead;
    }
  }

  /** Writes pixels of the picture's channels and bits; their first one at a row and column. */
  async write(top: number, left: number, { width, height, data }: Picture): Promise<void> {
    const bytes = bytesOfValues(data);
    await this.eachRow({ top, left, bottom: top + height, right: left + width }, async (at, from, length) => {
      for (let done = 0; done < length; ) {
        const { bytesWritten } = await this.beside.file.write(bytes, from + done, Math.min(length - done, 2 ** 30), at + done);
        done += bytesWritten;
      }
    });
  }

  /** Writes some of the pixels that {@link write} writes all of: stretches of their rows. */
  async writeStretches(top: number, left: number, { width, data }: Picture, stretches: readonly Stretch[]): Promise<void> {
    const bytes = bytesOfValues(data);
    for (const { row, start, end } of stretches) {
      const length = (end - start) * this.pixelBytes;
      const from = (row * width + start) * this.pixelBytes;
      const at = this.placeOf(top + row, left + start);
      // Not by promises: of a few bytes, to ask for one takes ten times as long as to write them.
      for (let done = 0; done < length; ) {
        const written = writeSync(this.beside.file.fd, bytes, from + done, length - done, at + done);
        if (written === 0) throw new PictureError('file-write', `${this.path} takes no more`);
        done += written;
      }
      this.busy += CALL + length;
      if (this.busy < TURN) continue;
      this.busy = 0;
      await nextTurn();
    }
  }

  /** The picture in bands of whole rows, of some megabytes each, from above. */
  async *bands(rows = Math.max(1, Math.floor(BAND / this.stride))): AsyncGenerator<{ top: number; band: Picture }> {
    for (let top = 0; top < this.height; top += rows) {
      yield { top, band: await this.read({ top, left: 0, bottom: Math.min(this.height, top + rows), right: this.width }) };
    }
  }

  /** A picture of the same size, made of this one's bands; this one is removed. */
  async mapped(other: Partial<PlainLayout>, map: (band: Picture) => Picture): Promise<StoredPicture> {
    const mapped = await this.another(other);
    for await (const { top, band } of this.bands()) await mapped.write(top, 0, map(band));
    await this.remove();
    return mapped;
  }

  /** Begins a picture beside this one that carries the same. */
  async another(other: Partial<PlainLayout>): Promise<StoredPicture> {
    const another = await StoredPicture.created(this.files, { ...this.layout, ...other });
    another.metadata = this.metadata;
    return another;
  }

  remove(): Promise<void> {
    return this.files.remove(this.path);
  }
}
