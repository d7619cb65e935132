import { fc, test } from '@fast-check/vitest';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { joined } from '../../src/io/containers/bytes';
import {
  exifOfDensity,
  exifOfTiff,
  fittedExif,
  tiffTags,
  tiffWith,
  tiffWithExif,
  withExifPrefix,
  withoutExifPrefix,
  withoutThumbnail,
} from '../../src/io/exif';
import { encodePicture } from '../../src/io/node';
import { ascii, type Entry, tiffOf, valuesOf } from './exif-block';
import { noise, pipeline } from './support';

const short = (little: boolean, ...values: number[]) => {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => {
    if (little) bytes.writeUInt16LE(value, 2 * i);
    else bytes.writeUInt16BE(value, 2 * i);
  });
  return bytes;
};
const long = (little: boolean, ...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    if (little) bytes.writeUInt32LE(value, 4 * i);
    else bytes.writeUInt32BE(value, 4 * i);
  });
  return bytes;
};
const JPEG = await pipeline(noise(16, 12, 3))
  .jpeg()
  .toBuffer();
const NOTE = Buffer.from('Maker\0 note with offsets of its own');

/** A camera's block: two directories, a maker's note, a place, a thumbnail at the end. */
function camera(
  little: boolean,
  { note = NOTE as Buffer, comment = 'a comment', thumbnail = JPEG as Buffer | null, gap = 0, more = [] as Entry[] } = {},
): Buffer {
  const interoperability: Entry[] = [ascii(1, 'R98')];
  const exif: Entry[] = [
    [0x829a, 5, 1, long(little, 1, 250)],
    [0x927c, 7, note.length, note],
    [0x9286, 7, comment.length, Buffer.from(comment)],
    [0xa005, 4, 1, interoperability],
  ];
  const gps: Entry[] = [[2, 5, 3, long(little, 47, 1, 22, 1, 5, 2)]];
  const first: Entry[] = [
    ascii(0x010f, 'Maker'),
    [0x0112, 3, 1, short(little, 6)],
    [0x011a, 5, 1, long(little, 300, 1)],
    [0x8769, 4, 1, exif],
    [0x8825, 4, 1, gps],
    ...more,
  ];
  const second: Entry[] = [
    [0x0103, 3, 1, short(little, 6)],
    [0x0201, 4, 1, { image: thumbnail ?? Buffer.alloc(0) }],
    [0x0202, 4, 1, long(little, thumbnail?.length ?? 0)],
  ];
  return tiffOf(little, thumbnail ? [first, second] : [first], gap);
}
const prefixed = (tiff: Uint8Array) => withExifPrefix(tiff);
const withoutNext = (values: Record<string, string>) => Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('next/')));
const noteOffset = (block: Uint8Array, note = NOTE) => Buffer.from(withoutExifPrefix(block)).indexOf(note);
const readerOf = (file: Uint8Array) => async (offset: number, length: number) => file.subarray(offset, offset + length);

