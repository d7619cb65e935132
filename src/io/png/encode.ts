import { pauseFor } from '../../abort';
import type { Picture } from '../../picture';
import type { Cargo } from '../containers/header';
import { PNG_SIGNATURE, pngCargo, pngChunk, pngStart } from '../containers/png';
import { deflated } from '../inflate';
import { filterRow } from './filter';

// Why no library: fast-png and pngjs write no ICC profile and no EXIF block. Here rows are filtered as the platform's deflate takes them,
// so that no second copy of the picture is made.

const BATCH = 256 * 1024;

/** The picture's rows, filtered, each with its filter's number in front, several to a piece. */
function* filteredRows({ width, height, channels, data }: Picture): Generator<Uint8Array<ArrayBuffer>> {
  const sixteen = data instanceof Uint16Array;
  const bytes = width * channels * (sixteen ? 2 : 1);
  const perBatch = Math.min(height, Math.max(1, Math.floor(BATCH / bytes)));
  const versions = Array.from({ length: 5 }, () => new Uint8Array(bytes));
  const swapped = [new Uint8Array(sixteen ? bytes : 0), new Uint8Array(sixteen ? bytes : 0)];
  /** A row's bytes, the high one of sixteen bits first. */
  const row = (y: number): Uint8Array => {
    if (!sixteen) return new Uint8Array(data.buffer, data.byteOffset + y * bytes, bytes);
    const line = swapped[y % 2];
    for (let i = 0, from = y * width * channels; i < bytes; i += 2, from++) {
      line[i] = data[from] >> 8;
      line[i + 1] = data[from];
    }
    return line;
  };
  let above: Uint8Array = new Uint8Array(bytes);
  for (let top = 0; top < height; top += perBatch) {
    const rows = Math.min(perBatch, height - top);
    const batch = new Uint8Array(rows * (bytes + 1));
    for (let y = 0, to = 0; y < rows; y++, to += bytes + 1) {
      const line = row(top + y);
      const filter = filterRow(line, above, channels * (sixteen ? 2 : 1), versions);
      batch[to] = filter;
      batch.set(versions[filter], to + 1);
      above = line;
    }
    yield batch;
  }
}

/**
 * Encodes a picture as PNG, without loss, with its metadata, deflated by the platform as the rows are filtered.
 *
 * @returns the file in parts
 * @throws AbortError
 */
export async function encodePng(picture: Picture, cargo: Cargo, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>[]> {
  const { width, height, channels, data } = picture;
  const icc = cargo.icc ? await deflated(cargo.icc) : undefined;
  const parts = [PNG_SIGNATURE, pngStart(width, height, channels, data instanceof Uint16Array ? 16 : 8), ...pngCargo({ ...cargo, icc })];
  const stream = new CompressionStream('deflate');
  const writer = stream.writable.getWriter();
  const pause = pauseFor(signal);
  const feed = async () => {
    for (const batch of filteredRows(picture)) {
      await pause();
      await writer.write(batch);
    }
    await writer.close();
  };
  const feeding = feed().catch(async (reason) => {
    await writer.abort(reason);
    throw reason;
  });
  // A failure is reported below, once the reader has seen it too.
  feeding.catch(() => undefined);
  const reader = (stream.readable as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  try {
    for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) parts.push(pngChunk('IDAT', value));
  } finally {
    await feeding;
  }
  return [...parts, pngChunk('IEND', new Uint8Array())];
}
