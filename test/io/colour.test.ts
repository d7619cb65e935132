import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  type ColourDescription,
  equalProfile,
  fromClli,
  fromMdcv,
  fromNclx,
  fromPngChunks,
  nameOfColour,
  toClli,
  toMdcv,
  toNclx,
  toPngChunks,
} from '../../src/io/colour';
import { joined } from '../../src/io/containers/bytes';
import { PNG_SIGNATURE, pngCargo, pngChunk, pngStart } from '../../src/io/containers/png';
import { displayP3Profile, isDisplayP3, isGreyProfile } from '../../src/io/icc';
import { CHROMATICITIES, ENCODE, inverted, type Light, lightOf, type Row, readProfile, xyzOf } from './colorimetry';

const cicp = (primaries: number, transfer: number, fullRange = true): ColourDescription => ({ codePoints: { primaries, transfer, matrix: 0, fullRange } });
const nclx = (primaries: number, transfer: number, matrix = 6): ColourDescription => ({
  codePoints: { primaries, transfer, matrix, fullRange: true, source: 'nclx' },
});
const displayOf = ([wx, wy, rx, ry, gx, gy, bx, by]: Row) => ({
  white: [wx, wy] as [number, number],
  red: [rx, ry] as [number, number],
  green: [gx, gy] as [number, number],
  blue: [bx, by] as [number, number],
});
const ADOBE = [0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06];
const adobeRgb: ColourDescription = { gamma: 0.4547, chromaticities: displayOf(ADOBE) };

function profileOf(colour: ColourDescription, grey = false): Uint8Array<ArrayBuffer> {
  const icc = equalProfile(colour, grey);
  if (!icc) throw new Error(`no profile of ${nameOfColour(colour)}`);
  return icc;
}

/** What is to come out of each description: where it stands among primaries, and how its numbers become light. */
const DISPLAYS: [name: string, ColourDescription, chromaticities: Row, light: Light][] = [
  ...Object.keys(CHROMATICITIES).map((code): [string, ColourDescription, Row, Light] => [
    `primaries ${code}`,
    cicp(Number(code), 8),
    CHROMATICITIES[Number(code)],
    (x) => x,
  ]),
  ...Object.keys(ENCODE).map((code): [string, ColourDescription, Row, Light] => [
    `curve ${code}`,
    cicp(12, Number(code)),
    CHROMATICITIES[12],
    inverted(ENCODE[Number(code)]),
  ]),
  ['DCDM', cicp(10, 17), CHROMATICITIES[10], inverted(ENCODE[17])],
  ['gamma 1', { gamma: 1 }, CHROMATICITIES[1], (x) => x],
  ['gamma 1.8', { gamma: 1 / 1.8 }, CHROMATICITIES[1], (x) => x ** 1.8],
  ['gamma 2.2 with primaries of sRGB', { gamma: 0.45455, chromaticities: displayOf(CHROMATICITIES[1]) }, CHROMATICITIES[1], (x) => x ** (1 / 0.45455)],
  ['Adobe RGB', adobeRgb, ADOBE, (x) => x ** (1 / 0.4547)],
  ['an AVIF of BT.2020 with its curve', nclx(9, 14), CHROMATICITIES[9], inverted(ENCODE[13])],
  ['an AVIF of unspecified primaries', nclx(2, 8), CHROMATICITIES[1], (x) => x],
  ['an AVIF of an unspecified curve', nclx(12, 2), CHROMATICITIES[12], inverted(ENCODE[13])],
];

