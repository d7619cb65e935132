import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { joined } from '../../src/io/containers/bytes';
import { fromRawProfile, iptcOf, rawProfile, resourcesOf, withoutThumbnails } from '../../src/io/photoshop';

const resource = (id: number, content: string, name = '', signature = '8BIM') => {
  const head = Buffer.from(`${signature}\0\0${String.fromCharCode(name.length)}${name}${name.length % 2 === 0 ? '\0' : ''}`, 'latin1');
  head.writeUInt16BE(id, 4);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([head, length, Buffer.from(content, 'latin1'), Buffer.alloc(content.length % 2)]);
};
const iptc = resource(0x0404, '\x1c\x02\x19\0\x03odd');
const others = [resource(0x03ed, 'resolution', 'a name'), resource(0x0425, 'digest of caption', 'odd', 'MeSa')];

describe('Photoshop’s resources', () => {
  it('lose thumbnails and copies of what is carried elsewhere, all else stays byte for byte', () => {
    const gone = [0x0409, 0x040c, 0x040f, 0x0422, 0x0423, 0x0424].map((id) => resource(id, `content ${id}`, 'n'));
    const damaged = Buffer.from('8BIM\x04\x0c\0\0\xff\xff\xff\xff cut', 'latin1');
    const result = withoutThumbnails(Buffer.concat([gone[0], others[0], gone[1], gone[2], iptc, gone[3], gone[4], others[1], gone[5], damaged]));
    expect(Buffer.from(result.resources)).toEqual(Buffer.concat([others[0], iptc, others[1], damaged]));
    expect(result.dropped).toEqual(['thumbnail', 'ICC profile', 'EXIF', 'XMP']);
  });

  it('come back themselves where nothing goes', () => {
    const all = Buffer.concat([...others, iptc]);
    expect(withoutThumbnails(all)).toEqual({ resources: all, dropped: [] });
    expect(withoutThumbnails(all).resources).toBe(all);
  });

  it('hold IPTC, behind names and paddings of any length', () => {
    expect(Buffer.from(iptcOf(Buffer.concat([...others, iptc]))!).toString('latin1')).toBe('\x1c\x02\x19\0\x03odd');
    expect(iptcOf(Buffer.concat(others))).toBeUndefined();
    expect(iptcOf(Buffer.from('no resources'))).toBeUndefined();
    // The padding of the last may be missing.
    expect(iptcOf(resource(0x0404, 'odd').subarray(0, -1))).toHaveLength(3);
  });

  test.prop([fc.uint8Array({ maxLength: 400 })])('IPTC is wrapped into one and found in it', (records) => {
    const wrapped = resourcesOf(records);
    expect(wrapped.length % 2).toBe(0);
    expect(Buffer.from(wrapped)).toEqual(resource(0x0404, Buffer.from(records).toString('latin1')));
    expect(iptcOf(joined([others[0], wrapped, others[1]]))).toEqual(records);
  });

  test.prop([fc.uint8Array({ maxLength: 100 }), fc.nat(60)])('random bytes do no harm', (bytes, at) => {
    const all = Buffer.concat([...others, iptc]);
    for (const any of [bytes, joined([all.subarray(0, at), bytes, all.subarray(at)])]) {
      iptcOf(any);
      const { resources, dropped } = withoutThumbnails(any);
      if (dropped.length === 0) expect(resources).toBe(any);
    }
  });
});

describe('raw profiles in text', () => {
  it('are as ImageMagick writes them', () => {
    expect(
      rawProfile(
        '8bim',
        Uint8Array.from({ length: 40 }, (_, i) => i),
      ),
    ).toBe(`\n8bim\n      40\n000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223\n24252627\n`);
  });

  test.prop([fc.constantFrom('iptc', '8bim', 'exif'), fc.uint8Array({ maxLength: 300 })])('are read as they were written', (name, bytes) => {
    expect(fromRawProfile(rawProfile(name, bytes))).toEqual({ name, bytes });
    expect(fromRawProfile(rawProfile(name, bytes).toUpperCase())?.bytes).toEqual(bytes);
  });

  it('none is read from what is cut short, claims too much, or is no hexadecimal', () => {
    for (const text of ['', '\niptc\n', '\niptc\n 2\nff', '\niptc\n 9999999999\nff', '\niptc\n 1\nfg', '\niptc\n 1\n-f', 'iptc\n 1\nff', '\niptc\nx\nff']) {
      expect(fromRawProfile(text)).toBeUndefined();
    }
  });

  test.prop([fc.string({ maxLength: 100 })])('random text does no harm', (text) => {
    fromRawProfile(text);
    fromRawProfile(`\niptc\n 3\n${text}`);
  });
});
