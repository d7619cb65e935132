import { afterEach, describe, expect, it, vi } from 'vitest';
import { charactersAt } from '../../../src/io/containers/bytes';
import { heifHeader } from '../../../src/io/containers/heif';
import { heifPlanes } from '../../../src/io/containers/heif-planes';
import { encodePicture, readPicture } from '../../../src/io/node';
import { noise, pipeline } from '../support';

// Headers of AVIFs, put together byte by byte, not by way of the code under test.
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const u16 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)));
const u32 = (...values: number[]) => Buffer.concat(values.map((value) => u16(value >>> 16, value & 0xffff)));
const box = (type: string, ...content: Uint8Array[]) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.length), latin1(type), body]);
};
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const auxiliary = (urn: string) => box('auxC', u32(0), latin1(`${urn}\0`));
const SIZE = box('ispe', u32(0, 9, 9));

interface Parts {
  /** Beside the size, which is the first. */
  properties?: Buffer[];
  /** The items' numbers, each with the number of its property, beside the first, which has the size. */
  belong?: [number, number][];
  references?: Buffer[];
  infe?: Buffer[];
  /** What stands in the header beside all that. */
  more?: Buffer[];
  mdat?: Buffer;
}

function avif({ properties = [], belong = [], references = [], infe = [], more = [], mdat = Buffer.alloc(0) }: Parts): Buffer {
  const rows = belong.map(([item, property]) => Buffer.concat([u16(item), Buffer.of(1), u16(property)]));
  const ipma = box('ipma', u32(1, 1 + rows.length), u16(1), Buffer.of(1), u16(1), ...rows);
  const iprp = box('iprp', box('ipco', SIZE, ...properties), ipma);
  const meta = [box('pitm', u32(0), u16(1)), box('iinf', u32(0), u16(infe.length), ...infe), iprp, box('iref', u32(0), ...references), ...more];
  return Buffer.concat([box('ftyp', latin1('avif\0\0\0\0')), box('mdat', mdat), box('meta', u32(0), ...meta)]);
}

/** The places of item 1: construction method, then offsets and lengths. */
const places = (method: number, ...extents: [number, number][]) =>
  box('iloc', u32(1 << 24), u16(0x4400, 1, 1, method, 0, extents.length), ...extents.map((extent) => u32(...extent)));

const bytes = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
afterEach(() => {
  vi.restoreAllMocks();
});

describe('places of an item', () => {
  const idat = box('idat', Buffer.alloc(1000));
  const placed = (method: number, ...extents: [number, number][]) => avif({ more: [idat, places(method, ...extents)], mdat: Buffer.alloc(5000) });
  const DAMAGED = expect.objectContaining({ code: 'damaged' });
  const refused = (file: Uint8Array) => expect(() => heifHeader(file)).toThrow(DAMAGED);

  it('are taken where they lie in the file or in the header', () => {
    for (const file of [placed(0, [0, 3000], [3000, 2000]), placed(1, [0, 600], [600, 400]), placed(1, [0, 500], [0, 500])]) {
      expect(heifHeader(file)).toMatchObject({ width: 9, height: 9 });
    }
  });

  it('are damaged beyond the end of what they lie in', () => {
    refused(placed(0, [6000, 3000]));
    refused(placed(1, [0, 1001]));
    refused(placed(1, [999, 2]));
    refused(avif({ more: [places(1, [0, 1])] }));
  });

  it('are damaged where they overlap so as to make more than they lie in', () => {
    refused(placed(1, ...times(8000, (): [number, number] => [0, 1000])));
    refused(placed(1, [0, 501], [0, 500]));
    refused(placed(0, [0, 5000], [0, 5000]));
  });

  it('are damaged where they lie in other items', () => refused(placed(2, [0, 10])));

  it('of the main picture are looked at, not put together', () => {
    const set = vi.spyOn(bytes, 'set');
    heifHeader(placed(0, [0, 5000]));
    expect(set.mock.calls.every(([part]) => part.length < 5000)).toBe(true);
  });

  it('of EXIF are put together in order', () => {
    const infe = [box('infe', u32(2 << 24), u16(2, 0), latin1('Exif\0'))];
    const tiff = latin1('MM\0*\0\0\0\x08\0\0\0\0\0\0');
    const content = Buffer.concat([tiff.subarray(7), u32(0), tiff.subarray(0, 7)]);
    const start = avif({ infe }).indexOf('mdat') + 4;
    const iloc = box('iloc', u32(0), u16(0x4400, 1, 2, 0, 2), u32(start + 7, 11, start, 7));
    expect(Buffer.from(heifHeader(avif({ infe, more: [iloc], mdat: content })).metadata.exif!)).toEqual(tiff);
  });
});