describe('the equal profile', () => {
  it.each(DISPLAYS)('gives the XYZ of the definition: %s', (_, colour, chromaticities, light) => {
    const profile = readProfile(profileOf(colour));
    const [red, green, blue] = ['rXYZ', 'gXYZ', 'bXYZ'].map(profile.numbers);
    const curves = ['rTRC', 'gTRC', 'bTRC'].map(profile.light);
    for (const rgb of [
      [1, 1, 1],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0.5, 0.5, 0.5],
      [0.02, 0.05, 0.09],
      [0.9, 0.3, 0.1],
    ]) {
      const [r, g, b] = rgb.map((x, i) => curves[i](x));
      const expected = xyzOf(chromaticities, rgb.map(light));
      // H.273 rounds the numbers of its curves to four digits; the profile has them in full.
      for (const i of [0, 1, 2]) expect(Math.abs(r * red[i] + g * green[i] + b * blue[i] - expected[i]), `${rgb} ${i}`).toBeLessThan(3e-4);
    }
  });

  it.each(DISPLAYS)('is laid out as ICC profiles are, white being D50: %s', (_, colour, chromaticities) => {
    const icc = profileOf(colour);
    const profile = readProfile(icc);
    expect(profile.space).toBe('RGB ');
    expect([...profile.tags.keys()]).toEqual(['desc', 'cprt', 'wtpt', 'chad', 'rXYZ', 'gXYZ', 'bXYZ', 'rTRC', 'gTRC', 'bTRC']);
    const white = ['rXYZ', 'gXYZ', 'bXYZ'].map(profile.numbers).reduce((sum, column) => sum.map((value, i) => value + column[i]));
    const [x, y] = chromaticities;
    const chad = profile.numbers('chad');
    const own = [x / y, 1, (1 - x - y) / y];
    [0.9642, 1, 0.8249].forEach((value, i) => {
      expect(Math.abs(profile.numbers('wtpt')[i] - value)).toBeLessThan(2e-5);
      expect(Math.abs(white[i] - value)).toBeLessThan(5e-5);
      const adapted = own.reduce((sum, number, j) => sum + number * chad[3 * i + j], 0);
      expect(Math.abs(adapted - value)).toBeLessThan(5e-5);
    });
    expect(icc.length).toBeLessThan(800);
  });

  it('of well-known spaces has the published numbers', () => {
    const published: [ColourDescription, number[][]][] = [
      // Apple's Display P3, Adobe RGB (1998) and sRGB as the ICC's registry has them; BT.2020 as in skcms and lcms.
      [
        cicp(12, 13),
        [
          [0.51512, 0.2412, -0.00105],
          [0.29198, 0.69225, 0.04189],
          [0.1571, 0.06657, 0.78407],
        ],
      ],
      [
        adobeRgb,
        [
          [0.60974, 0.31111, 0.01947],
          [0.20528, 0.62567, 0.06087],
          [0.14919, 0.06322, 0.74457],
        ],
      ],
      [
        cicp(9, 13),
        [
          [0.67346, 0.27904, -0.00193],
          [0.16566, 0.67535, 0.02998],
          [0.1251, 0.04561, 0.7968],
        ],
      ],
      [
        { gamma: 1 },
        [
          [0.43607, 0.22249, 0.01392],
          [0.38515, 0.71687, 0.09708],
          [0.14307, 0.06061, 0.7141],
        ],
      ],
    ];
    for (const [colour, columns] of published) {
      const profile = readProfile(profileOf(colour));
      ['rXYZ', 'gXYZ', 'bXYZ'].forEach((tag, i) => {
        profile.numbers(tag).forEach((value, j) => {
          expect(Math.abs(value - columns[i][j]), `${nameOfColour(colour)} ${tag}`).toBeLessThan(2.5e-4);
        });
      });
    }
    expect(profileOf(cicp(12, 13))).toEqual(displayP3Profile());
  });

  it('of grey levels is a curve alone; primaries make no difference to grey', () => {
    for (const [colour, light] of [
      [{ gamma: 1 }, (x) => x],
      [adobeRgb, (x) => x ** (1 / 0.4547)],
      [cicp(11, 1), inverted(ENCODE[1])],
      [cicp(10, 17), inverted(ENCODE[17])],
    ] as [ColourDescription, Light][]) {
      const icc = profileOf(colour, true);
      const profile = readProfile(icc);
      expect([profile.space, isGreyProfile(icc), [...profile.tags.keys()]]).toEqual(['GRAY', true, ['desc', 'cprt', 'wtpt', 'chad', 'kTRC']]);
      for (const x of [0, 0.03, 0.2, 0.5, 1]) expect(Math.abs(profile.light('kTRC')(x) - light(x))).toBeLessThan(3e-4);
    }
    for (const colour of [cicp(12, 13), cicp(11, 13), nclx(9, 1)]) expect(equalProfile(colour, true)).toBeNull();
  });

  it('is none where that is sRGB, or is taken for it by viewers', () => {
    for (const colour of [
      {},
      cicp(1, 13),
      { intent: 0, gamma: 1, chromaticities: displayOf(ADOBE) },
      { gamma: 0.45455 },
      { gamma: 0.432 },
      { gamma: 0.477 },
      { chromaticities: displayOf(ADOBE) },
      cicp(2, 2),
      cicp(12, 2),
      cicp(2, 8),
      nclx(2, 2),
      nclx(1, 1),
      nclx(1, 6),
      { masteringDisplay: new Uint8Array(24) },
    ] as ColourDescription[]) {
      expect(equalProfile(colour, false), JSON.stringify(colour)).toBeNull();
    }
    for (const gamma of [0.431, 0.478]) expect(equalProfile({ gamma }, false)).toBeInstanceOf(Uint8Array);
  });

  it('is not to be had of PQ, HLG, logarithms, unknown code points, a narrow range, and nonsense', () => {
    for (const grey of [false, true]) {
      for (const colour of [
        cicp(9, 16),
        cicp(9, 18),
        nclx(9, 16),
        nclx(2, 18),
        { ...cicp(9, 16), gamma: 1, intent: 0 },
        cicp(1, 9),
        cicp(1, 10),
        cicp(1, 12),
        cicp(200, 13),
        cicp(1, 0),
        cicp(1, 3),
        cicp(3, 13),
        cicp(12, 13, false),
        nclx(9000, 13),
        { gamma: 0 },
        { gamma: 1e-5 },
        { gamma: 40000 },
        { gamma: Number.NaN },
        { gamma: 1, chromaticities: displayOf([0.3, 0.3, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3]) },
        { gamma: 1, chromaticities: displayOf([0.9, 0.05, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]) },
        { gamma: 1, chromaticities: displayOf([0, 0, 0, 0, 0, 0, 0, 0]) },
      ] as ColourDescription[]) {
        expect(equalProfile(colour, grey), JSON.stringify(colour)).toBeUndefined();
      }
    }
  });

  it('follows what is understood, in the order of PNG', () => {
    const linear = profileOf({ gamma: 1 });
    for (const passedOver of [cicp(2, 2), cicp(12, 2), cicp(200, 13), cicp(1, 9)]) {
      expect(equalProfile({ ...passedOver, gamma: 1 }, false)).toEqual(linear);
      expect(equalProfile({ ...passedOver, intent: 1, gamma: 1 }, false)).toBeNull();
    }
    expect(equalProfile({ ...cicp(12, 13), intent: 0, gamma: 1, chromaticities: displayOf(ADOBE) }, false)).toEqual(displayP3Profile());
  });

  it('of any description is none or one that is whole and finite', () => {
    const xy = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    const colours = fc.record({
      codePoints: optional(
        fc.record({
          primaries: fc.integer({ min: 0, max: 23 }),
          transfer: fc.integer({ min: 0, max: 20 }),
          matrix: fc.integer({ min: 0, max: 14 }),
          fullRange: fc.boolean(),
          source: fc.constantFrom(undefined, 'nclx' as const),
        }),
      ),
      gamma: optional(fc.oneof(fc.double(), fc.double({ min: 0.2, max: 3, noNaN: true }))),
      chromaticities: optional(fc.record({ white: xy, red: xy, green: xy, blue: xy })),
      intent: optional(fc.constantFrom(0, 1, 2, 3) as fc.Arbitrary<0 | 1 | 2 | 3>),
    });
    let profiles = 0;
    fc.assert(
      fc.property(colours, fc.boolean(), (colour, grey) => {
        expect(nameOfColour(colour).length).toBeGreaterThan(2);
        const icc = equalProfile(colour, grey);
        if (!icc) return;
        profiles++;
        const profile = readProfile(icc);
        expect(profile.name).toBe(nameOfColour(colour));
        const curve = profile.light(grey ? 'kTRC' : 'rTRC');
        for (const x of [0, 0.3, 1]) expect(curve(x)).toSatisfy(Number.isFinite);
        const white = grey ? [0.9642, 1, 0.8249] : [0, 1, 2].map((i) => ['rXYZ', 'gXYZ', 'bXYZ'].reduce((sum, tag) => sum + profile.numbers(tag)[i], 0));
        [0.9642, 1, 0.8249].forEach((value, i) => {
          expect(Math.abs(white[i] - value)).toBeLessThan(1e-4);
        });
      }),
      { numRuns: 2000, seed: 11 },
    );
    expect(profiles).toBeGreaterThan(200);
  });
});

