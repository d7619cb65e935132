import type { RunMask } from 'cra-inpaint';
import { around, type Box, intersection, isEmpty, NOWHERE } from './box';
import type { Shape } from './shapes';

/** The library takes for hole what is not clearly to be kept, so a soft mask is cut where it cuts. */
const HOLE_FROM = 64;

/** What of a mask picture is looked at: its pixels, grey or grey with alpha, of 8 or 16 bits. */
export interface MaskPixels {
  data: Uint8Array | Uint8ClampedArray | Uint16Array;
  channels: number;
}

/** The hole at the photo's full resolution, or what is not to be copied, in the same words: a byte for each pixel, 255 in the hole and 0 elsewhere. */
export class Mask {
  readonly data: Uint8Array;
  /** How many pixels are hole. */
  holePixels = 0;
  /** Told of a box before any pixel in it changes. */
  beforeChange: (box: Box) => void = () => undefined;
  /** Told of a box after pixels in it have changed. */
  afterChange: (box: Box) => void = () => undefined;
  /** Where there may be hole: only there is looked for it. */
  private touched = NOWHERE;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8Array(width * height);
  }

  get whole(): Box {
    return { left: 0, top: 0, right: this.width, bottom: this.height };
  }

  /** Sets all pixels of a shape to hole, or to kept. */
  fill(shape: Shape, hole: boolean): void {
    const box = intersection(shape.box, this.whole);
    if (isEmpty(box)) return;
    this.beforeChange(box);
    const value = hole ? 255 : 0;
    let changed = 0;
    for (let y = box.top; y < box.bottom; y++) {
      const start = y * this.width;
      shape.row(y, (from, to) => {
        const end = start + Math.min(to, box.right);
        for (let i = start + Math.max(from, box.left); i < end; i++) {
          if (this.data[i] === value) continue;
          this.data[i] = value;
          changed++;
        }
      });
    }
    this.holePixels += hole ? changed : -changed;
    this.changed(box);
  }

  clear(): void {
    const { left, top, right, bottom } = this.touched;
    if (isEmpty(this.touched)) return;
    this.beforeChange(this.touched);
    for (let y = top; y < bottom; y++) this.data.fill(0, y * this.width + left, y * this.width + right);
    this.holePixels = 0;
    this.changed(this.touched);
  }

  invert(): void {
    this.replace((i) => this.data[i] === 0);
  }

  /** Takes over a mask picture of the same size: white is hole; where it has an alpha channel, only what is opaque counts. */
  load({ data, channels }: MaskPixels): void {
    const scale = data instanceof Uint16Array ? 257 : 1;
    const alpha = channels % 2 === 0 ? channels - 1 : undefined;
    this.replace((i) => {
      const opacity = alpha === undefined ? 255 : data[i * channels + alpha] / scale;
      return (data[i * channels] / scale) * (opacity / 255) >= HOLE_FROM;
    });
  }

  /** The hole as the library takes it, in runs: so what is sent is as little as what was painted, however large the photo. */
  toRuns(): RunMask {
    const { width, height, data } = this;
    const { left, top, right, bottom } = this.touched;
    const eachRun = (use: (row: number, from: number, to: number) => void) => {
      for (let y = top; y < bottom; y++) {
        const row = data.subarray(y * width + left, y * width + right);
        for (let from = row.indexOf(255); from >= 0; ) {
          const next = row.indexOf(0, from);
          const to = next < 0 ? row.length : next;
          use(y, left + from, left + to);
          from = row.indexOf(255, to);
        }
      }
    };
    let count = 0;
    eachRun(() => count++);
    const runs = new Uint32Array(3 * count);
    let at = 0;
    eachRun((row, from, to) => {
      runs[at++] = row;
      runs[at++] = from;
      runs[at++] = to;
    });
    return { width, height, channels: 1, data, runs };
  }

  /** Tells that pixels of a box have changed. */
  changed(box: Box): void {
    this.touched = this.holePixels === 0 ? NOWHERE : around(this.touched, box);
    this.afterChange(box);
  }

  private replace(isHole: (index: number) => boolean): void {
    this.beforeChange(this.whole);
    let holePixels = 0;
    for (let i = 0; i < this.data.length; i++) {
      const hole = isHole(i);
      this.data[i] = hole ? 255 : 0;
      if (hole) holePixels++;
    }
    this.holePixels = holePixels;
    this.changed(this.whole);
  }
}
