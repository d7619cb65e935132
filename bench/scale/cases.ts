import { join } from 'node:path';
import sharp from 'sharp';
import type { Case } from '../quality/cases';

/** Damage of a known truth: shapes painted over a photo that npm carries, enlarged; the mask reaches a pixel further all around. */
export interface ScaleCase {
  name: string;
  dataset: string;
  width: number;
  /** Whether the hole is so large that a plain membrane would take minutes, and say nothing. */
  isLarge?: boolean;
  /** The damage as SVG, in the photo's pixels, each shape wider by `wider` pixels in all. */
  shapes(width: number, height: number, fill: string, wider: number): string;
}

/** The same stream of numbers in [0, 1) each time. */
function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

function specks(count: number, least: number, most: number): ScaleCase['shapes'] {
  const random = stream(7);
  const all = Array.from({ length: count }, () => ({ x: random(), y: random(), r: least + (most - least) * random() }));
  return (width, height, fill, wider) =>
    all.map(({ x, y, r }) => `<circle cx="${x * width}" cy="${y * height}" r="${r + wider / 2}" fill="${fill}"/>`).join('');
}

const wires =
  (thick: number): ScaleCase['shapes'] =>
  (width, height, fill, wider) =>
    [0.12, 0.16, 0.2, 0.3]
      .map((y, i) => `M-5 ${y * height} Q ${width / 2} ${(y + 0.1) * height} ${width + 5} ${(y - 0.02 + 0.03 * i) * height}`)
      .map((path) => `<path d="${path}" fill="none" stroke="${fill}" stroke-width="${thick + wider}"/>`)
      .join('');

/** An ellipse of a share of the photo's area. */
const object =
  (share: number): ScaleCase['shapes'] =>
  (width, height, fill, wider) => {
    const radius = Math.sqrt((share * width * height) / (Math.PI * 1.5));
    return `<ellipse cx="${0.6 * width}" cy="${0.62 * height}" rx="${1.5 * radius + wider / 2}" ry="${radius + wider / 2}" fill="${fill}"/>`;
  };

/** From dust to a large object. */
export const scaleCases: ScaleCase[] = [
  { name: '1 MP, 400 specks', dataset: 'nagasaki-boats', width: 1024, shapes: specks(400, 1, 3.5) },
  { name: '1 MP, 4 wires', dataset: 'airplane-from-above', width: 1024, shapes: wires(2) },
  { name: '8 MP, 4 wires', dataset: 'french-alpine-landscape', width: 4000, shapes: wires(6) },
  { name: '24 MP, 1 speck', dataset: 'dust-bowl-home', width: 6000, shapes: specks(1, 3, 7) },
  { name: '24 MP, 300 specks', dataset: 'dust-bowl-home', width: 6000, shapes: specks(300, 3, 7) },
  { name: '24 MP, 5,000 specks', dataset: 'dust-bowl-home', width: 6000, shapes: specks(5000, 2, 7) },
  { name: '24 MP, one hole of 5 %', dataset: 'dust-bowl-home', width: 6000, isLarge: true, shapes: object(0.05) },
];

/** Makes a case's pictures. */
export async function buildScaleCase({ name, dataset, width: wanted, shapes }: ScaleCase): Promise<Case> {
  const path = join('node_modules/@stdlib', `datasets-img-${dataset}`, 'data/image.jpg');
  const { data, info } = await sharp(path).resize({ width: wanted }).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const drawing = (fill: string, wider: number) =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes(width, height, fill, wider)}</svg>`);
  const damaged = sharp(data, { raw: { width, height, channels: 3 } }).composite([{ input: drawing('#f4f0e8', 0) }]);
  const mask = await sharp(drawing('#fff', 2)).flatten({ background: '#000' }).extractChannel(0).raw().toBuffer();
  return {
    name,
    input: { width, height, data: await damaged.removeAlpha().raw().toBuffer() },
    hole: { width, height, data: Uint8Array.from(mask, (value) => (value >= 64 ? 1 : 0)) },
    truth: { width, height, data },
    hasTruth: true,
  };
}
