import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { joined } from '../../src/io/containers/bytes';
import { PNG_SIGNATURE, type PngHeader, pngChunk, pngHeader } from '../../src/io/containers/png';
import { readPicture } from '../../src/io/node';
import { decodePng } from '../../src/io/png/decode';
import { encodePng } from '../../src/io/png/encode';
import { expandedChannels } from '../../src/io/png/expand';
import { valuesFor } from '../../src/io/values';
import type { Picture } from '../../src/picture';
import { expectCode, expectSamePixels, noise, pipeline } from './support';

async function decoded(file: Uint8Array): Promise<Picture & { header: PngHeader }> {
  const header = await pngHeader(file);
  return { width: header.width, height: header.height, channels: expandedChannels(header), data: await decodePng(header), header };
}

interface Layout {
  width: number;
  height: number;
  bits: number;
  colourType: number;
  interlaced: boolean;
  extra?: Uint8Array[];
}

const STORED: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** A PNG of random stored bytes, put together here: rows of any length are valid, and each has another filter. */
function built({ width, height, bits, colourType, interlaced, extra = [] }: Layout, shorten = 0, lengthen = 0): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bits, colourType, 0, 0, interlaced ? 1 : 0], 8);
  const rows: Buffer[] = [];
  let state = width * 31 + height * 7 + bits * 3 + colourType;
  for (const [left, top, across, down] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
    const columns = Math.ceil((width - left) / across);
    const lines = Math.ceil((height - top) / down);
    if (columns <= 0 || lines <= 0) continue;
    for (let y = 0; y < lines; y++) {
      const row = Buffer.alloc(1 + Math.ceil((columns * STORED[colourType] * bits) / 8));
      for (let i = 0; i < row.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        row[i] = state >>> 24;
      }
      row[0] = y % 5;
      rows.push(row);
    }
  }
  const pixels = Buffer.concat([...rows, Buffer.alloc(lengthen)]);
  const compressed = deflateSync(pixels.subarray(0, pixels.length - shorten));
  const half = compressed.length >> 1;
  return joined([
    PNG_SIGNATURE,
    pngChunk('IHDR', head),
    ...extra,
    pngChunk('IDAT', compressed.subarray(0, half)),
    pngChunk('IDAT', new Uint8Array()),
    pngChunk('IDAT', compressed.subarray(half)),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

const palette = (colours: number) =>
  pngChunk(
    'PLTE',
    Uint8Array.from({ length: 3 * colours }, (_, i) => (i * 37 + 11) % 256),
  );

/** What libpng makes of it, in the channels that a Picture has. */
async function bySharp(file: Uint8Array, channels: number): Promise<ArrayLike<number>> {
  const { space, hasAlpha, depth } = await sharp(file).metadata();
  const grey = space === 'b-w' || space === 'grey16';
  const sixteen = depth === 'ushort';
  const { data, info } = await sharp(file, { ignoreIcc: true })
    .toColourspace(grey ? (sixteen || hasAlpha ? 'grey16' : 'b-w') : sixteen ? 'rgb16' : 'srgb')
    .raw({ depth: sixteen || (grey && hasAlpha) ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(channels);
  if (sixteen) return new Uint16Array(new Uint8Array(data).buffer);
  return grey && hasAlpha ? Uint8Array.from(new Uint16Array(new Uint8Array(data).buffer), (value) => value >> 8) : data;
}

describe("pixels are libpng's, to the bit", () => {
  const kinds: [number, number[]][] = [
    [0, [1, 2, 4, 8, 16]],
    [2, [8, 16]],
    [3, [1, 2, 4, 8]],
    [4, [8, 16]],
    [6, [8, 16]],
  ];
  for (const [colourType, depths] of kinds) {
    for (const bits of depths) {
      for (const interlaced of [false, true]) {
        it(`colour type ${colourType}, ${bits} bits${interlaced ? ', interlaced' : ''}`, async () => {
          const extra = colourType === 3 ? [palette(2 ** bits)] : [];
          for (const [width, height] of [
            [37, 23],
            [1, 1],
            [3, 9],
            [8, 8],
          ]) {
            const file = built({ width, height, bits, colourType, interlaced, extra });
            const read = await decoded(file);
            expectSamePixels(read.data, await bySharp(file, read.channels));
            expect([read.header.width, read.header.height, read.data instanceof Uint16Array]).toEqual([width, height, bits === 16]);
          }
        });
      }
    }
  }

  it('a transparent colour, and the palette’s alpha', async () => {
    for (const [bits, colourType, transparency] of [
      [1, 0, [0, 1]],
      [2, 0, [0, 2]],
      [4, 0, [0, 9]],
      [8, 0, [0, 77]],
      [3, 2, [0]],
      [2, 3, [0, 128, 255]],
      [4, 3, [9, 8, 7]],
      [8, 3, Array.from({ length: 200 }, (_, i) => i)],
    ] as [number, number, number[]][]) {
      if (colourType === 2) continue;
      const extra = [...(colourType === 3 ? [palette(2 ** bits)] : []), pngChunk('tRNS', Uint8Array.from(transparency))];
      const file = built({ width: 64, height: 40, bits, colourType, interlaced: bits === 4, extra });
      const read = await decoded(file);
      expect(read.header.alpha).toBe(true);
      expectSamePixels(read.data, await bySharp(file, read.channels));
      expect(new Set(read.data.filter((_, i) => i % read.channels === read.channels - 1)).size).toBeGreaterThan(1);
    }
  });

  it('a transparent RGB colour, of 8 and 16 bits', async () => {
    for (const bits of [8, 16] as const) {
      const picture = noise(9, 7, 3, bits);
      const at = 3 * 20;
      const key = Buffer.alloc(6);
      for (let c = 0; c < 3; c++) key.writeUInt16BE(picture.data[at + c], 2 * c);
      const parts = await encodePng(picture, {});
      const file = joined([parts[0], parts[1], pngChunk('tRNS', key), ...parts.slice(2)]);
      const read = await decoded(file);
      expect(read.channels).toBe(4);
      expectSamePixels(read.data, await bySharp(file, 4));
      expect([read.data[4 * 20 + 3], read.data[4 * 21 + 3]]).toEqual([0, bits === 8 ? 255 : 65535]);
    }
  });

  it('files of other encoders, with a profile, density, EXIF and XMP, read as readPicture() of Node reads them', async () => {
    for (const options of [{}, { palette: true }, { progressive: true }, { palette: true, progressive: true, colours: 7 }]) {
      const file = await pipeline(noise(50, 41, 4))
        .png(options)
        .withIccProfile('p3')
        .withExif({ IFD0: { Copyright: 'me' } })
        .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
        .withMetadata({ density: 300 })
        .toBuffer();
      const [ours, node] = [await decoded(file), await readPicture(file)];
      expectSamePixels(ours.data, node.data);
      const { icc, xmp, density, paletteBitDepth } = ours.header.metadata;
      expect([icc, xmp, density, paletteBitDepth]).toEqual([node.metadata?.icc, node.metadata?.xmp, node.metadata?.density, node.metadata?.paletteBitDepth]);
      expect(icc?.length).toBeGreaterThan(100);
      expect(Buffer.from(ours.header.metadata.exif ?? [])).toEqual(Buffer.from(node.metadata!.exif!.subarray(6)));
    }
  });
});

describe('what is written is read back, by libpng too', () => {
  for (const bits of [8, 16] as const) {
    for (const channels of [1, 2, 3, 4] as const) {
      it(`${channels} channels of ${bits} bits`, async () => {
        for (const [width, height] of [
          [37, 23],
          [1, 1],
          [1, 300],
          [3000, 2],
        ]) {
          const picture = noise(width, height, channels, bits);
          const file = joined(await encodePng(picture, {}));
          expectSamePixels((await decoded(file)).data, picture.data);
          expectSamePixels((await readPicture(file)).data, picture.data);
        }
      });
    }
  }

  it('metadata, and a view into larger memory', async () => {
    const large = noise(8, 6, 3);
    const picture: Picture = { width: 8, height: 5, channels: 3, data: new Uint8ClampedArray(large.data.buffer as ArrayBuffer, 24) };
    const cargo = { icc: Uint8Array.of(1, 2, 3, 4), exif: Buffer.from('MM\0*\0\0\0\x08\0\0\0\0\0\0', 'latin1'), xmp: Buffer.from('<x/>'), density: 240 };
    const read = await decoded(joined(await encodePng(picture, cargo)));
    expectSamePixels(read.data, large.data.subarray(24));
    const { icc, exif, xmp, density } = read.header.metadata;
    expect([icc, Buffer.from(exif!), Buffer.from(xmp!), density]).toEqual([cargo.icc, cargo.exif, cargo.xmp, 240]);
  });

  it('a smooth picture is no larger than libpng makes it, by more than a twentieth', async () => {
    const data = Uint8Array.from({ length: 300 * 200 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 700) + 20 * Math.cos(i / 91) + (i % 3) * 9 + ((i * i) % 5));
    const picture: Picture = { width: 300, height: 200, channels: 3, data };
    const theirs = await pipeline(picture).png({ adaptiveFiltering: true, compressionLevel: 6 }).toBuffer();
    expect(joined(await encodePng(picture, {})).length).toBeLessThan(1.05 * theirs.length);
  });
});

describe('files that lie', () => {
  const layout = { width: 64, height: 48, bits: 8, colourType: 2, interlaced: false };

  it('fewer pixels than claimed, or an empty stream: damaged', async () => {
    for (const shorten of [1, 64 * 3, 5000, 48 * (64 * 3 + 1)]) await expectCode(decoded(built(layout, shorten)), 'damaged');
    await expectCode(decoded(built({ ...layout, interlaced: true }, 1)), 'damaged');
  });

  it('a picture that its bytes can never fill is refused before there is memory taken for it', async () => {
    const header = await pngHeader(joined(await encodePng(noise(4, 4, 4, 16), {})));
    await expectCode(decodePng({ ...header, width: 2 ** 30, height: 2 ** 30 }), 'damaged');
    expect(() => valuesFor(2 ** 30, 2 ** 30, 4, 16)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
  });

  it('more pixels than claimed are not inflated: the stream is fed in small pieces', async () => {
    // Four thousand million zeros: a part that deflates well, flushed, over and over.
    const part = deflateRawSync(Buffer.alloc(10e6), { finishFlush: constants.Z_FULL_FLUSH });
    const head = built({ ...layout, colourType: 0 }).subarray(0, 33);
    const bomb = joined([head, pngChunk('IDAT', joined([Uint8Array.of(0x78, 0x9c), ...new Array(400).fill(part)])), pngChunk('IEND', new Uint8Array())]);
    const fed: number[] = [];
    const Real = DecompressionStream;
    class Watched {
      readonly writable: WritableStream;
      readonly readable: ReadableStream;
      constructor(format: CompressionFormat) {
        const watch = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
          transform(piece, controller) {
            fed.push(piece.length);
            controller.enqueue(new Uint8Array(piece));
          },
        });
        this.writable = watch.writable;
        this.readable = watch.readable.pipeThrough(new Real(format));
      }
    }
    vi.stubGlobal('DecompressionStream', Watched);
    const before = process.memoryUsage().arrayBuffers;
    try {
      expect((await decoded(bomb)).data.length).toBe(64 * 48);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(bomb.length).toBeGreaterThan(3e6);
    expect(Math.max(...fed)).toBeLessThanOrEqual(16 * 1024);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
  });

  it('a profile that inflates to gigabytes is left out', async () => {
    const bomb = pngChunk('iCCP', joined([Buffer.from('icc\0\0'), deflateSync(Buffer.alloc(200e6))]));
    const read = await decoded(built({ ...layout, extra: [bomb] }));
    expect(read.header.metadata.icc).toBeUndefined();
  });

  it('a wrong check sum: damaged where the pixels need the chunk, else the chunk is left out', async () => {
    const density = pngChunk('pHYs', Uint8Array.of(0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1));
    const file = built({ ...layout, extra: [density] });
    expect((await decoded(file)).header.metadata.density).toBe(300);
    const text = Buffer.from(file);
    for (const type of ['IHDR', 'IDAT', 'IEND']) {
      const broken = Uint8Array.from(file);
      const at = text.indexOf(type) + 4 + text.readUInt32BE(text.indexOf(type) - 4);
      broken[at] ^= 1;
      await expectCode(decoded(broken), 'damaged');
    }
    const broken = Uint8Array.from(file);
    broken[text.indexOf('pHYs') + 5] ^= 1;
    expect((await decoded(broken)).header.metadata.density).toBeUndefined();
  });

  it('headers that make no sense: damaged', async () => {
    for (const change of [{ bits: 3 }, { bits: 16, colourType: 3 }, { colourType: 5 }, { colourType: 3 }, { width: 0 }, { height: 0 }]) {
      const file = Buffer.from(built(layout));
      const { width, height, bits, colourType } = { ...layout, ...change };
      const head = Buffer.alloc(13);
      head.writeUInt32BE(width, 0);
      head.writeUInt32BE(height, 4);
      head.set([bits, colourType, 0, 0, 0], 8);
      await expectCode(decoded(joined([file.subarray(0, 8), pngChunk('IHDR', head), file.subarray(33)])), 'damaged');
    }
    const unknownFilter = Buffer.alloc(48 * 193, 7);
    const file = built(layout);
    await expectCode(decoded(joined([file.subarray(0, 33), pngChunk('IDAT', deflateSync(unknownFilter)), pngChunk('IEND', new Uint8Array())])), 'damaged');
  });
});