const COLOURS = [
  [255, 255, 255],
  [128, 128, 128],
  [200, 100, 50],
  [120, 140, 110],
  [90, 80, 100],
  [30, 34, 28],
  [10, 10, 10],
  [255, 0, 0],
  [0, 255, 0],
  [20, 30, 220],
];

/** A PNG of those colours, put together here, with a profile. */
function withProfile(icc: Uint8Array, bits: 8 | 16, grey: boolean): Uint8Array {
  const values = grey ? COLOURS.map(([value]) => value) : COLOURS.flat();
  const row = new Uint8Array(1 + (values.length * bits) / 8);
  values.forEach((value, i) => {
    row.fill(value, 1 + (i * bits) / 8, 1 + ((i + 1) * bits) / 8);
  });
  const start = pngStart(COLOURS.length, 1, grey ? 1 : 3, bits);
  return joined([PNG_SIGNATURE, start, ...pngCargo({ icc: deflateSync(icc) }), pngChunk('IDAT', deflateSync(row)), pngChunk('IEND', new Uint8Array())]);
}

/** What the definition makes of a colour, 0 to 255, in primaries and the curve of sRGB; what lies beyond is cut off. */
function inSrgbCurve([red, green, blue]: Row, chromaticities: Row, light: Light, target: Row): Row {
  const xyz = xyzOf(chromaticities, [red / 255, green / 255, blue / 255].map(light));
  return lightOf(target, xyz).map((value) => 255 * ENCODE[13](Math.min(1, Math.max(0, value))));
}

