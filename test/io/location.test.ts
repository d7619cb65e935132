import { fc, test } from '@fast-check/vitest';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { withExifPrefix } from '../../src/io/exif';
import { hasLocation, withoutLocation } from '../../src/io/location';
import { encodePicture, readPicture } from '../../src/io/node';
import { ascii, type Entry, tiffOf, valuesOf } from './exif-block';

const GPS: Entry = [0x8825, 4, 1, [ascii(1, 'N'), ascii(0x1b, 'a place with a long name'), ascii(0x1d, '2024:01:01')]];
const exifOf = (little: boolean) =>
  withExifPrefix(
    tiffOf(little, [
      [ascii(0x010f, 'a camera'), ascii(0x8298, 'mine'), [0x8769, 4, 1, [ascii(0x9003, 'a date'), ascii(0x927c, 'maker')]], GPS, ascii(0x9c9c, 'a comment')],
    ]),
  );
const xmp = (inner: string, attributes = '') =>
  Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"${attributes}>${inner}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
const iptc = (...sets: [number, string][]) => {
  const content = Buffer.concat(sets.map(([id, text]) => Buffer.concat([Buffer.from([0x1c, 2, id, 0, text.length]), Buffer.from(text)])));
  const head = Buffer.from('8BIM\x04\x04\0\0\0\0\0\0', 'latin1');
  head.writeUInt32BE(content.length, 8);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
};

describe.each([true, false])('of EXIF, little-endian: %s', (little) => {
  it('coordinates go without a trace, and all else stays where it is', () => {
    const exif = exifOf(little);
    const without = withoutLocation({ exif }).exif!;
    const before = valuesOf(exif);
    const kept = Object.entries(before).filter(([path]) => !path.startsWith('8825'));
    expect(Object.keys(before).length).toBeGreaterThan(kept.length);
    expect(valuesOf(without)).toEqual(Object.fromEntries(kept));
    expect(without.length).toBe(exif.length);
    expect(Buffer.from(without).includes('a place')).toBe(false);
    expect(Buffer.from(without).includes('2024')).toBe(false);
    expect(Buffer.from(without).indexOf('maker')).toBe(Buffer.from(exif).indexOf('maker'));
    expect(Buffer.from(exif).includes('a place')).toBe(true);
  });

  it('a block that names none is the same; one that points nowhere, or is none, goes', () => {
    const metadata = { exif: withExifPrefix(tiffOf(little, [[ascii(0x010f, 'a camera')]])) };
    expect(withoutLocation(metadata)).toBe(metadata);
    expect(hasLocation(metadata)).toBe(false);
    const nowhere = tiffOf(little, [[[0x8825, 4, 1, Buffer.from([0xff, 0xff, 0xff, 0])]]]);
    expect(withoutLocation({ exif: withExifPrefix(nowhere) }).exif).toBeUndefined();
    expect(withoutLocation({ exif: Buffer.from('no block at all') }).exif).toBeUndefined();
  });
});

it('of XMP, coordinates and places go, as attributes and as elements', () => {
  const given = xmp('<exif:GPSLatitude>1,2N</exif:GPSLatitude><dc:title>a title</dc:title><photoshop:City>Ulm</photoshop:City>', ' exif:GPSLongitude="3,4E"');
  expect(Buffer.from(withoutLocation({ xmp: given }).xmp!).toString()).toBe(xmp('<dc:title>a title</dc:title>').toString());
  const none = { xmp: xmp('<dc:title>a title</dc:title>') };
  expect(withoutLocation(none)).toBe(none);
  expect(withoutLocation({ xmp: Buffer.from('<broken exif:GPS') }).xmp).toBeUndefined();
});

it('of IPTC, places become spaces', () => {
  const photoshop = iptc([90, 'Ulm'], [120, 'a caption'], [101, 'Germany']);
  expect(Buffer.from(withoutLocation({ photoshop }).photoshop!)).toEqual(iptc([90, '   '], [120, 'a caption'], [101, '       ']));
  const none = { photoshop: iptc([120, 'a caption']) };
  expect(withoutLocation(none)).toBe(none);
});

test.prop([fc.uint8Array({ maxLength: 300 }), fc.nat(80), fc.boolean()])('random bytes do no harm', (bytes, at, little) => {
  const exif = exifOf(little);
  const mixed = Buffer.concat([exif.subarray(0, at + 6), bytes, exif.subarray(at + 6)]);
  withoutLocation({ exif: mixed, xmp: bytes, photoshop: Buffer.concat([iptc([90, 'Ulm']), bytes]) });
});

it('a file is written without, and the picture keeps it', async () => {
  const file = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .withExif({ IFD0: { Copyright: 'mine' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
    .jpeg()
    .toBuffer();
  const picture = await readPicture(file);
  expect(hasLocation(picture.metadata)).toBe(true);
  const said = async (location?: boolean) => (await readPicture(await encodePicture(picture, { location }))).metadata;
  expect(hasLocation(await said())).toBe(true);
  expect(hasLocation(await said(false))).toBe(false);
  expect(Buffer.from((await said(false))!.exif!).includes('mine')).toBe(true);
  expect(hasLocation(picture.metadata)).toBe(true);
  await expect(encodePicture(picture, { location: 'no' as never })).rejects.toThrow(/location must be true or false/);
});