describe('a header of many references', () => {
  const COUNT = 400;
  // No Buffer: those have a subarray of their own.
  const file = new Uint8Array(
    avif({
      properties: times(COUNT, (i) => auxiliary(`urn:x:depth:${i}`)),
      belong: times(COUNT, (i) => [i + 2, i + 2]),
      references: times(COUNT, (i) => box('auxl', u16(i + 2, 1, 1))),
    }),
  );

  it('is read by so many steps as it has parts, not by their square', () => {
    const [stretches, lists] = [vi.spyOn(bytes, 'subarray'), vi.spyOn(Array, 'from')];
    expect(heifHeader(file).lost).toEqual(['a depth map']);
    expect(heifPlanes(file)).toBeUndefined();
    expect(stretches.mock.calls.length).toBeGreaterThan(2 * COUNT);
    for (const { mock } of [stretches, lists]) expect(mock.calls.length).toBeLessThan(12 * COUNT);
  });

  it('an item has the properties that are said of it first', () => {
    const [depth, gain] = [auxiliary('urn:x:depth'), auxiliary('urn:x:gain')];
    const said = (belong: [number, number][]) => heifHeader(avif({ properties: [depth, gain], belong, references: [box('auxl', u16(2, 1, 1))] })).lost;
    const [asDepth, asGain]: [number, number][] = [
      [2, 2],
      [2, 0x8003],
    ];
    expect([said([asDepth, asGain]), said([asGain, asDepth]), said([[2, 9]])]).toEqual([['a depth map'], ['a gain map'], ['an auxiliary picture ()']]);
  });
});

describe('what stands behind the last box of a file', () => {
  const BEHIND = [Buffer.alloc(16, 255), latin1('words, not a box'), Buffer.concat([u32(0, 1), Buffer.alloc(8)]), Buffer.alloc(16), Buffer.alloc(5)];

  it('does not keep the header from being read', async () => {
    const colour = { codePoints: { primaries: 9, transfer: 16, matrix: 0, fullRange: true } };
    const file = Buffer.from(await encodePicture({ ...noise(20, 10, 3), metadata: { colour } }, { format: 'avif' }));
    expect(heifHeader(file).metadata.colour).toBeDefined();
    for (const behind of BEHIND) {
      expect(heifHeader(Buffer.concat([file, behind]))).toEqual(heifHeader(file));
      const { metadata } = await readPicture(Buffer.concat([file, behind]));
      expect(metadata?.colour?.codePoints).toMatchObject({ primaries: 9, transfer: 16 });
    }
  });

  it('is damage where it is a part of the picture that is cut short, and within the header', async () => {
    const file = await pipeline(noise(20, 10, 4))
      .avif()
      .toBuffer();
    const cut = Buffer.concat([u32(100), latin1('....'), Buffer.alloc(9)]);
    for (const type of ['ftyp', 'meta', 'mdat', 'moov']) {
      cut.set(latin1(type), 4);
      expect(() => heifHeader(Buffer.concat([file, cut]))).toThrow(`the box "${type}" is cut short`);
    }
    expect(() => heifHeader(file.subarray(0, -1))).toThrow('cut short');
    expect(() => heifHeader(avif({ more: [Buffer.alloc(16, 255)] }))).toThrow('cut short');
  });
});

describe('words that come from a file', () => {
  const STEERING = `\x1b]0;title\x07\x9b31m${'y'.repeat(80)}`;
  const SHOWN = `?]0;title??31m${'y'.repeat(26)}...`;

  it('are short and steer no terminal in what is said of items and of pictures beside the main one', () => {
    const { left, lost } = heifHeader(
      avif({
        properties: [auxiliary(STEERING)],
        belong: [[2, 2]],
        references: [box('auxl', u16(2, 1, 1))],
        infe: [box('infe', u32(2 << 24), u16(3, 0), latin1(`mime\0${STEERING}\0`))],
      }),
    );
    expect([left, lost]).toEqual([[`the item ${SHOWN}`], [`an auxiliary picture (${SHOWN})`]]);
  });

  it('and in what is said of a box that is cut short', () => {
    const file = avif({ more: [Buffer.concat([u32(99), latin1('\x9b\x1bab')])] });
    expect(charactersAt(file, file.length - 4, 4)).toBe('\x9b\x1bab');
    expect(() => heifHeader(file)).toThrow('the box "??ab" is cut short');
  });
});
