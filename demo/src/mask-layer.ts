import { type Box, intersection, isEmpty } from './box';
import type { Mask } from './mask';
import type { View } from './view';

const EDGE = [255, 255, 255, 240];
/** How far from the edge it is still drawn, in CSS pixels. */
const EDGE_WIDTH = 1.2;

/** How wide a stripe is, in CSS pixels along a row. */
const STRIPE = 6;

/** The colour of a pixel by how many of the nine places around it are hole: nothing, the edge where half of them are, the fill. */
const coloursTo = (fill: number[]): Uint32Array =>
  Uint32Array.from({ length: 10 }, (_, count) => {
    const edge = 1 - Math.abs(count - 4.5) / 4.5;
    const colour = count < 4.5 ? [255, 255, 255, EDGE[3] * edge] : fill.map((value, i) => value + (EDGE[i] - value) * edge);
    return new Uint32Array(Uint8ClampedArray.from(colour).buffer)[0];
  });
const REMOVED = coloursTo([255, 45, 111, 120]);
/** Striped, so that it is told from what is to go without its colour. */
const AVOIDED = [coloursTo([20, 105, 255, 85]), coloursTo([20, 105, 255, 165])];

/** What is to go, and what is not to be copied. */
export interface Masks {
  mask: Mask;
  avoid: Mask;
}

/**
 * Draws a part of the masks as they are seen, what is to go above: each pixel of the canvas looks up the masks' pixel beneath it. So the work
 * and the memory are the screen's, whatever the photo's size.
 *
 * @param changed of the picture; all that is seen where it is left out
 */
export function drawMasks(context: CanvasRenderingContext2D, { mask, avoid }: Masks, view: View, changed: Box = mask.whole): void {
  const { canvas } = context;
  const ratio = canvas.width / view.stageSize.width;
  const scale = view.scale * ratio;
  const edge = Math.max(1, Math.round(EDGE_WIDTH * ratio));
  const corner = view.toStage({ x: 0, y: 0 });
  const origin = { x: corner.x * ratio, y: corner.y * ratio };
  const part = intersection(
    {
      left: Math.floor(changed.left * scale + origin.x) - edge - 1,
      top: Math.floor(changed.top * scale + origin.y) - edge - 1,
      right: Math.ceil(changed.right * scale + origin.x) + edge + 1,
      bottom: Math.ceil(changed.bottom * scale + origin.y) + edge + 1,
    },
    { left: 0, top: 0, right: canvas.width, bottom: canvas.height },
  );
  if (isEmpty(part)) return;
  const width = part.right - part.left;
  const height = part.bottom - part.top;

  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const wide = width + 2 * edge;
  const columns = Int32Array.from({ length: wide }, (_, i) => {
    const x = Math.floor((part.left + i - edge + 0.5 - origin.x) / scale);
    return x >= 0 && x < mask.width ? x : -1;
  });

  const draw = ({ data, holePixels }: Mask, coloursAt: (x: number, y: number) => Uint32Array) => {
    if (holePixels === 0) return;
    // What lies under the canvas's pixels, with the edge's width more on all sides. Beyond the picture nothing is hole.
    const seen = new Uint8Array(wide * (height + 2 * edge));
    for (let y = 0; y < height + 2 * edge; y++) {
      const row = Math.floor((part.top + y - edge + 0.5 - origin.y) / scale);
      if (row < 0 || row >= mask.height) continue;
      for (let x = 0; x < wide; x++) if (columns[x] >= 0 && data[row * mask.width + columns[x]] !== 0) seen[y * wide + x] = 1;
    }
    // How many of nine places around a pixel are hole says how near it is to the edge.
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        let count = 0;
        for (let at = y * wide + x, row = 0; row < 3; row++, at += edge * wide) count += seen[at] + seen[at + edge] + seen[at + 2 * edge];
        if (count > 0) pixels[i] = coloursAt(x, y)[count];
      }
    }
  };

  // Stripes begin at the picture's corner, so that a part drawn later goes on with those that are there.
  const stripe = STRIPE * ratio;
  const start = part.left + part.top - origin.x - origin.y;
  draw(avoid, (x, y) => AVOIDED[Math.floor((start + x + y) / stripe) & 1]);
  draw(mask, () => REMOVED);
  context.putImageData(image, part.left, part.top);
}
