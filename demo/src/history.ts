import { type Box, intersection } from './box';
import type { Mask } from './mask';

const TILE = 128;
/** What all steps may hold together of the masks, in bytes. The oldest are forgotten beyond. */
const LIMIT = 32 * 2 ** 20;

/** The tiles that a step changed as they were before, a bit a pixel, by their number over all masks; and the fill that took what was painted, if it was one. */
interface Step<Fill> {
  tiles: Map<number, Uint8Array>;
  fill?: Fill;
}

const bytesOf = ({ tiles }: Step<unknown>) => (tiles.size * TILE * TILE) / 8;

/**
 * Undo and redo: of strokes in masks of one size, and of fills, which take away what was painted into the first of them. A step keeps only the
 * tiles that it touched, so its memory is that of the stroke. What a fill did to the photo is its owner's affair, who is told which was undone or done again.
 */
export class History<Fill = unknown> {
  private done: Step<Fill>[] = [];
  private undone: Step<Fill>[] = [];
  private current: Step<Fill> | undefined;
  private readonly columns: number;
  /** How many tiles a mask has. */
  private readonly each: number;

  constructor(
    private readonly masks: readonly Mask[],
    private readonly onChange: () => void = () => undefined,
    private readonly limit = LIMIT,
  ) {
    const [{ width, height }] = masks;
    this.columns = Math.ceil(width / TILE);
    this.each = this.columns * Math.ceil(height / TILE);
    for (const [i, mask] of masks.entries()) mask.beforeChange = (box) => this.keep(i * this.each, box);
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** The fill after which nothing was painted into the first mask: what was marked in others since does not belong to the next fill alone. */
  get lastFill(): Fill | undefined {
    return this.done[this.lastInFirst]?.fill;
  }

  /** The fill that redo would do again, if it is one. */
  get nextFill(): Fill | undefined {
    return this.undone.at(-1)?.fill;
  }

  /** Runs changes as one step. */
  step(change: () => void, fill?: Fill): void {
    this.begin();
    if (fill !== undefined) this.current!.fill = fill;
    change();
    this.end();
  }

  /** Opens a step; every change until `end` belongs to it. */
  begin(): void {
    this.end();
    this.current = { tiles: new Map() };
  }

  /** Closes the step. One that changed nothing is none. */
  end(): void {
    const step = this.current;
    this.current = undefined;
    if (!step) return;
    for (const [tile, before] of step.tiles) if (this.isAs(tile, before)) step.tiles.delete(tile);
    if (step.tiles.size === 0 && step.fill === undefined) return;
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

  /** @returns the fill that was undone, if it was one */
  undo(): Fill | undefined {
    this.end();
    const step = this.done.pop();
    if (!step) return undefined;
    this.undone.push(this.exchange(step));
    this.onChange();
    return step.fill;
  }

  /** @returns the fill that was done again, if it was one */
  redo(): Fill | undefined {
    this.end();
    const step = this.undone.pop();
    if (!step) return undefined;
    this.done.push(this.exchange(step));
    this.onChange();
    return step.fill;
  }

  /** Makes the last fill the last step, as if what was marked in other masks since had been there before it: neither touches what the other does. */
  raiseLastFill(): void {
    if (this.lastFill !== undefined) this.done.push(this.done.splice(this.lastInFirst, 1)[0]!);
  }

  /** Forgets what could be done again: it was made for another state. */
  forgetUndone(): void {
    this.undone = [];
    this.onChange();
  }

  /** The last step that was a fill, or changed the first mask; -1 where there is none. */
  private get lastInFirst(): number {
    return this.done.findLastIndex(({ tiles, fill }) => fill !== undefined || [...tiles.keys()].some((tile) => tile < this.each));
  }

  private keep(first: number, { left, top, right, bottom }: Box): void {
    if (!this.current) return;
    const { tiles } = this.current;
    for (let row = Math.floor(top / TILE); row * TILE < bottom; row++) {
      for (let column = Math.floor(left / TILE); column * TILE < right; column++) {
        const tile = first + row * this.columns + column;
        if (!tiles.has(tile)) tiles.set(tile, this.read(tile));
      }
    }
  }

  /** Puts a step's tiles back, and returns those that stood in their place. */
  private exchange({ tiles, fill }: Step<Fill>): Step<Fill> {
    const other: Step<Fill> = { tiles: new Map(), fill };
    for (const [tile, bits] of tiles) {
      other.tiles.set(tile, this.read(tile));
      this.write(tile, bits);
    }
    return other;
  }

  private placeOf(tile: number): { mask: Mask; box: Box } {
    const mask = this.masks[Math.floor(tile / this.each)];
    const left = ((tile % this.each) % this.columns) * TILE;
    const top = Math.floor((tile % this.each) / this.columns) * TILE;
    return { mask, box: intersection({ left, top, right: left + TILE, bottom: top + TILE }, mask.whole) };
  }

  private read(tile: number): Uint8Array {
    const { mask, box } = this.placeOf(tile);
    const { left, top, right, bottom } = box;
    const bits = new Uint8Array((TILE * TILE) / 8);
    for (let y = top; y < bottom; y++) {
      for (let x = left, bit = (y - top) * TILE; x < right; x++, bit++) {
        if (mask.data[y * mask.width + x]) bits[bit >> 3] |= 1 << (bit & 7);
      }
    }
    return bits;
  }

  private isAs(tile: number, bits: Uint8Array): boolean {
    return this.read(tile).every((byte, i) => byte === bits[i]);
  }

  private write(tile: number, bits: Uint8Array): void {
    const { mask, box } = this.placeOf(tile);
    const { data, width } = mask;
    for (let y = box.top; y < box.bottom; y++) {
      for (let x = box.left, bit = (y - box.top) * TILE; x < box.right; x++, bit++) {
        const value = bits[bit >> 3] & (1 << (bit & 7)) ? 255 : 0;
        const i = y * width + x;
        if (data[i] === value) continue;
        mask.holePixels += value ? 1 : -1;
        data[i] = value;
      }
    }
    mask.changed(box);
  }
}