describe('another colour engine (Little CMS) goes by the profile as the definition says', () => {
  it.each(DISPLAYS)('8 bits to sRGB, within 1: %s', async (_, colour, chromaticities, light) => {
    const shown = await sharp(withProfile(profileOf(colour), 8, false))
      .raw()
      .toBuffer();
    COLOURS.forEach((rgb, i) => {
      inSrgbCurve(rgb, chromaticities, light, CHROMATICITIES[1]).forEach((value, j) => {
        expect(Math.abs(shown[3 * i + j] - value), `${rgb} became ${shown.subarray(3 * i, 3 * i + 3).join()}`).toBeLessThanOrEqual(1);
      });
    });
  });

  it.each(DISPLAYS)('16 bits to Display P3, within .004 of full light: %s', async (_, colour, chromaticities, light) => {
    // sharp works on 16 bits in Display P3, by a small profile of it whose curve is off by up to that.
    const deep = sharp(withProfile(profileOf(colour), 16, false))
      .pipelineColourspace('rgb16')
      .toColourspace('rgb16');
    const bytes = await deep.raw({ depth: 'ushort' }).toBuffer();
    const shown = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    const lightShown = inverted(ENCODE[13]);
    COLOURS.forEach((rgb, i) => {
      inSrgbCurve(rgb, chromaticities, light, CHROMATICITIES[12]).forEach((value, j) => {
        const off = lightShown(shown[3 * i + j] / 65535) - lightShown(value / 255);
        expect(Math.abs(off), `${rgb} became ${shown.subarray(3 * i, 3 * i + 3).join()}`).toBeLessThanOrEqual(0.004);
      });
    });
  });

  it.each([
    ['gamma 1', { gamma: 1 }, (x: number) => x],
    ['DCI white with the curve of BT.709', cicp(11, 1), inverted(ENCODE[1])],
  ] as [string, ColourDescription, Light][])('grey levels, within 1: %s', async (_, colour, light) => {
    const { data, info } = await sharp(withProfile(profileOf(colour, true), 8, true))
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    COLOURS.forEach(([level], i) => {
      const value = 255 * ENCODE[13](light(level / 255));
      for (let j = 0; j < info.channels; j++) expect(Math.abs(data[info.channels * i + j] - value), `${level}`).toBeLessThanOrEqual(1);
    });
  });
});

