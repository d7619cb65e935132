import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { maskFrom } from '../../src/shapes';
import { expectDrawn, expectRefused, type Size } from './support';

const size: Size = { width: 120, height: 80 };
const svg = (inner: string, root = 'width="120" height="80"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="urn:inkscape" xmlns:xlink="urn:xlink" ${root}>${inner}</svg>`;

/** Expects a drawing to be what librsvg draws of it in white on black, wherever that is neither white nor black at the edge's pixels. */
async function expectAsDrawn(text: string, { width, height }: Size = size, pictured = text): Promise<void> {
  const { data } = await sharp(Buffer.from(pictured))
    .resize(width, height, { fit: 'fill' })
    .flatten({ background: 'black' })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const mask = maskFrom({ svg: text }, { width, height });
  let [white, black, edge] = [0, 0, 0];
  for (let p = 0; p < data.length; p++) {
    if (data[p]! > 8 && data[p]! < 247) edge++;
    else if (data[p]! >= 247) white++;
    else black++;
    const agrees = data[p]! < 248 && data[p]! > 7 ? Math.abs(data[p]! - mask.data[p]!) < 190 : data[p]! > 127 === (mask.data[p] === 255);
    if (!agrees) expect.fail(`${p % width}, ${Math.floor(p / width)} is ${mask.data[p]}, drawn ${data[p]}`);
  }
  expect([white > 50, black > 50, edge < 0.2 * data.length]).toEqual([true, true, true]);
}

describe('a drawing marks what it paints, as another program draws it', () => {
  it.each<[string, string]>([
    ['rect', '<rect x="10" y="20.5" width="50" height="30"/>'],
    ['rect with round corners', '<rect x="10" y="20" width="70" height="50" rx="30" ry="12"/>'],
    ['rect with corners as round as it is', '<rect x="10" y="20" width="70" height="50" rx="200"/>'],
    ['circle', '<circle cx="50%" cy="40" r="30"/>'],
    ['ellipse', '<ellipse cx="50" cy="40" rx="40" ry="12"/>'],
    ['polygon', '<polygon points="10,10 100 20 60,70"/>'],
    ['polyline', '<polyline points="10,10 100,20 60,70 5 60"/>'],
    ['path', '<path d="M10 10C60 -20 120 90 60 70S-20 60 10 40Q20 20 40 30T60 40z"/>'],
    ['path of arcs', '<path d="M20 20a30 15 30 1 1 50 20A20 20 0 0 0 60 60z"/>'],
    ['path with a hole', '<path fill-rule="evenodd" d="M5 5H110V75H5zM30 20H80V60H30z"/>'],
    ['path wound twice', '<path d="M5 5H110V75H5zM30 20H80V60H30z"/>'],
    ['line', '<line x1="10" y1="10" x2="110" y2="60" stroke="white" stroke-width="12" stroke-linecap="round"/>'],
    ['stroke and no fill', '<path d="M20 20L60 60 100 15" fill="none" stroke="#fff" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"/>'],
    ['stroke all around', '<rect x="30" y="20" width="50" height="30" stroke="white" stroke-width="10" stroke-linejoin="round"/>'],
    ['stroke within a scaled group', '<g transform="scale(2)" stroke="white" stroke-width="4" stroke-linecap="round"><path d="M10 10 50 30"/></g>'],
    ['groups in groups', '<g transform="translate(20 10)"><g transform="rotate(20)"><rect width="40" height="30"/></g></g>'],
    ['every transform', '<rect transform="translate(20,10) rotate(30 20 20) scale(1.5,.8) skewX(10) skewY(5) matrix(1 .1 -.1 1 3 4)" width="40" height="30"/>'],
    [
      'what is not shown',
      '<rect width="20" height="20"/><g display="none"><rect width="120" height="80"/></g><g visibility="hidden"><rect width="99" height="80"/><circle cx="60" cy="50" r="20" visibility="visible"/></g>',
    ],
    ['style', '<rect style="fill:none;stroke:white; stroke-width:8px;stroke-linejoin:round" x="30" y="20" width="50" height="30" fill="white"/>'],
    [
      'title, metadata and what an editor leaves',
      '<title>A</title><desc>B</desc><metadata><x/></metadata><inkscape:view a="b"><inkscape:grid/></inkscape:view><rect x="20" y="20" width="40" height="30"/>',
    ],
    [
      'definitions that nothing draws',
      '<defs><rect id="a" width="120" height="80"/></defs><clipPath id="c"><rect/></clipPath><circle cx="50" cy="40" r="30"/>',
    ],
  ])('%s', async (_, inner) => {
    // What is not said to be of a colour marks: there it is painted white.
    await expectAsDrawn(svg(inner), size, svg(`<g fill="white">${inner}</g>`));
  });

  it.each<[string, string]>([
    [
      'black over white',
      '<rect width="120" height="80" fill="black"/><circle cx="60" cy="40" r="30" fill="white"/><rect x="50" y="30" width="20" height="20" fill="#000"/>',
    ],
    ['nearly black', '<rect width="100" height="80" fill="#fff"/><rect x="10" y="10" width="40" height="30" fill="rgb(3, 3, 3)"/>'],
    [
      'none, and what can be seen through',
      '<circle cx="60" cy="40" r="30" fill="white"/><rect width="120" height="80" fill="none"/><rect width="120" height="80" fill="white" opacity="0"/><rect width="120" height="80" fill="#ffffff00"/>',
    ],
  ])('%s', async (_, inner) => {
    await expectAsDrawn(svg(inner));
  });

  it.each(['dust-bowl-home', 'nagasaki-boats'])('the mask %s of the examples, but for the blur of its edge', async (name) => {
    const text = readFileSync(`examples/masks/${name}.svg`, 'utf8');
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(text)!.map(Number) as [number, number, number];
    await expectAsDrawn(text, { width, height }, text.replace(/ filter="[^"]*"/, ''));
  });
});

describe('colours', () => {
  const isLeft = (x: number) => x < 60;
  it.each(['red', '#123456', '#00f', 'rgb(0,0,255)', 'rgb(0% 90% 0%)', 'hsl(120 50% 50%)', 'url(#gradient)', 'currentColor', 'navy'])('%s marks', (fill) => {
    expectDrawn(maskFrom({ svg: svg(`<rect width="60" height="80" fill="${fill}"/><rect x="90" width="9" height="80" fill="black"/>`) }, size), isLeft);
  });

  it.each(['', 'fill="black"', 'style="fill:#000000"', 'fill="rgb(0,0,0)"'])('where nothing else is painted, black marks too: %s', (fill) => {
    expectDrawn(maskFrom({ svg: svg(`<rect width="60" height="80" ${fill}/>`) }, size), isLeft);
  });

  it.each(['fill="black"', 'fill="#101010"', 'fill="#000f"', 'fill="rgba(0,0,0,.9)"'])('beside others, %s covers what was marked', (fill) => {
    expectDrawn(maskFrom({ svg: svg(`<rect width="120" height="80" fill="lime"/><rect x="60" width="60" height="80" ${fill}/>`) }, size), isLeft);
  });

  it('the next shape of a mask is joined to a drawing that ended in black', () => {
    const drawing = { svg: svg('<rect width="60" height="80" fill="white"/><rect x="90" width="9" height="80" fill="black"/>') };
    expectDrawn(maskFrom([drawing, '100,0,20,80'], size), (x) => x < 60 || x > 100);
  });
});

describe('a drawing is laid over the whole photo', () => {
  const box = (x: number, y: number) => x > 30 && x < 60 && y > 20 && y < 60;
  it.each<[string, string, string]>([
    ['in pixels of its size', 'width="120" height="80"', '<rect x="30" y="20" width="30" height="40"/>'],
    ['in pixels of the photo, where it has no size', '', '<rect x="30" y="20" width="30" height="40"/>'],
    ['by its view box', 'viewBox="0 0 12 8"', '<rect x="3" y="2" width="3" height="4"/>'],
    ['by its view box, away from its corner', 'viewBox="-6 -4 12 8"', '<rect x="-3" y="-2" width="3" height="4"/>'],
    ['by its view box, its size in millimetres', 'width="210mm" height="140mm" viewBox="0 0 1200,800"', '<rect x="300" y="200" width="300" height="400"/>'],
    ['by its view box, its size in per cent', 'width="100%" height="100%" viewBox="0 0 12 8"', '<rect x="25%" y="25%" width="25%" height="50%"/>'],
    ['a small one of a large photo', 'width="60" height="40"', '<rect x="15" y="10" width="15" height="20"/>'],
    ['a view box that is wider than the drawing, in its middle', 'width="120" height="80" viewBox="0 0 12 4"', '<rect x="3" y="0" width="3" height="4"/>'],
    [
      'a view box that is wider than the drawing, at its top',
      'width="120" height="80" viewBox="0 0 12 4" preserveAspectRatio="xMidYMin meet"',
      '<rect x="3" y="2" width="3" height="4"/>',
    ],
    [
      'a view box that is cut',
      'width="120" height="80" viewBox="0 0 4 8" preserveAspectRatio="xMinYMin slice"',
      '<rect x="1" y=".66666666" width="1" height="1.33333333"/>',
    ],
    ['a view box that is stretched', 'width="120" height="80" viewBox="0 0 4 8" preserveAspectRatio="none"', '<rect x="1" y="2" width="1" height="4"/>'],
    ['a drawing that says it may be stretched', 'viewBox="0 0 4 8" preserveAspectRatio="none"', '<rect x="1" y="2" width="1" height="4"/>'],
  ])('%s', (_, root, inner) => {
    expectDrawn(maskFrom({ svg: svg(inner, root) }, size), box);
  });

  it('in units of 96 dots an inch', () => {
    const text = svg('<rect x="15pt" y="1pc" width="0.5in" height="1cm"/><rect x="10mm" y="60Q" width="3px" height="8"/>');
    const [inch, cm] = [96, 96 / 2.54];
    expectDrawn(
      maskFrom({ svg: text }, size),
      (x, y) => (x > 20 && x < 20 + inch / 2 && y > 16 && y < 16 + cm) || (x > cm && x < cm + 3 && y > 1.5 * cm && y < 1.5 * cm + 8),
    );
  });

  it('with a prefix of its own', () => {
    const text =
      '<?xml version="1.0"?>\n<!-- a mask -->\n<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:rect x="30" y="20" width="30" height="40"/><rect width="120" height="80"/></s:svg>';
    expectDrawn(maskFrom({ svg: text }, size), box);
  });

  it('one of other proportions is refused, or stretched where that is asked for', () => {
    const square = { svg: svg('<rect x="10" y="10" width="10" height="20"/>', 'width="40" height="40"') };
    expectRefused(() => maskFrom(square, size), 'shapes.svg is for 40 x 40 pixels, the mask is 120 x 80: fit stretches it', 'mask-size');
    expectDrawn(maskFrom(square, { ...size, fit: true }), box);
  });
});

describe('what is no drawing of shapes is refused, and the place is told', () => {
  it.each<[string, string, string]>([
    ['script', svg('\n<script>alert(1)</script>'), 'shapes.svg: <script> in line 2 must be left out: shapes are read'],
    ['a script in a group', svg('<g>\n\n<script href="https://a.b/c.js"/></g>'), '<script> in line 3 must be left out'],
    ['image', svg('<image href="https://a.b/c.png" width="9" height="9"/>'), '<image> in line 1 must be left out'],
    ['image of data', svg('<image xlink:href="data:image/png;base64,AAAA"/>'), '<image> in line 1 must be left out'],
    ['use', svg('<g id="a"/><use href="#a"/>'), '<use> in line 1 must be left out'],
    ['use of another file', svg('<use xlink:href="file:///etc/passwd#a"/>'), '<use> in line 1 must be left out'],
    ['style sheet', svg('<style>@import url(https://a.b/c.css)</style>'), '<style> in line 1 must be left out'],
    ['foreignObject', svg('<foreignObject><iframe/></foreignObject>'), '<foreignObject> in line 1 must be left out'],
    ['text', svg('<text>A</text>'), '<text> in line 1 must be left out'],
    ['animation', svg('<rect width="9" height="9"/><animate attributeName="x"/>'), '<animate> in line 1 must be left out'],
    ['an svg in an svg', svg('<svg><rect/></svg>'), '<svg> in line 1 must be left out'],
    ['what objects inherit', svg('<constructor/>'), '<constructor> in line 1 must be left out'],
    [
      'paint from elsewhere',
      svg('<rect width="9" height="9" fill="url(https://a.b/c.svg#d)"/>'),
      'fill must be a colour, or of the drawing itself: nothing is fetched',
    ],
    ['a clip', svg('<rect width="9" height="9" clip-path="url(#a)"/>'), 'clip-path must be left out: what cuts shapes is not read'],
    ['a mask in the mask', svg('<g style="mask:url(#a)"/>'), 'mask must be left out'],
    [
      'a document type',
      `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">${svg('')}`,
      'shapes.svg, line 1 must be without a document type',
    ],
    [
      'entities that grow',
      `<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${svg('&b;')}`,
      'shapes.svg, line 2 must be without a document type: entities are not read',
    ],
    ['an entity of a file', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${svg('&a;')}`, 'without a document type'],
    ['a tag that is not closed', svg('<g>\n<rect width="9" height="9"/>\n'), 'line 3 must be well-formed XML'],
    ['a text that ends', svg('<rect width="9"').slice(0, -6), 'must be well-formed XML'],
    ['a text of nothing', '', 'must be well-formed XML'],
    ['other words', 'a photo', 'must be well-formed XML'],
    ['HTML', '<html><svg/></html>', "shapes.svg must be a drawing in an <svg>, got '<html>'"],
    ['two drawings', svg('') + svg(''), 'must be the end, behind </svg>'],
    ['groups nested beyond reason', svg('<g>'.repeat(101) + '</g>'.repeat(101)), 'at most 100 elements deep'],
    ['a hundred thousand nested', svg('<g>'.repeat(100_000) + '</g>'.repeat(100_000)), 'at most 100 elements deep'],
    ['elements beyond number', svg('<g/>'.repeat(200_001)), 'at most 200000 elements'],
    ['a text beyond length', svg(' '.repeat(2 ** 24)), 'must be a text of at most 16777216 characters'],
    ['a negative width', svg('<rect width="-9" height="9"/>'), 'width must be not negative, got -9'],
    ['a negative radius', svg('<circle r="-9"/>'), 'r must be not negative'],
    ['a negative stroke', svg('<path d="M0 0L9 9" stroke="white" stroke-width="-3"/>'), 'stroke-width must be not negative'],
    ['a stroke without end', svg('<path d="M0 0L9 9" stroke="white" stroke-width="1e999"/>'), 'stroke-width must be a number from 0 to 10000000, got Infinity'],
    ['a stroke without end on nothing', svg('<path transform="scale(0)" d="M0 0L9 9" stroke="white" stroke-width="1e999"/>'), 'got NaN'],
    ['a width of words', svg('<rect width="wide" height="9"/>'), "width must be a length in px, mm, cm, in, pt, pc or %, got 'wide'"],
    ['a width of digits beyond number', svg(`<rect width="${'1'.repeat(60_000)}!" height="9"/>`), 'must be a length in px'],
    ['a width of spaces beyond number', svg(`<rect width="1${' '.repeat(200_000)}!" height="9"/>`), 'must be a length in px'],
    ['a unit that objects inherit', svg('<rect width="9constructor" height="9"/>'), "got '9constructor'"],
    ['a width in ems', svg('<rect width="9em" height="9"/>'), "got '9em'"],
    ['a width without end', svg('<rect width="1e999" height="9"/>'), 'must be a number from -10000000 to 10000000, got Infinity'],
    ['an opacity of words', svg('<rect width="9" height="9" opacity="half"/>'), 'opacity must be a number from 0 to 1'],
    ['a path that breaks off', svg('<g>\n<path d="M0 0C1 2"/></g>'), "<path> in line 2: d, at character 8 must be a number, got 'the end'"],
    ['half a point', svg('<polygon points="1,2 3"/>'), 'points, at character 5 must be a number'],
    ['a transform that is none', svg('<g transform="spin(3)"/>'), 'transform, at character 0 must be matrix(, translate('],
    ['a transform of too few numbers', svg('<g transform="matrix(1 2 3)"/>'), 'must be 6 numbers in matrix()'],
    ['a transform that breaks off', svg('<g transform="translate(3"/>'), "must be a number, got 'the end'"],
    ['a transform without end', svg('<g transform="scale(1e300)"><g transform="scale(1e300)"><path d="M1 1L2 2 3 4"/></g></g>'), 'must be a number from'],
    ['a view box of three', svg('', 'viewBox="0 0 9"'), 'viewBox, at character 5 must be a number'],
    ['an empty view box', svg('', 'viewBox="0 0 0 9"'), 'viewBox must be of a width and height above 0'],
    ['points beyond number', svg(`<polyline points="${'1 1 '.repeat(2 ** 20 + 1)}"/>`), 'all shapes together may have 1048576 points'],
  ])('%s', (_, text, message) => {
    expectRefused(() => maskFrom({ svg: text }, size), message);
  });

  it('at the line of each element, of those behind others as well', () => {
    const many = '<g>\n\n<path d="M0 0"/></g>\n'.repeat(500);
    expectRefused(() => maskFrom({ svg: svg(`${many}<path d="M0 0"/>\n<use/>`) }, size), '<use> in line 1502 must be left out');
  });

  it('what is not text', () => {
    expectRefused(() => maskFrom({ svg: 5 as unknown as string }, size), 'shapes.svg must be the text of an SVG file, got 5');
  });
});
