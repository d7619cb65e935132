import { type Box, intersection } from './box';
import type { Mask } from './mask';

const TILE = 128;
/** What all steps may hold together, in bytes. The oldest are forgotten beyond. */
const LIMIT = 32 * 2 ** 20;

/** The tiles that a step changed as they were before, a bit a pixel, by their number. */
type Step = Map<number, Uint8Array>;

const bytesOf = (step: Step) => (step.size * TILE * TILE) / 8;

/** Undo and redo of a mask. A step keeps only the tiles that it touched, so its memory is that of the stroke. */
export class History {
  private done: Step[] = [];
  private undone: Step[] = [];
  private current: Step | undefined;
  private readonly columns: number;

  constructor(
    private readonly mask: Mask,
    private readonly onChange: () => void = () => undefined,
    private readonly limit = LIMIT,
  ) {
    this.columns = Math.ceil(mask.width / TILE);
    mask.beforeChange = (box) => this.keep(box);
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Runs changes as one step. */
  step(change: () => void): void {
    this.begin();
    change();
    this.end();
  }

  /** Opens a step; every change until `end` belongs to it. */
  begin(): void {
    this.end();
    this.current = new Map();
  }

  /** Closes the step. One that changed nothing is none. */
  end(): void {
    const step = this.current;
    this.current = undefined;
    if (!step || step.size === 0) return;
    for (const [tile, before] of step) if (this.isAs(tile, before)) step.delete(tile);
    if (step.size === 0) return;
    this.done.push(step);
    this.undone = [];
    let bytes = this.done.reduce((sum, each) => sum + bytesOf(each), 0);
    while (bytes > this.limit && this.done.length > 1) bytes -= bytesOf(this.done.shift()!);
    this.onChange();
  }

  /** Drops the open step and takes back what it changed. */
  cancel(): void {
    const step = this.current;
    this.current = undefined;
    if (step) this.exchange(step);
  }

  undo(): void {
    this.end();
    const step = this.done.pop();
    if (!step) return;
    this.undone.push(this.exchange(step));
    this.onChange();
  }

  redo(): void {
    this.end();
    const step = this.undone.pop();
    if (!step) return;
    this.done.push(this.exchange(step));
    this.onChange();
  }

  private keep({ left, top, right, bottom }: Box): void {
    if (!this.current) return;
    for (let row = Math.floor(top / TILE); row * TILE < bottom; row++) {
      for (let column = Math.floor(left / TILE); column * TILE < right; column++) {
        const tile = row * this.columns + column;
        if (!this.current.has(tile)) this.current.set(tile, this.read(tile));
      }
    }
  }

  /** Puts a step's tiles back, and returns those that stood in their place. */
  private exchange(step: Step): Step {
    const other: Step = new Map();
    for (const [tile, bits] of step) {
      other.set(tile, this.read(tile));
      this.write(tile, bits);
    }
    return other;
  }

  private boxOf(tile: number): Box {
    const left = (tile % this.columns) * TILE;
    const top = Math.floor(tile / this.columns) * TILE;
    return intersection({ left, top, right: left + TILE, bottom: top + TILE }, this.mask.whole);
  }

  private read(tile: number): Uint8Array {
    const { left, top, right, bottom } = this.boxOf(tile);
    const bits = new Uint8Array((TILE * TILE) / 8);
    for (let y = top; y < bottom; y++) {
      for (let x = left, bit = (y - top) * TILE; x < right; x++, bit++) {
        if (this.mask.data[y * this.mask.width + x]) bits[bit >> 3] |= 1 << (bit & 7);
      }
    }
    return bits;
  }

  private isAs(tile: number, bits: Uint8Array): boolean {
    return this.read(tile).every((byte, i) => byte === bits[i]);
  }

  private write(tile: number, bits: Uint8Array): void {
    const box = this.boxOf(tile);
    const { data, width } = this.mask;
    for (let y = box.top; y < box.bottom; y++) {
      for (let x = box.left, bit = (y - box.top) * TILE; x < box.right; x++, bit++) {
        const value = bits[bit >> 3] & (1 << (bit & 7)) ? 255 : 0;
        const i = y * width + x;
        if (data[i] === value) continue;
        this.mask.holePixels += value ? 1 : -1;
        data[i] = value;
      }
    }
    this.mask.afterChange(box);
  }
}