const chunksOf = (colour: ColourDescription) => new Map(toPngChunks(colour));
const readBack = (chunks: Map<string, Uint8Array>) => fromPngChunks((type) => chunks.get(type));
const words = (...values: number[]) => {
  const content = new Uint8Array(4 * values.length);
  values.forEach((value, i) => {
    new DataView(content.buffer).setUint32(4 * i, value);
  });
  return content;
};
const SRGB_WORDS = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
const MDCV = Uint8Array.of(0x8a, 0x48, 0x39, 0x08, 0x21, 0x34, 0x9b, 0xaa, 0x19, 0x96, 0x08, 0xfc, 0x3d, 0x13, 0x40, 0x42, 0, 0x98, 0x96, 0x80, 0, 0, 0, 1);

describe("a PNG's chunks", () => {
  it('are read and written byte for byte, in their order', () => {
    const stored: [string, Uint8Array][] = [
      ['cICP', Uint8Array.of(9, 16, 0, 1)],
      ['sRGB', Uint8Array.of(2)],
      ['gAMA', words(45455)],
      ['cHRM', words(...SRGB_WORDS)],
      ['mDCV', MDCV],
      ['cLLI', words(10000000, 2000000)],
    ];
    const colour = readBack(new Map(stored));
    expect(colour).toEqual({
      codePoints: { primaries: 9, transfer: 16, matrix: 0, fullRange: true },
      intent: 2,
      gamma: 0.45455,
      chromaticities: displayOf(CHROMATICITIES[1]),
      masteringDisplay: MDCV,
      contentLight: words(10000000, 2000000),
    });
    expect(toPngChunks(colour!)).toEqual(stored);
    expect(fromPngChunks(() => undefined)).toBeUndefined();
  });

  it('that make no sense are passed over', () => {
    const nonsense: [string, Uint8Array][] = [
      ['cICP', Uint8Array.of(1, 13, 0)],
      ['cICP', Uint8Array.of(1, 13, 0, 1, 0)],
      ['cICP', Uint8Array.of(1, 13, 1, 1)],
      ['cICP', Uint8Array.of(1, 13, 0, 2)],
      ['gAMA', words(0)],
      ['gAMA', Uint8Array.of(0, 0, 1)],
      ['gAMA', words(1, 1)],
      ['cHRM', words(0, 0, 0, 0, 0, 0, 0, 0)],
      ['cHRM', words(...SRGB_WORDS.slice(0, 7))],
      ['cHRM', words(31270, 32900, 10000, 10000, 20000, 20000, 30000, 30000)],
      ['cHRM', words(31270, 0, ...SRGB_WORDS.slice(2))],
      ['cHRM', words(2 ** 32 - 1, 2 ** 32 - 1, ...SRGB_WORDS.slice(2))],
      ['sRGB', Uint8Array.of(4)],
      ['sRGB', new Uint8Array()],
      ['sRGB', Uint8Array.of(0, 0)],
      ['mDCV', MDCV.subarray(1)],
      ['mDCV', new Uint8Array(24)],
      ['cLLI', words(1)],
    ];
    for (const chunk of nonsense) {
      expect(readBack(new Map([chunk])), `${chunk}`).toBeUndefined();
      expect(readBack(new Map([['gAMA', words(100000)], ...(chunk[0] === 'gAMA' ? [] : [chunk])]))).toEqual({ gamma: 1 });
    }
  });

  it('of random bytes never throw, and what is read is written as it stood', () => {
    const types = ['cICP', 'sRGB', 'gAMA', 'cHRM', 'mDCV', 'cLLI'];
    const sizes = [4, 1, 4, 32, 24, 8];
    const sane = fc.tuple(...sizes.map((size) => fc.option(fc.uint8Array({ minLength: size, maxLength: size }), { nil: undefined, freq: 4 })));
    const wild = fc.tuple(...types.map(() => fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined })));
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(sane, wild), fc.boolean(), (contents, grey) => {
        const stored = new Map(types.flatMap((type, i): [string, Uint8Array][] => (contents[i] ? [[type, contents[i]]] : [])));
        const colour = readBack(stored);
        if (!colour) return;
        for (const [type, content] of toPngChunks(colour)) {
          expect(content, type).toEqual(stored.get(type));
          seen.add(type);
        }
        nameOfColour(colour);
        const icc = equalProfile(colour, grey);
        if (icc) readProfile(icc);
      }),
      { numRuns: 3000, seed: 5 },
    );
    expect(seen.size).toBeGreaterThanOrEqual(5);
  });

  it('mean the same as the code points of an AVIF that they come from', () => {
    for (const [from, to] of [
      [nclx(12, 13), [12, 13, 0, 1]],
      [nclx(9, 1), [9, 13, 0, 1]],
      [nclx(1, 6), [1, 13, 0, 1]],
      [nclx(12, 2), [12, 13, 0, 1]],
      [nclx(2, 8), [1, 8, 0, 1]],
      [nclx(9, 16, 9), [9, 16, 0, 1]],
      [nclx(1, 4), [1, 4, 0, 1]],
    ] as [ColourDescription, Row][]) {
      const chunks = chunksOf(from);
      expect([...(chunks.get('cICP') ?? [])]).toEqual(to);
      expect(equalProfile(readBack(chunks)!, false)).toEqual(equalProfile(from, false));
    }
    expect(toPngChunks(nclx(2, 2))).toEqual([]);
    expect(toPngChunks(nclx(1000, 13))).toEqual([]);
  });
});