for (const little of [true, false]) {
  describe(`a block in ${little ? 'little' : 'big'} endian order`, () => {
    it('loses its thumbnail from the end, and nothing else changes but the link to it', () => {
      const tiff = camera(little);
      for (const block of [tiff, prefixed(tiff)]) {
        const cut = withoutThumbnail(block);
        expect(cut.length).toBe(block.length - JPEG.length);
        expect(valuesOf(cut)).toEqual(withoutNext(valuesOf(block)));
        let changed = 0;
        for (let i = 0; i < cut.length; i++) if (cut[i] !== block[i]) changed++;
        expect(changed).toBeLessThanOrEqual(4);
      }
    });

    it('a thumbnail in the middle gives way to zeros, offsets stay', () => {
      const tiff = joined([camera(little), Buffer.from('what comes after')]);
      const cut = withoutThumbnail(tiff);
      const at = Buffer.from(tiff).indexOf(JPEG);
      expect(cut.length).toBe(tiff.length);
      expect(cut.subarray(at, at + JPEG.length).every((byte) => byte === 0)).toBe(true);
      expect(Buffer.from(cut).subarray(-16).toString()).toBe('what comes after');
    });

    it('a block without a picture comes back itself, and so does what is none', () => {
      for (const block of [camera(little, { thumbnail: null }), Buffer.from('no block at all'), Buffer.alloc(0)])
        expect(withoutThumbnail(block) === block).toBe(true);
    });

    it('previews in the maker’s note, in the first directory and below it go', () => {
      const note = Buffer.concat([Buffer.from('Maker\0\0\0'), JPEG, Buffer.from('after')]);
      const sub: Entry[] = [
        [0x0201, 4, 1, { image: JPEG }],
        [0x0202, 4, 1, long(little, JPEG.length)],
      ];
      const more: Entry[] = [
        [0x0201, 4, 1, { image: JPEG }],
        [0x0202, 4, 1, long(little, JPEG.length)],
        [0x014a, 4, 1, sub],
      ];
      const block = camera(little, { note, more });
      const first = Buffer.from(block).indexOf(JPEG);
      expect(first).toBeGreaterThan(0);
      const cut = withoutThumbnail(block);
      expect(Buffer.from(cut).includes(JPEG.subarray(20, 60))).toBe(false);
      const { '8769/927c': left, ...others } = valuesOf(cut);
      expect(left).toBe(Buffer.concat([Buffer.from('Maker\0\0\0'), Buffer.alloc(JPEG.length), Buffer.from('after')]).toString('hex'));
      const { '8769/927c': _, ...before } = withoutNext(valuesOf(camera(little)));
      expect(others).toEqual(before);
    });

    it('a thumbnail that claims to be where values are overwrites none of them', () => {
      const block = camera(little);
      // The offset of the thumbnail: the value of the only entry of the tag 0x0201.
      const at = Buffer.from(block).indexOf(Buffer.concat([short(little, 0x0201), short(little, 4)])) + 8;
      long(little, 0).copy(block, at);
      long(little, 0xffffff).copy(block, at + 12);
      const kept = withoutThumbnail(block);
      const { '8769/927c': _, ...values } = valuesOf(kept);
      const { '8769/927c': __, ...before } = withoutNext(valuesOf(camera(little)));
      expect(values).toEqual(before);
    });

    it('what fits comes back itself; else the thumbnail goes first, then the note, then the largest values', () => {
      const block = prefixed(camera(little, { comment: 'c'.repeat(500), note: Buffer.alloc(900, 'N') }));
      const all = valuesOf(block);
      expect(fittedExif(block, block.length)).toEqual({ exif: block, dropped: [] });
      const fits = (most: number) => {
        const fitted = fittedExif(block, most)!;
        expect(fitted.exif.length).toBeLessThanOrEqual(most);
        expect(Buffer.from(fitted.exif.subarray(0, 6)).toString()).toBe('Exif\0\0');
        for (const [name, value] of Object.entries(valuesOf(fitted.exif))) expect(value).toBe(all[name]);
        return { ...fitted, names: Object.keys(valuesOf(fitted.exif)) };
      };
      const one = fits(block.length - 1);
      expect(one.dropped).toEqual(['thumbnail']);
      expect(one.names).toEqual(Object.keys(withoutNext(all)));
      expect(noteOffset(one.exif, Buffer.alloc(900, 'N'))).toBe(noteOffset(block, Buffer.alloc(900, 'N')));
      expect(fits(1000).dropped).toEqual(['thumbnail', 'maker note']);
      const three = fits(450);
      expect(three.dropped).toEqual(['thumbnail', 'maker note', 'UserComment']);
      expect(three.names).toEqual(Object.keys(withoutNext(all)).filter((name) => !/927c|9286/.test(name)));
      expect(fittedExif(block, 20)).toBeUndefined();
    });

    it('where one value is too long, thumbnail and note stay', () => {
      const fitted = fittedExif(camera(little, { comment: 'c'.repeat(70_000) }), 65_527)!;
      expect(fitted.dropped).toEqual(['UserComment']);
      const { '8769/9286': _, ...values } = valuesOf(camera(little));
      expect(valuesOf(fitted.exif)).toEqual(values);
      expect(noteOffset(fitted.exif)).toBe(noteOffset(camera(little)));
    });

    it('a note that can’t keep its offset goes, one that counts from its own start is moved', () => {
      const more: Entry[] = [];
      const far = (note: Buffer) => camera(little, { note, gap: 3000, more });
      expect(fittedExif(far(NOTE), 4000)!.dropped).toEqual(['maker note']);
      const own = Buffer.from('Apple iOS\0\0\x01MM\0\x01 and its entries');
      const moved = fittedExif(far(own), 4000)!;
      expect(moved.dropped).toEqual([]);
      expect(valuesOf(moved.exif)['8769/927c']).toBe(own.toString('hex'));
    });

    it('an unknown tag that goes is named by its number', () => {
      const more: Entry[] = [[0x9999, 7, 5000, Buffer.alloc(5000, 1)]];
      expect(fittedExif(camera(little, { thumbnail: null, note: Buffer.from('Nikon\0\x02'), more }), 1000)!.dropped).toEqual(['tag 0x9999']);
    });

    for (const other of [true, false]) {
      it(`goes into a TIFF in ${other ? 'little' : 'big'} endian order and comes out of it`, async () => {
        const picture = noise(40, 30, 3);
        let file: Uint8Array = await pipeline(picture).tiff({ compression: 'lzw' }).toBuffer();
        // A TIFF in big endian order, by hand: one strip without compression.
        if (!other) {
          const head: Entry[] = [
            [0x0100, 3, 1, short(false, 40)],
            [0x0101, 3, 1, short(false, 30)],
            [0x0102, 3, 3, short(false, 8, 8, 8)],
            [0x0103, 3, 1, short(false, 1)],
            [0x0106, 3, 1, short(false, 2)],
            [0x0111, 4, 1, { image: Buffer.from(picture.data) }],
            [0x0115, 3, 1, short(false, 3)],
            [0x0116, 3, 1, short(false, 30)],
            [0x0117, 4, 1, long(false, 40 * 30 * 3)],
          ];
          file = tiffOf(false, [head]);
        }
        const dropped: string[] = [];
        const own = Buffer.from('Apple iOS\0\0\x01MM\0\x01 and its entries');
        const block = camera(little, { note: own, more: [[0x9999, 7, 5, Buffer.alloc(5)]] });
        const carrying = joined(tiffWithExif(file, prefixed(block), (name) => dropped.push(name)));
        expect(dropped.sort()).toEqual(['tag 0x9999', 'thumbnail']);
        expect(Buffer.compare(await sharp(carrying).raw().toBuffer(), await sharp(file).raw().toBuffer())).toBe(0);
        expect((await sharp(carrying).metadata()).orientation).toBe(6);
        expect(Buffer.compare(carrying.subarray(8, file.length), file.subarray(8))).toBe(0);
        const { 9999: _, '11a': __, ...expected } = withoutNext(valuesOf(block));
        const back = await exifOfTiff(readerOf(carrying));
        const { '11a': ___, '11b': ____, 128: _____, ...values } = valuesOf(back!);
        expect(values).toEqual(expected);
      });
    }
  });
}

