import type { Box } from './box';
import { element } from './dom';
import type { Mask } from './mask';
import { drawMask } from './mask-layer';
import { type Drawable, drawPicture } from './picture-layers';
import { View } from './view';

/** Device pixels for a CSS pixel are more than the eye needs beyond. */
const MOST_RATIO = 2;

/** What the stage shows. With `after`, the picture is `before` left of the divider and `after` right of it. */
export interface Scene {
  before: Drawable;
  mask: Mask;
  after?: Drawable;
  /** The divider on the stage, in CSS pixels. */
  divider?: () => number;
}

/** The two canvases: photo, and hole above it. They are drawn once a frame at most, the hole by the part that has changed. */
export class Stage {
  readonly element = element('stage', HTMLElement);
  readonly view = new View(() => this.moved());
  /** Told whenever the picture has another place on the stage. */
  onMove: () => void = () => undefined;
  private readonly picture = element('picture', HTMLCanvasElement);
  private readonly marks = element('marks', HTMLCanvasElement);
  private scene: Scene | undefined;
  private frame = 0;
  private stale = { picture: false, marks: false };
  private changed: Box[] = [];

  constructor() {
    new ResizeObserver(() => this.resize()).observe(this.element);
    this.resize();
  }

  show(scene: Scene): void {
    this.scene = scene;
    scene.mask.afterChange = (box) => {
      this.changed.push(box);
      this.schedule();
    };
    this.view.show(scene.before.width, scene.before.height);
    this.redraw();
  }

  /** Draws all anew in the next frame. */
  redraw(): void {
    this.stale = { picture: true, marks: true };
    this.schedule();
  }

  private resize(): void {
    const { width, height } = this.element.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    const ratio = Math.min(devicePixelRatio, MOST_RATIO);
    for (const canvas of [this.picture, this.marks]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.view.resize(width, height);
    // A canvas of another size is empty: leaving it so until the next frame would flicker.
    this.draw();
  }

  private moved(): void {
    this.redraw();
    this.onMove();
  }

  private schedule(): void {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { scene, stale, changed } = this;
    this.stale = { picture: false, marks: false };
    this.changed = [];
    if (!scene) return;
    if (stale.picture) this.drawPicture(scene);
    const marks = this.marks.getContext('2d')!;
    if (stale.marks) {
      marks.clearRect(0, 0, this.marks.width, this.marks.height);
      if (!scene.after) drawMask(marks, scene.mask, this.view);
    } else if (!scene.after) for (const box of changed) drawMask(marks, scene.mask, this.view, box);
  }

  private drawPicture({ before, after, divider }: Scene): void {
    const context = this.picture.getContext('2d')!;
    context.clearRect(0, 0, this.picture.width, this.picture.height);
    const { width, height } = this.view.stageSize;
    const at = after && divider ? divider() : width;
    drawPicture(context, before, this.view, { left: 0, top: 0, right: at, bottom: height });
    if (after) drawPicture(context, after, this.view, { left: at, top: 0, right: width, bottom: height });
  }
}