describe("an AVIF's boxes", () => {
  const box = (primaries: number, transfer: number, matrix: number, range: number) =>
    Uint8Array.of(0x6e, 0x63, 0x6c, 0x78, 0, primaries, 0, transfer, 0, matrix, range);

  it('nclx is read and written byte for byte', () => {
    for (const content of [box(9, 16, 9, 0x80), box(12, 13, 6, 0), box(1, 1, 1, 0x80), box(200, 2, 6, 0x80)]) {
      const codePoints = fromNclx(content)!;
      expect(codePoints).toMatchObject({ primaries: content[5], transfer: content[7], matrix: content[9], source: 'nclx' });
      expect(codePoints.fullRange).toBe(content[10] === 0x80);
      expect(toNclx(codePoints)).toEqual(content);
    }
    expect(fromNclx(box(12, 13, 0, 0))?.fullRange).toBe(true);
    for (const other of [box(1, 13, 6, 0).subarray(0, 10), new Uint8Array(20).fill(0x70), new Uint8Array()]) expect(fromNclx(other)).toBeUndefined();
  });

  it("nclx leaves the encoder's matrix and range, and is none where viewers would read it otherwise", () => {
    const stored = box(1, 13, 6, 0x80);
    expect(toNclx(cicp(12, 13).codePoints!, stored)).toEqual(box(12, 13, 6, 0x80));
    expect(toNclx(cicp(9, 16).codePoints!, stored)).toEqual(box(9, 16, 6, 0x80));
    expect(toNclx(nclx(9, 1, 9).codePoints!, stored)).toEqual(box(9, 1, 6, 0x80));
    for (const colour of [cicp(9, 1), cicp(1, 15), cicp(2, 13), cicp(12, 2), cicp(200, 13), cicp(12, 13, false)]) {
      expect(toNclx(colour.codePoints!, stored)).toBeUndefined();
    }
  });

  it('mdcv has the order green, blue, red; both ways', () => {
    const content = toMdcv(MDCV);
    expect([...content.subarray(0, 16)]).toEqual([0x21, 0x34, 0x9b, 0xaa, 0x19, 0x96, 0x08, 0xfc, 0x8a, 0x48, 0x39, 0x08, 0x3d, 0x13, 0x40, 0x42]);
    expect(fromMdcv(content)).toEqual(MDCV);
    expect(fromMdcv(content.subarray(1))).toBeUndefined();
  });

  it('clli counts in whole candelas per square metre; both ways, and a little light does not become unknown', () => {
    expect(toClli(words(10000000, 2004999))).toEqual(Uint8Array.of(0x03, 0xe8, 0, 200));
    expect(toClli(words(1, 0))).toEqual(Uint8Array.of(0, 1, 0, 0));
    expect(toClli(words(2 ** 32 - 1, 0))).toEqual(Uint8Array.of(0xff, 0xff, 0, 0));
    expect(fromClli(Uint8Array.of(0x03, 0xe8, 0, 200))).toEqual(words(10000000, 2000000));
    expect(fromClli(Uint8Array.of(0xff, 0xff, 0, 0))).toEqual(words(655350000, 0));
    expect(fromClli(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});

describe('names', () => {
  it('say what a description comes to', () => {
    for (const [colour, name] of [
      [cicp(9, 16), 'BT.2020 primaries with PQ'],
      [cicp(12, 13), 'Display P3'],
      [cicp(12, 13, false), 'Display P3 in narrow range'],
      [cicp(1, 13), 'sRGB'],
      [nclx(9, 1), 'BT.2020 primaries with the curve of sRGB'],
      [cicp(200, 16), 'unknown (200) primaries with PQ'],
      [cicp(1, 77), 'BT.709 primaries with a curve that is unknown (77)'],
      [{ gamma: 1 }, 'gamma 1 (linear)'],
      [{ gamma: 0.5 }, 'gamma 2'],
      [{ gamma: 1, intent: 0 }, 'sRGB'],
      [adobeRgb, 'Adobe RGB (1998)'],
      [{ gamma: 0.5, chromaticities: displayOf(CHROMATICITIES[9]) }, 'BT.2020 primaries with gamma 2'],
      [{ gamma: 0.5, chromaticities: displayOf([0.3127, 0.329, 0.7, 0.3, 0.1, 0.8, 0.1, 0.02]) }, 'other primaries with gamma 2'],
      [{ ...cicp(2, 2), gamma: 1 }, 'gamma 1 (linear)'],
    ] as [ColourDescription, string][]) {
      expect(nameOfColour(colour)).toBe(name);
    }
  });
});

describe('Display P3 is recognised', () => {
  it('by its primaries and its curve', () => {
    expect(isDisplayP3(profileOf(cicp(12, 13)))).toBe(true);
    for (const colour of [cicp(12, 8), cicp(12, 4), cicp(12, 1), cicp(9, 13), cicp(11, 13), { gamma: 1 }]) expect(isDisplayP3(profileOf(colour))).toBe(false);
  });

  it('by a curve of any kind, and never throws on what is cut short or broken', () => {
    const icc = displayP3Profile();
    const at = readProfile(icc).tags.get('rTRC')!.at;
    const curve = (content: number[]) => {
      const other = Uint8Array.from([...icc, ...content]);
      const view = new DataView(other.buffer);
      for (let i = 0; i < view.getUint32(128); i++) if (view.getUint32(136 + 12 * i) === at) view.setUint32(136 + 12 * i, icc.length);
      return other;
    };
    const table = Array.from({ length: 1024 }, (_, i) => Math.round(65535 * inverted(ENCODE[13])(i / 1023)));
    const head = (type: string, ...more: number[]) => [...Array.from(type, (c) => c.charCodeAt(0)), 0, 0, 0, 0, ...more];
    expect(isDisplayP3(curve(head('curv', 0, 0, 4, 0, ...table.flatMap((value) => [value >> 8, value & 255]))))).toBe(true);
    expect(isDisplayP3(curve([...head('para', 0, 4, 0, 0), ...icc.subarray(at + 12, at + 32), 0, 0, 0, 0, 0, 0, 0, 0]))).toBe(true);
    expect(isDisplayP3(curve(head('curv', 0, 0, 0, 0)))).toBe(false);
    expect(isDisplayP3(curve(head('curv', 0, 0, 0, 1, 2, 0x33)))).toBe(false);
    expect(isDisplayP3(curve(head('curv', 0, 0, 4, 0)))).toBe(false);
    expect(isDisplayP3(curve(head('mpet', 0, 0, 4, 0)))).toBe(false);
    for (let length = 0; length < icc.length; length++) isDisplayP3(icc.subarray(0, length));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: icc.length - 1 }), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        isDisplayP3(icc.map((value, i) => (i === place ? byte : value)));
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});
