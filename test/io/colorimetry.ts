// Colour by the definitions of ITU-T H.273, CIE and ICC, written down here for a second time and in another way, and a reader of profiles.

export type Row = number[];
export type Light = (number: number) => number;

/** Solves matrix * x = right by elimination. */
export function solved(matrix: Row[], right: Row): Row {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let i = 0; i < 3; i++) {
    const pivot = rows.findIndex((row, j) => j >= i && Math.abs(row[i]) === Math.max(...rows.slice(i).map((other) => Math.abs(other[i]))));
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let j = 0; j < 3; j++) if (j !== i) rows[j] = rows[j].map((value, k) => value - (rows[i][k] * rows[j][i]) / rows[i][i]);
  }
  return rows.map((row, i) => row[3] / row[i]);
}

export const times = (matrix: Row[], x: Row): Row => matrix.map((row) => row.reduce((sum, value, i) => sum + value * x[i], 0));

const BRADFORD = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
const D50 = [0.9642, 1, 0.8249];

/** The XYZ under D50 of light of these primaries: x and y of white, red, green and blue. */
export function xyzOf(chromaticities: Row, light: Row): Row {
  const [white, red, green, blue] = [0, 2, 4, 6].map((i) => [chromaticities[i], chromaticities[i + 1], 1 - chromaticities[i] - chromaticities[i + 1]]);
  const primaries = [0, 1, 2].map((i) => [red[i], green[i], blue[i]]);
  const whiteXyz = white.map((value) => value / white[1]);
  const amounts = solved(primaries, whiteXyz);
  const xyz = times(
    primaries,
    light.map((value, i) => value * amounts[i]),
  );
  const [from, to, cones] = [whiteXyz, D50, xyz].map((value) => times(BRADFORD, value));
  return solved(
    BRADFORD,
    cones.map((value, i) => (value * to[i]) / from[i]),
  );
}

/** The light of `xyz` in those primaries. */
export function lightOf(chromaticities: Row, xyz: Row): Row {
  const columns = [0, 1, 2].map((i) =>
    xyzOf(
      chromaticities,
      [0, 1, 2].map((j) => (i === j ? 1 : 0)),
    ),
  );
  return solved(
    [0, 1, 2].map((i) => columns.map((column) => column[i])),
    xyz,
  );
}

/** The inverse of a rising function from 0..1.2, by halving. */
export function inverted(rising: Light): Light {
  return (wanted) => {
    let [low, high] = [0, 1.2];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (rising(middle) < wanted) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
}

/** Which numbers a display shows as light, by code point: the inverse of BT.1886 for video, and what H.273 has for the others. */
export const ENCODE: Record<number, Light> = {
  1: (l) => l ** (1 / 2.4),
  4: (l) => l ** (1 / 2.2),
  5: (l) => l ** (1 / 2.8),
  7: (l) => (l < 0.0228 ? 4 * l : 1.1115 * l ** 0.45 - 0.1115),
  8: (l) => l,
  13: (l) => (l <= 0.0031308 ? 12.92 * l : 1.055 * l ** (1 / 2.4) - 0.055),
  17: (l) => ((48 * l) / 52.37) ** (1 / 2.6),
};
for (const same of [6, 11, 14, 15]) ENCODE[same] = ENCODE[1];

/** x and y of white, red, green and blue, by code point. */
export const CHROMATICITIES: Record<number, Row> = {
  1: [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06],
  4: [0.31, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08],
  5: [0.3127, 0.329, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06],
  6: [0.3127, 0.329, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07],
  7: [0.3127, 0.329, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07],
  8: [0.31, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049],
  9: [0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046],
  10: [1 / 3, 1 / 3, 1, 0, 0, 1, 0, 0],
  11: [0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
  12: [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
  22: [0.3127, 0.329, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077],
};

export interface ReadProfile {
  space: string;
  name: string;
  tags: Map<string, { at: number; length: number }>;
  numbers: (tag: string) => Row;
  light: (tag: string) => Light;
}

/** Reads a profile of version 4, and fails where its layout breaks the specification. */
export function readProfile(icc: Uint8Array): ReadProfile {
  const view = new DataView(icc.buffer, icc.byteOffset, icc.length);
  const text = (at: number, length: number) => String.fromCharCode(...icc.subarray(at, at + length));
  const must = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`the profile's ${what} is wrong`);
  };
  must(view.getUint32(0) === icc.length && icc.length % 4 === 0, 'size');
  must(icc[8] === 4, 'version');
  must(text(12, 4) === 'mntr' && text(20, 4) === 'XYZ ' && text(36, 4) === 'acsp', 'header');
  must(
    [0, 1, 2].every((i) => Math.abs(view.getInt32(68 + 4 * i) / 65536 - D50[i]) < 1e-4),
    'illuminant',
  );
  const tags = new Map<string, { at: number; length: number }>();
  for (let i = 0; i < view.getUint32(128); i++) {
    const [at, length] = [view.getUint32(136 + 12 * i), view.getUint32(140 + 12 * i)];
    must(at % 4 === 0 && at >= 132 + 12 * view.getUint32(128) && at + length <= icc.length && view.getUint32(at + 4) === 0, 'table');
    tags.set(text(132 + 12 * i, 4), { at, length });
  }
  const find = (tag: string) => {
    const found = tags.get(tag);
    if (!found) throw new Error(`the profile has no ${tag}`);
    return found;
  };
  const fixed = (at: number, count: number) => Array.from({ length: count }, (_, i) => view.getInt32(at + 4 * i) / 65536);
  const description = find('desc');
  must(text(description.at, 4) === 'mluc', 'description');
  const start = description.at + view.getUint32(description.at + 24);
  return {
    space: text(16, 4),
    name: Array.from({ length: view.getUint32(description.at + 20) / 2 }, (_, i) => String.fromCharCode(view.getUint16(start + 2 * i))).join(''),
    tags,
    numbers(tag) {
      const { at, length } = find(tag);
      must(/XYZ |sf32/.test(text(at, 4)), tag);
      return fixed(at + 8, (length - 8) / 4);
    },
    light(tag) {
      const { at, length } = find(tag);
      must(text(at, 4) === 'para', tag);
      const kind = view.getUint16(at + 8);
      must((kind === 0 && length === 16) || (kind === 3 && length === 32), tag);
      const [g, a, b, c, d] = fixed(at + 12, (length - 12) / 4);
      if (kind === 0) return (x) => x ** g;
      return (x) => (x >= d ? (a * x + b) ** g : c * x);
    },
  };
}
