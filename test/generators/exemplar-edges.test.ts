import { expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { edgeField, plainEdgeField, vectorEdgeField } from '../../src/generators/exemplar/edge-field';

/** Stripes and noise, and a hole of rectangles. */
function picture(height: number, width: number, holes: number): [Float32Array, Float32Array, number, number, number] {
  const random = randomIntegers(height + width + holes);
  const colours = new Float32Array(3 * height * width).map((_, i) => Math.sin((Math.floor(i / 3) % width) / 2) / 2 + (random() % 1000) / 4000);
  const hole = new Float32Array(height * width).fill(holes < 0 ? 1 : 0);
  for (let n = 0; n < holes; n++) {
    const [top, left] = [random() % height, random() % width];
    for (let y = top; y < Math.min(height, top + 7); y++) hole.fill(1, y * width + left, y * width + Math.min(width, left + 5));
  }
  return [colours, hole, height, width, 9];
}

it.each([
  [1, 1, 0],
  [1, 40, 1],
  [40, 1, 1],
  [5, 4, 0],
  [37, 52, 0],
  [37, 52, 1],
  [50, 61, 12],
  [24, 24, -1],
])('edges of %i x %i pixels with %i holes (-1: nothing else), compiled, are the plain ones, to the bit', (height, width, holes) => {
  const given = picture(height, width, holes);
  const plain = plainEdgeField(...given);
  expect(vectorEdgeField(...given)).toStrictEqual(plain);
  expect(plain.rim.length > 5, `${plain.rim.length} at the rim`).toBe(height > 30 && width > 30 && holes > 0);
});

it('edges do without WebAssembly', () => {
  const given = picture(37, 52, 1);
  const compiled = edgeField(...given);
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorEdgeField(...given)).toBeUndefined();
    expect(edgeField(...given)).toStrictEqual(compiled);
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
