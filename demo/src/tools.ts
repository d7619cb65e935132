import type { Point } from './box';
import type { History } from './history';
import type { Mask } from './mask';
import { capsule, polygon, rectangle, type Shape } from './shapes';

export type ToolName = 'brush' | 'eraser' | 'lasso' | 'rectangle';

/** A drawing under way: where it has been, and what would be painted if it ended now. */
export interface Outline {
  kind: 'lasso' | 'rectangle';
  points: Point[];
}

/** Draws into the mask from presses, moves and releases, wherever they come from: mouse, finger, pen or keys. */
export class Tools {
  name: ToolName = 'brush';
  /** The brush's diameter in pixels of the picture. */
  size = 40;
  /** Told of the outline that a lasso or rectangle has so far. */
  onOutline: (outline: Outline | undefined) => void = () => undefined;
  private mask: Mask | undefined;
  private history: History | undefined;
  private points: Point[] = [];

  /** Whether a drawing is under way. */
  get drawing(): boolean {
    return this.points.length > 0;
  }

  use(mask: Mask, history: History): void {
    this.cancel();
    this.mask = mask;
    this.history = history;
  }

  press(at: Point): void {
    if (!this.history) return;
    this.cancel();
    this.history.begin();
    this.points = [at];
    if (this.paints) this.paint(capsule(at, at, this.size / 2));
    else this.showOutline();
  }

  /** Goes on through places in their order. */
  move(places: readonly Point[]): void {
    if (!this.drawing) return;
    for (const at of places) {
      const last = this.points.at(-1)!;
      if (at.x === last.x && at.y === last.y) continue;
      if (this.paints) {
        this.paint(capsule(last, at, this.size / 2));
        this.points = [at];
      } else if (this.name === 'lasso') this.points.push(at);
      else this.points = [this.points[0], at];
    }
    if (!this.paints) this.showOutline();
  }

  release(): void {
    if (!this.drawing) return;
    const shape = this.outlined();
    if (shape) this.mask!.fill(shape, true);
    this.points = [];
    this.history!.end();
    this.onOutline(undefined);
  }

  /** Drops the drawing as if it had never begun. */
  cancel(): void {
    if (!this.drawing) return;
    this.points = [];
    this.history!.cancel();
    this.onOutline(undefined);
  }

  private get paints(): boolean {
    return this.name === 'brush' || this.name === 'eraser';
  }

  private paint(shape: Shape): void {
    this.mask!.fill(shape, this.name === 'brush');
  }

  private outlined(): Shape | undefined {
    if (this.name === 'lasso' && this.points.length > 2) return polygon(this.points);
    if (this.name === 'rectangle' && this.points.length === 2) return rectangle(this.points[0], this.points[1]);
    return undefined;
  }

  private showOutline(): void {
    this.onOutline({ kind: this.name === 'lasso' ? 'lasso' : 'rectangle', points: this.points });
  }
}
