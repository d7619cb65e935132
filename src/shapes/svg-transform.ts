import { type Affine, combined, IDENTITY } from './affine';
import { fault } from './fault';
import type { Size } from './fit';
import { BETWEEN, TextReader } from './reader';

/** The numbers of a viewBox. @throws MaskError */
export function viewBoxOf(text: string | undefined, place: string): Float64Array | undefined {
  if (text === undefined) return undefined;
  const reader = new TextReader(text.trim(), `${place}: viewBox`);
  const box = new Float64Array(4);
  for (let n = 0; n < 4; n++) {
    if (n > 0) reader.match(BETWEEN);
    box[n] = reader.number();
  }
  if (!reader.isAtEnd) throw reader.wrong('four numbers');
  if (!(box[2] > 0 && box[3] > 0)) throw fault(`${place}: viewBox`, 'of a width and height above 0', text);
  return box;
}

/** Lays a view box into a port, as preserveAspectRatio says. */
export function inPort([x, y, width, height]: Float64Array, port: Size, align: string): Affine {
  const [scaleX, scaleY] = [port.width / width, port.height / height];
  if (/^\s*none/.test(align)) return [scaleX, 0, 0, scaleY, -x * scaleX, -y * scaleY];
  const scale = /\bslice\b/.test(align) ? Math.max(scaleX, scaleY) : Math.min(scaleX, scaleY);
  const share = (axis: string) => ({ Min: 0, Max: 1 })[new RegExp(`${axis}(Min|Max)`).exec(align)?.[1] ?? ''] ?? 0.5;
  const at = (from: number, size: number, whole: number, axis: string) => (whole - size * scale) * share(axis) - from * scale;
  return [scale, 0, 0, scale, at(x, width, port.width, 'x'), at(y, height, port.height, 'Y')];
}

const FUNCTION = /(matrix|translate|scale|rotate|skewX|skewY)\s*\(\s*/y;
const CLOSE = /\s*\)\s*,?\s*/y;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** What each function of a transform takes, and the matrix that it means. */
const TRANSFORMS: Record<string, { counts: readonly number[]; affine: (v: Float64Array, count: number) => Affine }> = {
  matrix: { counts: [6], affine: ([a, b, c, d, e, f]) => [a, b, c, d, e, f] },
  translate: { counts: [1, 2], affine: ([x, y]) => [1, 0, 0, 1, x, y] },
  scale: { counts: [1, 2], affine: ([x, y], count) => [x, 0, 0, count === 1 ? x : y, 0, 0] },
  rotate: {
    counts: [1, 3],
    affine([angle, x, y]) {
      const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
      return combined([cos, sin, -sin, cos, x, y], [1, 0, 0, 1, -x, -y]);
    },
  },
  skewX: { counts: [1], affine: ([angle]) => [1, 0, Math.tan(radians(angle)), 1, 0, 0] },
  skewY: { counts: [1], affine: ([angle]) => [1, Math.tan(radians(angle)), 0, 1, 0, 0] },
};

/** What a transform attribute means. @throws MaskError */
export function transformOf(text: string | undefined, place: string): Affine {
  if (text === undefined || text.trim() === 'none') return IDENTITY;
  const reader = new TextReader(text.trim(), `${place}: transform`);
  let affine = IDENTITY;
  while (!reader.isAtEnd) {
    const name = reader.match(FUNCTION)?.match(/\w+/)?.[0];
    if (name === undefined) throw reader.wrong('matrix(, translate(, scale(, rotate(, skewX( or skewY(');
    const values = new Float64Array(6);
    let count = 0;
    while (count < 6 && reader.text[reader.at] !== ')') {
      values[count++] = reader.number();
      reader.match(BETWEEN);
    }
    if (!TRANSFORMS[name].counts.includes(count)) throw reader.wrong(`${TRANSFORMS[name].counts.join(' or ')} numbers in ${name}()`);
    if (reader.match(CLOSE) === undefined) throw reader.wrong(')');
    affine = combined(affine, TRANSFORMS[name].affine(values, count));
  }
  return affine;
}
