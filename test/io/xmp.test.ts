import { createHash } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { bytesOf, joined } from '../../src/io/containers/bytes';
import { extendedXmpGuid, extensionParts, joinedExtension, joinedXmp, splitXmp, withoutClaims, withoutExtendedXmp, withoutXmpPadding } from '../../src/io/xmp';
import { md5Of } from '../../src/io/xmp/md5';
import { type Element, packetOf } from '../../src/io/xmp/xml';

const utf8 = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"';
const NOTE = 'xmlns:xmpNote="http://ns.adobe.com/xmp/note/"';
const GUID = '0123456789ABCDEF0123456789ABCDEF';
const around = (descriptions: string, outer = '') =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${RDF}${outer}>${descriptions}</rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>`;
const described = (attributes: string, content = '') => around(`<rdf:Description rdf:about=""${attributes}>${content}</rdf:Description>`);

/** All properties of a packet, `{namespace}name = content`, in one order. */
function propertiesOf(packet: Uint8Array): string[] {
  const { root, text } = packetOf(packet)!;
  const found: string[] = [];
  const visit = (element: Element) => {
    for (const child of element.children) {
      if (element.local !== 'Description') visit(child);
      else found.push(`{${child.namespace}}${child.local} = ${text.slice(child.open, child.close)}`);
    }
    for (const { namespace, local, value, name } of element.local === 'Description' ? element.attributes : []) {
      if (!name.startsWith('xmlns') && local !== 'about') found.push(`{${namespace}}${local} = ${value}`);
    }
  };
  visit(root);
  return found.sort();
}

describe('MD5', () => {
  it('is that of the platform, for every length of the last block', () => {
    for (const length of [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1000, 65536]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) ^ (i >> 3));
      expect(md5Of(bytes)).toBe(createHash('md5').update(bytes).digest('hex').toUpperCase());
    }
  });
});

describe('the scanner', () => {
  const broken = {
    'not closed': '<a>',
    'closed by another': '<a></b>',
    'closed by a longer name': '<a></ab>',
    'closed twice': '<a/></a>',
    'only an end': '</a>',
    'an attribute without value': '<a b/>',
    'an attribute without quotes': '<a b=c/>',
    'a quote that does not end': '<a b="/>',
    'attributes that touch': '<a b="c"d="e"/>',
    'a document type': '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
    'a comment that does not end': '<a/><!--',
    'no element': 'text',
    nothing: '',
    'a space before the name': '< a/>',
    'too deep': `${'<a>'.repeat(101)}${'</a>'.repeat(101)}`,
    'too many': `<a>${'<b/>'.repeat(200_001)}</a>`,
  };
  for (const [name, text] of Object.entries(broken)) it(`reads nothing: ${name}`, () => expect(packetOf(utf8(text))).toBeUndefined());

  it('passes over comments, instructions, CDATA and what stands in quotes', () => {
    const { root } = packetOf(utf8('<?a <b> ?><c d=\'<e> "\' f = "/>"><!-- <g> --><![CDATA[ <h> ]]><i/>é</c >'))!;
    expect(root.children).toHaveLength(1);
    expect(root.children[0].attributes.map(({ name, value }) => [name, value])).toEqual([
      ['d', '<e> "'],
      ['f', '/>'],
    ]);
    expect(root.children[0].children.map(({ name }) => name)).toEqual(['i']);
  });

  it('resolves prefixes by the nearest declaration, and attributes without one to nothing', () => {
    const { root } = packetOf(utf8('<a xmlns="u" xmlns:p="v" b="" p:c=""><p:d xmlns:p="w"/><p:e/></a>'))!;
    const [a] = root.children;
    expect([a.namespace, ...a.attributes.slice(2).map(({ namespace }) => namespace)]).toEqual(['u', '', 'v']);
    expect(a.children.map(({ namespace, local }) => namespace + local)).toEqual(['wd', 've']);
  });

  const big = 2 ** 23;
  const hostile = {
    'only <': '<'.repeat(big),
    'never closed': '<a>'.repeat(big / 4),
    'one name': `<${'a'.repeat(big)}`,
    'one white space': `<a${' '.repeat(big)}`,
    attributes: `<a ${'b="" '.repeat(big / 5)}`,
    comments: `<a>${'<!--'.repeat(big / 4)}`,
    'one value': described(` a:b="${'x'.repeat(big)}"`),
    'nested directories': `${'<Directory xmlns="http://ns.google.com/photos/1.0/container/">'.repeat(99)}${'<b/>'.repeat(100_000)}${'</Directory>'.repeat(99)}`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    // What takes quadratic time at 8 MB would not end within a test's time.
    it(`ends with a hostile packet: ${name}`, () => {
      const packet = utf8(text);
      expect(withoutClaims(packet).packet).toBe(packet);
      expect(extendedXmpGuid(packet)).toBeUndefined();
    });
  }

  test.prop([fc.uint8Array({ maxLength: 300 }), fc.nat(100)])('random bytes, and a packet with random bytes in it, do no harm', (bytes, at) => {
    const packet = utf8(described(` ${NOTE} xmpNote:HasExtendedXMP="${GUID}"`));
    for (const any of [bytes, joined([packet.subarray(0, at * 3), bytes, packet.subarray(at * 3)])]) {
      withoutClaims(any);
      extendedXmpGuid(any);
      withoutExtendedXmp(any);
      withoutXmpPadding(any);
      joinedXmp(any, packet);
      joinedXmp(packet, any);
      splitXmp(any, 200);
      joinedExtension([any], GUID);
    }
  });
});

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const property = fc.record({
  name,
  namespace: fc.constantFrom('p', 'q', 'r'),
  value: fc.string({ unit: fc.constantFrom('x', 'é', '&lt;', ' ', '漢'), maxLength: 200 }),
  attribute: fc.boolean(),
});
const packets = fc
  .array(fc.uniqueArray(property, { selector: (of) => `${of.namespace}:${of.name}`, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map((descriptions) =>
    around(
      descriptions
        .map((properties) => {
          const attributes = properties.filter((of) => of.attribute).map((of) => ` ${of.namespace}:${of.name}="${of.value}"`);
          const elements = properties.filter((of) => !of.attribute).map((of) => `\n <${of.namespace}:${of.name}>${of.value}</${of.namespace}:${of.name}>`);
          return `<rdf:Description rdf:about="" xmlns:q="urn:q"${attributes.join('')}>${elements.join('')}</rdf:Description>`;
        })
        .join('\n'),
      ' xmlns:p="urn:p" xmlns:r="urn:r"',
    ),
  );

describe('extended XMP', () => {
  it('is referred to by an attribute or an element, under any prefix', () => {
    expect(extendedXmpGuid(utf8(described(` ${NOTE} xmpNote:HasExtendedXMP="${GUID}"`)))).toBe(GUID);
    expect(extendedXmpGuid(utf8(described('', `<n:HasExtendedXMP xmlns:n="http://ns.adobe.com/xmp/note/">${GUID}</n:HasExtendedXMP>`)))).toBe(GUID);
    expect(extendedXmpGuid(utf8(described(' xmlns:xmpNote="urn:other" xmpNote:HasExtendedXMP="0"')))).toBeUndefined();
    expect(extendedXmpGuid(utf8(described(` ${NOTE} xmpNote:HasExtendedXMP="short"`)))).toBeUndefined();
  });

  it('a reference to what is missing goes, all else stays', () => {
    expect(textOf(withoutExtendedXmp(utf8(described(` ${NOTE} xmpNote:HasExtendedXMP="${GUID}" a:b="é"`))))).toBe(described(` ${NOTE} a:b="é"`));
    const without = utf8(described(' a:b="c"'));
    expect(withoutExtendedXmp(without)).toEqual(without);
  });

  it('is joined with its wrappers’ namespaces, where they are not the same around the standard packet', () => {
    const standard = utf8(described(` ${NOTE} xmpNote:HasExtendedXMP="${GUID}"`, '<a:b xmlns:a="urn:a">1</a:b>'));
    const extension = utf8(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:d="urn:d"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e"><r:Description r:about="" xmlns:e="urn:nearer"><d:f>é</d:f><e:g/></r:Description></r:RDF></x:xmpmeta>`,
    );
    const whole = joinedXmp(standard, extension)!;
    expect(propertiesOf(whole)).toEqual(['{urn:a}b = 1', '{urn:d}f = Ã©', '{urn:nearer}g = ']);
    expect(extendedXmpGuid(whole)).toBeUndefined();
    expect(textOf(whole)).toMatch(/<\/r:Description><\/rdf:RDF><\/x:xmpmeta>\n<\?xpacket end="w"\?>$/);
    expect(textOf(whole)).not.toContain('xmlns:x="adobe:ns:meta/" xmlns:d');
  });

  it('is put into an RDF element without content', () => {
    const whole = joinedXmp(utf8(`<rdf:RDF ${RDF} />`), utf8(described(' xmlns:a="urn:a" a:b="c"')))!;
    expect(propertiesOf(whole)).toEqual(['{urn:a}b = c']);
  });

  it('nothing is joined with what is no packet, nor by two long lists', () => {
    const packet = utf8(described(''));
    expect(joinedXmp(packet, utf8('<a/>'))).toBeUndefined();
    expect(joinedXmp(utf8('<a>'), packet)).toBeUndefined();
    const lists = `<rdf:RDF ${RDF} ${Array.from({ length: 9000 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}>${'<rdf:Description/>'.repeat(9000)}</rdf:RDF>`;
    expect(joinedXmp(packet, utf8(lists))).toBeUndefined();
  });

  it('the largest properties are split off, and as few as will do', () => {
    const large = 'é'.repeat(2000);
    const packet = utf8(
      around(
        `<rdf:Description rdf:about="urn:it" xmlns:a="urn:a" a:small="1" a:large="${large}">\n <a:more><rdf:Bag><rdf:li>${large}${large}</rdf:li></rdf:Bag></a:more>\n <a:less>2</a:less></rdf:Description>`,
        ' xmlns:b="urn:b"',
      ),
    );
    const split = splitXmp(packet, 5000)!;
    expect(split.packet.length).toBeLessThanOrEqual(5000);
    expect(extendedXmpGuid(split.packet)).toBe(split.guid);
    expect(split.guid).toBe(createHash('md5').update(split.extension).digest('hex').toUpperCase());
    expect(propertiesOf(split.extension).map((of) => of.slice(0, 13))).toEqual(['{urn:a}more =']);
    expect(textOf(split.extension)).not.toContain('xpacket');
    expect(textOf(split.packet).match(/rdf:about="urn:it"/g)).toHaveLength(2);
    expect(propertiesOf(joinedXmp(split.packet, split.extension)!)).toEqual(propertiesOf(packet));
    const smaller = splitXmp(packet, 1000)!;
    expect(propertiesOf(smaller.extension)).toHaveLength(2);
    expect(splitXmp(packet, 100)).toBeUndefined();
  });

  test.prop([packets, fc.integer({ min: 0, max: 4000 })])('split and joined again it has the same properties', (text, most) => {
    const split = splitXmp(utf8(text), most);
    if (!split) return;
    expect(split.packet.length).toBeLessThanOrEqual(most);
    expect(propertiesOf(joinedXmp(split.packet, split.extension)!)).toEqual(propertiesOf(utf8(text)));
    expect([...propertiesOf(split.packet), ...propertiesOf(split.extension)].filter((of) => !of.includes('HasExtendedXMP')).sort()).toEqual(
      propertiesOf(utf8(text)),
    );
  });

  it('padding goes, and no more', () => {
    const tight = described(' a:b="c"');
    expect(textOf(withoutXmpPadding(utf8(tight.replace('\n<?xpacket end', `${' \n'.repeat(2000)}<?xpacket end`))))).toBe(tight);
    expect(textOf(withoutXmpPadding(utf8(tight)))).toBe(tight);
  });

  it('its segments are joined in any order, beside others, and only whole', () => {
    const extension = new Uint8Array(200_000).map((_, i) => i * 7);
    const parts = extensionParts(extension, GUID);
    expect(parts.every((part) => part.length <= 65533)).toBe(true);
    const other = extensionParts(extension.subarray(0, 50), GUID.replace('0', '1'));
    expect(Buffer.compare(joinedExtension([parts[2], bytesOf('Exif\0\0'), parts[0], ...other, parts[3], parts[1]], GUID)!, extension)).toBe(0);
    expect(joinedExtension(parts.slice(1), GUID)).toBeUndefined();
    expect(joinedExtension(parts.slice(0, 3), GUID)).toBeUndefined();
    expect(joinedExtension([...parts, parts[1]], GUID)).toBeUndefined();
    expect(joinedExtension(parts, GUID.replace('F', 'E'))).toBeUndefined();
    // As many bytes as said, but one part in the place of another.
    const shifted = parts[1].slice();
    new DataView(shifted.buffer).setUint32(71, 65401);
    expect(joinedExtension([parts[0], shifted, parts[2], parts[3]], GUID)).toBeUndefined();
    const claiming = parts.map((part) => part.slice());
    for (const part of claiming) new DataView(part.buffer).setUint32(67, 0xffffffff);
    expect(joinedExtension(claiming, GUID)).toBeUndefined();
  });
});