describe('TIFF', () => {
  const file = async () =>
    new Uint8Array(
      await pipeline(noise(20, 10, 3))
        .tiff()
        .toBuffer(),
    );

  it('a plain one holds no block, and what is no TIFF does not either', async () => {
    expect(await exifOfTiff(readerOf(await file()))).toBeUndefined();
    expect(await exifOfTiff(readerOf(Buffer.from('II*\0')))).toBeUndefined();
    expect(await exifOfTiff(readerOf(JPEG))).toBeUndefined();
  });

  it('text in UTF-16 is put into the other byte order', async () => {
    const block = camera(false, { comment: 'UNICODE\0\0a\0b' });
    const back = await exifOfTiff(readerOf(joined(tiffWithExif(await file(), block))));
    expect(Buffer.from(valuesOf(back!)['8769/9286'], 'hex').toString('latin1')).toBe('UNICODE\0a\0b\0');
  });

  it('a note with offsets of another file goes, and is named', async () => {
    const dropped: string[] = [];
    const carrying = joined(tiffWithExif(await file(), camera(true, { thumbnail: null }), (name) => dropped.push(name)));
    expect(dropped).toEqual(['maker note']);
    // A camera's own TIFF, its note within what a block can be: there it keeps its offset.
    const raw = camera(true, { thumbnail: null });
    expect(noteOffset((await exifOfTiff(readerOf(raw)))!)).toBe(noteOffset(raw));
    const far = camera(true, { thumbnail: null, gap: 70_000 });
    const names: string[] = [];
    expect(valuesOf((await exifOfTiff(readerOf(far), (name) => names.push(name)))!)['8769/927c']).toBeUndefined();
    expect(names).toEqual(['maker note']);
    expect(carrying.length).toBeGreaterThan(0);
  });

  it('tags of bytes go in and come out, IPTC in whole LONGs', async () => {
    const [resources, iptc, profile] = [Buffer.from('8BIM resources'), Buffer.from('\x1c\x02\x19\0\x05words'), Buffer.alloc(200, 7)];
    const tags: [number, Uint8Array][] = [
      [34377, resources],
      [33723, iptc],
      [34675, profile],
    ];
    const before = await file();
    const carrying = joined(tiffWith(before, { tags }));
    const found = await tiffTags(readerOf(carrying), [33723, 34377, 34675, 700]);
    expect([...found.keys()]).toEqual([33723, 34377, 34675]);
    expect(Buffer.from(found.get(34377)!)).toEqual(resources);
    expect(Buffer.from(found.get(33723)!)).toEqual(Buffer.concat([iptc, Buffer.alloc(2)]));
    const metadata = await sharp(carrying).metadata();
    expect(metadata.tifftagPhotoshop).toEqual(resources);
    expect(Buffer.from(metadata.iptc!)).toEqual(Buffer.concat([iptc, Buffer.alloc(2)]));
    expect(await exifOfTiff(readerOf(carrying))).toBeUndefined();
    expect(tiffWith(before, {})).toEqual([before]);
  });

  it('BigTIFF is read, and comes back as it is', async () => {
    const big = new Uint8Array(
      await pipeline(noise(20, 10, 3))
        .tiff({ bigtiff: true })
        .toBuffer(),
    );
    expect(big[2]).toBe(43);
    expect(tiffWithExif(big, camera(true))).toEqual([big]);
    const artist = Buffer.alloc(16 + 8 + 20 + 8);
    artist.write('II+\0\x08\0\0\0\x10', 'latin1');
    artist.writeUInt16LE(1, 16);
    artist.writeUInt16LE(0x013b, 24);
    artist.writeUInt16LE(2, 26);
    artist.writeUInt32LE(6, 28);
    artist.write('A. B.\0', 36, 'latin1');
    expect(valuesOf((await exifOfTiff(readerOf(artist)))!)).toEqual({ '13b': Buffer.from('A. B.\0').toString('hex') });
  });
});