describe('claims', () => {
  const cases: [claim: string, packet: string, without: string][] = [
    [
      'gain map',
      described(' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" a:b="é"', '<hdrgm:GainMapMax><rdf:Seq/></hdrgm:GainMapMax>é'),
      described(' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" a:b="é"', 'é'),
    ],
    ['gain map', described('', '<h:HDRGainMapVersion xmlns:h="http://ns.apple.com/HDRGainMap/1.0/">65536</h:HDRGainMapVersion>'), described('')],
    [
      'motion photo video',
      described(' xmlns:G="http://ns.google.com/photos/1.0/camera/" G:MotionPhoto="1" G:MicroVideoOffset="9" G:BurstID="b"'),
      described(' xmlns:G="http://ns.google.com/photos/1.0/camera/" G:BurstID="b"'),
    ],
    [
      'depth map',
      described(' xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" GDepth:Near="1"'),
      described(' xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/"'),
    ],
    [
      'second picture',
      described(' xmlns:GImage="http://ns.google.com/photos/1.0/image/"', '<GImage:Data>/9j/</GImage:Data>'),
      described(' xmlns:GImage="http://ns.google.com/photos/1.0/image/"'),
    ],
    ['sound', described('', '<GAudio:Data xmlns:GAudio="http://ns.google.com/photos/1.0/audio/"/>'), described('')],
    [
      'thumbnail',
      described(
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3"',
        '<xmp:Thumbnails><rdf:Alt><rdf:li><i:image xmlns:i="http://ns.adobe.com/xap/1.0/g/img/">/9j/</i:image></rdf:li></rdf:Alt></xmp:Thumbnails>',
      ),
      described(' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3"'),
    ],
  ];
  for (const [claim, packet, without] of cases) {
    it(`${claim}: the claim goes, all else stays`, () => {
      const result = withoutClaims(utf8(packet));
      expect(result.claims).toEqual([claim]);
      expect(textOf(result.packet)).toBe(without);
    });
  }

  const directory = (...semantics: string[]) =>
    `<C:Directory xmlns:C="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><rdf:Seq>${semantics.map((of) => `<rdf:li rdf:parseType="Resource"><C:Item Item:Semantic="${of}" Item:Length="9"/></rdf:li>`).join('')}</rdf:Seq></C:Directory>`;
  it('a directory goes if it lists more than the picture, and is named by what', () => {
    expect(withoutClaims(utf8(described('', directory('Primary', 'GainMap', 'MotionPhoto', 'Depth', 'Original'))))).toEqual({
      packet: utf8(described('')),
      claims: ['gain map', 'motion photo video', 'depth map', 'second picture'],
    });
    const alone = utf8(described('', directory('Primary')));
    expect(withoutClaims(alone).packet).toBe(alone);
  });

  it('the same names in other namespaces claim nothing, and the packet itself comes back', () => {
    const packet = utf8(described(' xmlns:hdrgm="urn:other" hdrgm:Version="1" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Label="Thumbnails"'));
    expect(withoutClaims(packet).packet).toBe(packet);
    expect(withoutClaims(packet).claims).toEqual([]);
  });

  it('a packet in UTF-16 is freed of claims in UTF-8, and kept where it has none', () => {
    for (const little of [true, false]) {
      const sixteen = (text: string) => {
        const bytes = Buffer.from(text, 'utf16le');
        return new Uint8Array(little ? bytes : bytes.swap16());
      };
      expect(textOf(withoutClaims(sixteen(cases[0][1])).packet)).toBe(cases[0][2]);
      const harmless = sixteen(described(' a:b="c"'));
      expect(withoutClaims(harmless).packet).toBe(harmless);
    }
  });

  test.prop([packets])('what claims nothing stays around what does', (text) => {
    const claim = '<G:Data xmlns:G="http://ns.google.com/photos/1.0/image/">/9j/</G:Data>';
    const claiming = text.replaceAll('</rdf:Description>', `${claim}</rdf:Description>`);
    expect(textOf(withoutClaims(utf8(claiming)).packet)).toBe(text);
  });
});

it('a packet of which no part can go into an extension goes as a whole', () => {
  const packet = utf8(described('', 'A'.repeat(90_000)));
  const parts = splitXmp(packet, 65_000)!;
  expect(parts.packet.length).toBeLessThan(1000);
  expect(extendedXmpGuid(parts.packet)).toBe(parts.guid);
  expect(joinedExtension(extensionParts(parts.extension, parts.guid), parts.guid)).toEqual(parts.extension);
  expect(textOf(joinedXmp(parts.packet, parts.extension)!)).toContain('A'.repeat(90_000));
});