describe('a block that holds a density', () => {
  it('says it in both directions, in pixels per inch', () => {
    expect(valuesOf(exifOfDensity(300))).toEqual({ '11a': '300000,1000', '11b': '300000,1000', 128: '2' });
    expect(valuesOf(exifOfDensity(72.009))).toEqual({ '11a': '72009,1000', '11b': '72009,1000', 128: '2' });
  });

  it('is what others find in a WebP', async () => {
    for (const density of [300, 96]) {
      const file = await encodePicture({ ...noise(20, 10, 3), metadata: { density } }, { format: 'webp' });
      const { exif } = await sharp(file).metadata();
      expect(valuesOf(exif!)).toEqual({ '11a': `${density * 1000},1000`, '11b': `${density * 1000},1000`, 128: '2' });
      // libvips looks for a density in the EXIF of JPEGs only; 72 stands for none.
      const block = prefixed(exif!);
      const jpeg = Buffer.concat([JPEG.subarray(0, 2), Buffer.from([0xff, 0xe1]), short(false, block.length + 2), block, JPEG.subarray(2)]);
      expect((await sharp(jpeg).metadata()).density).toBe(density);
    }
  });
});

describe('hostile blocks', () => {
  const tryAll = async (block: Uint8Array) => {
    const before = new Uint8Array(block);
    withoutThumbnail(block);
    fittedExif(block, 60);
    fittedExif(block, 2);
    await exifOfTiff(readerOf(block));
    await tiffTags(readerOf(block), [700, 0x8769]);
    tiffWithExif(block, block);
    expect(Buffer.compare(block, before)).toBe(0);
  };

  it('directories that lead to one another end', async () => {
    for (const little of [true, false]) {
      for (const tag of [0x8769, 0x014a]) {
        const block = tiffOf(little, [[[tag, 4, 1, long(little, 8)]], []]);
        long(little, 8).copy(block, 8 + 2 + 12);
        await tryAll(block);
        const cut = withoutThumbnail(block);
        expect([...cut.subarray(8 + 2, 8 + 14 + 4)].slice(-4)).toEqual([0, 0, 0, 0]);
      }
    }
  });

  it('counts and offsets beyond the end are passed over', async () => {
    const block = tiffOf(true, [
      [ascii(0x010f, 'kept value'), [0x010e, 2, 0xffffffff, long(true, 8)], [0x0110, 2, 9, long(true, 0xfffffff0)], [0x0131, 99, 1, long(true, 1)]],
    ]);
    await tryAll(block);
    expect(Object.keys(valuesOf((await exifOfTiff(readerOf(block)))!))).toEqual(['10f']);
  });

  it('as many pictures in one place as fit take no longer than one', () => {
    const count = 60_000;
    const strips: Entry[] = [
      [0x0111, 4, count, Buffer.alloc(4 * count, 1)],
      [0x0117, 4, count, Buffer.alloc(4 * count, 1)],
    ];
    const block = tiffOf(true, [[ascii(0x010f, 'kept value')], strips]);
    expect(valuesOf(withoutThumbnail(block))).toEqual({ '10f': Buffer.from('kept value\0').toString('hex') });
    // The start of a JPEG everywhere, none of which is one.
    const starts = Buffer.concat([tiffOf(true, [[ascii(0x010f, 'kept value')]]), Buffer.alloc(6e6, Buffer.from('ffe00004ffd8', 'hex'))]);
    expect(withoutThumbnail(starts) === starts).toBe(true);
  });

  /** By how many bytes the process's memory rises above all that it has had so far. */
  const rise = (work: () => void): number => {
    const before = process.resourceUsage().maxRSS;
    work();
    return 1024 * (process.resourceUsage().maxRSS - before);
  };

  it('a block whose fields share one value is not laid out anew, a value for each: it goes, and is named', async () => {
    const same = Array.from({ length: 4000 }, (): Entry => [0x9999, 7, 1, Buffer.alloc(4)]);
    const shared = Buffer.concat([tiffOf(false, [[[0x8769, 4, 1, same]]]), Buffer.alloc(100_000, 1)]);
    for (let i = 0; i < 4000; i++) long(false, 100_000, shared.length - 100_000).copy(shared, 8 + 18 + 2 + 12 * i + 4);
    expect(rise(() => expect(fittedExif(shared, 65_527)).toBeUndefined())).toBeLessThan(100 * 2 ** 20);
    const file = new Uint8Array(
      await pipeline(noise(20, 10, 3))
        .tiff()
        .toBuffer(),
    );
    const dropped: string[] = [];
    expect(joined(tiffWithExif(file, shared, (name) => dropped.push(name))).length).toBe(file.length);
    expect(dropped).toEqual([`the EXIF (${shared.length} bytes that can't be read)`]);
  });

  it('two resolutions in one place are no reason to call a block unreadable', () => {
    const both = tiffOf(false, [[[0x011a, 5, 1, long(false, 300, 1)], [0x011b, 5, 1, Buffer.alloc(4)], ascii(0x010f, 'Maker')].sort() as Entry[]]);
    const [maker, x, y] = [0, 1, 2].map((i) => 8 + 2 + 12 * i + 8);
    expect(both.readUInt16BE(maker - 8)).toBe(0x010f);
    both.copy(both, y, x, x + 4);
    const { exif, dropped } = fittedExif(Buffer.concat([both, Buffer.alloc(70_000)]), 65_527)!;
    expect(valuesOf(exif)).toEqual(valuesOf(both));
    expect(valuesOf(exif)).toMatchObject({ '11a': '300,1', '11b': '300,1' });
    expect(dropped).toEqual([]);
  });

  it('directories that overlap are not read without end', async () => {
    // One of 20,000 entries, of which 31 point to directories that begin inside it and are nearly as long: the values are their counts.
    const block = Buffer.alloc(8 + 2 + 12 * 20_000);
    block.write('MM\0*\0\0\0\x08', 'latin1');
    block.writeUInt16BE(20_000, 8);
    for (let i = 0; i < 20_000; i++) {
      const entry = 10 + 12 * i;
      Buffer.concat([short(false, i < 31 ? 0x8769 : 0x9999, 4), long(false, 1, i < 31 ? 8 + 12 * (64 + i) : 20_000)]).copy(block, entry);
    }
    expect(fittedExif(block, 100)).toBeUndefined();
    const names: string[] = [];
    await exifOfTiff(readerOf(block), (name) => names.push(name));
    expect(names).toEqual(['the rest of an EXIF that is too large', 'tag 0x9999']);
    // Where not all is read, a picture may be anywhere: nothing stays but what is read.
    const hidden = Buffer.concat([block, Buffer.alloc(2000), Buffer.from('a picture')]);
    expect(Buffer.from(withoutThumbnail(hidden)).includes('a picture')).toBe(false);
  });

  /** A block of directories of strips, all with the same offsets and no lengths. */
  const strips = (offsets: Uint32Array, directories = 1, last: Entry[] = []) => {
    const directory = (at: number): Entry[] => [[0x0111, 4, offsets.length, long(false, at)]];
    const of = (at: number) => tiffOf(false, [[ascii(0x010f, 'kept value')], ...Array.from({ length: directories }, () => directory(at)), last]);
    const at = of(0).length;
    return Buffer.concat([of(at), Buffer.from(offsets.buffer).swap32()]);
  };

  it('two million strips take memory in proportion to the block', () => {
    const block = strips(Uint32Array.from({ length: 2_000_000 }, (_, i) => 300 + 4 * i));
    let cut = block as Uint8Array;
    const bytes = rise(() => {
      cut = withoutThumbnail(block);
    });
    expect(bytes).toBeLessThan(25 * block.length);
    expect(valuesOf(cut)).toEqual({ '10f': Buffer.from('kept value\0').toString('hex') });
    expect(cut.length).toBeLessThan(400);
  });

  it('directories that share their strips to have more than the block holds lose all pictures at once', () => {
    // The last of them alone points to the picture; its numbers are no longer looked at.
    const last: Entry[] = [
      [0x0201, 4, 1, { image: Buffer.from('a picture') }],
      [0x0202, 4, 1, long(false, 9)],
    ];
    const block = strips(new Uint32Array(10_000).fill(0xffffff), 28, last);
    const read = vi.spyOn(DataView.prototype, 'getUint32');
    const cut = withoutThumbnail(block);
    const numbers = read.mock.calls.length;
    read.mockRestore();
    expect(numbers).toBeLessThan(11_000);
    expect(Buffer.from(cut).includes('a picture')).toBe(false);
    expect(valuesOf(cut)).toEqual({ '10f': Buffer.from('kept value\0').toString('hex') });
  });

  it('entries are taken out by moving each of those behind them once', () => {
    const count = 60_000;
    const block = Buffer.alloc(8 + 6 + 12 * (count + 1));
    block.write('MM\0*\0\0\0\x08', 'latin1');
    block.writeUInt16BE(count + 1, 8);
    for (let i = 0; i < count; i++) Buffer.concat([short(false, 0x0201, 4), long(false, 1, 8)]).copy(block, 10 + 12 * i);
    Buffer.concat([short(false, 0x9999, 4), long(false, 1, 5)]).copy(block, 10 + 12 * count);
    const move = vi.spyOn(Uint8Array.prototype, 'copyWithin');
    const cut = withoutThumbnail(block);
    const moved = move.mock.calls.reduce((sum, [, from, to]) => sum + to! - from, 0);
    move.mockRestore();
    expect(moved).toBeLessThanOrEqual(block.length);
    expect(valuesOf(cut)).toEqual({ 9999: '5' });
  });

  it('a preview with as many segments as it likes goes whole', () => {
    const comments = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from('fffe0006636f6d6d', 'hex')));
    const preview = Buffer.concat([JPEG.subarray(0, 2), comments, JPEG.subarray(2)]);
    const after = Buffer.from('what comes after');
    // Many beginnings that lead into one chain of segments, which leads to no scan: it says nothing of the JPEG behind.
    const note = Buffer.concat([Buffer.from('Maker'), Buffer.from('ffd8ffd8ffd8ffe00004', 'hex'), comments, Buffer.from('.'), preview, after]);
    const left = Buffer.from(withoutThumbnail(camera(false, { note, thumbnail: null })));
    expect(left.includes(JPEG.subarray(20, 60))).toBe(false);
    expect(left.includes(comments)).toBe(true);
    expect(left.indexOf(after)).toBe(Buffer.from(camera(false, { note, thumbnail: null })).indexOf(after));
  });

  const start = fc.constantFrom('II*\0\x08\0\0\0', 'MM\0*\0\0\0\x08', 'II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0', 'Exif\0\0MM\0*\0\0\0\x08');
  test.prop([start, fc.uint8Array({ maxLength: 300 })])('random bytes do no harm', async (head, bytes) => {
    await tryAll(joined([Buffer.from(head, 'latin1'), bytes]));
  });

  test.prop([fc.boolean(), fc.array(fc.tuple(fc.nat(420), fc.nat(255)), { maxLength: 8 })])('a block with wrong bytes does no harm', async (little, wrong) => {
    const block = camera(little, { thumbnail: JPEG.subarray(0, 100) });
    for (const [at, byte] of wrong) block[at % block.length] = byte;
    await tryAll(block);
  });

  test.prop([fc.boolean(), fc.integer({ min: 0, max: 1200 }), fc.nat(600), fc.nat(600)])(
    'what fits is a block whose values are those of the one before',
    (little, most, note, comment) => {
      const block = camera(little, { note: Buffer.alloc(note, 'n'), comment: 'c'.repeat(comment) });
      const fitted = fittedExif(block, most);
      if (!fitted) return;
      expect(fitted.exif.length).toBeLessThanOrEqual(most);
      const [before, after] = [valuesOf(block), valuesOf(fitted.exif)];
      for (const name of Object.keys(after)) expect(after[name]).toBe(before[name]);
      const lost = Object.keys(before).filter((name) => !(name in after));
      expect(lost.length > 0).toBe(fitted.dropped.length > 0);
    },
  );
});
