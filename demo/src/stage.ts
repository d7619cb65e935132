import type { Box } from './box';
import { element, prefersStillness } from './dom';
import { drawMasks, type Masks } from './mask-layer';
import { type Drawable, drawFirstLooks, drawLayers, drawPicture, type FirstLook, type Layer } from './picture-layers';
import { View } from './view';

/** Device pixels for a CSS pixel are more than the eye needs beyond. */
const MOST_RATIO = 2;
/** How long a fill takes to come in, in milliseconds. */
const WIPE = 700;
/** How much of what is painted a first look takes away. What is left says that there is more to come. */
const TAKEN = 0.75;

/** What the stage shows: a photo, what was filled in it, and what is painted over. */
export interface Scene extends Masks {
  photo: Drawable;
  layers: readonly Layer[];
}

/** The two canvases: photo, and masks above it. They are drawn once a frame at most, the masks by the part that has changed. */
export class Stage {
  readonly element = element('stage', HTMLElement);
  readonly view = new View(() => this.moved());
  /** Told whenever the picture has another place on the stage. */
  onMove: () => void = () => undefined;
  /** Left of which place of the stage, in CSS pixels, the photo is shown as it was opened; `'everywhere'` without what is painted, too. */
  original: (() => number) | 'everywhere' | undefined;
  private readonly picture = element('picture', HTMLCanvasElement);
  private readonly marks = element('marks', HTMLCanvasElement);
  private scene: Scene | undefined;
  private frame = 0;
  private stale = { picture: false, marks: false };
  private changed: Box[] = [];
  /** What the fill under way looks like so far, above the layers. */
  private looks: FirstLook[] = [];
  private wipe: { before: readonly Layer[]; began: number } | undefined;

  constructor() {
    new ResizeObserver(() => this.resize()).observe(this.element);
    this.resize();
  }

  show(scene: Scene): void {
    this.scene = scene;
    this.wipe = undefined;
    this.looks = [];
    for (const mask of [scene.mask, scene.avoid]) {
      mask.afterChange = (box) => {
        this.changed.push(box);
        this.schedule();
      };
    }
    this.view.show(scene.photo.width, scene.photo.height);
    this.redraw();
  }

  /** Shows other layers; `wiped` lets them come in from the left, so that they are seen to be others. */
  showLayers(layers: readonly Layer[], wiped = false): void {
    if (!this.scene) return;
    this.wipe = wiped && !prefersStillness() ? { before: this.scene.layers, began: performance.now() } : undefined;
    this.scene.layers = layers;
    this.redraw();
  }

  /** Shows a first look at a fill as well, until they are dropped. */
  showLook(look: FirstLook): void {
    this.looks.push(look);
    this.redraw();
  }

  /** @returns whether any was shown */
  dropLooks(): boolean {
    if (this.looks.length === 0) return false;
    this.looks = [];
    this.redraw();
    return true;
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
    const { scene, stale, changed, looks } = this;
    this.stale = { picture: false, marks: false };
    this.changed = [];
    if (!scene) return;
    if (stale.picture) this.drawPicture(scene);
    const marks = this.marks.getContext('2d')!;
    const shown = this.original !== 'everywhere';
    if (stale.marks) {
      marks.clearRect(0, 0, this.marks.width, this.marks.height);
      if (!shown) return;
      drawMasks(marks, scene, this.view);
      drawFirstLooks(marks, looks, this.view, this.part(this.from), { globalCompositeOperation: 'destination-out', globalAlpha: TAKEN });
    } else if (shown) for (const box of changed) drawMasks(marks, scene, this.view, box);
  }

  /** Left of which place the photo is shown as it was opened. */
  private get from(): number {
    return typeof this.original === 'function' ? this.original() : 0;
  }

  /** What of the stage is between two places. */
  private part(left: number, right = this.view.stageSize.width): Box {
    return { left, top: 0, right, bottom: this.view.stageSize.height };
  }

  private drawPicture({ photo, layers }: Scene): void {
    const { original, from, looks, view } = this;
    const context = this.picture.getContext('2d')!;
    context.clearRect(0, 0, this.picture.width, this.picture.height);
    drawPicture(context, photo, view, this.part(0));
    if (original === 'everywhere') return;
    this.drawFilled(context, layers, from);
    // Where the photo is transparent it stays so.
    drawFirstLooks(context, looks, view, this.part(from), { globalCompositeOperation: 'source-atop' });
  }

  private drawFilled(context: CanvasRenderingContext2D, layers: readonly Layer[], from: number): void {
    const { wipe, view } = this;
    const passed = wipe ? (performance.now() - wipe.began) / WIPE : 1;
    if (!wipe || passed >= 1) {
      this.wipe = undefined;
      drawLayers(context, layers, view, this.part(from));
      return;
    }
    const { pictureBox } = view;
    const eased = 1 - (1 - passed) ** 2;
    const edge = Math.max(from, pictureBox.left + (pictureBox.right - pictureBox.left) * eased);
    drawLayers(context, layers, view, this.part(from, edge));
    drawLayers(context, wipe.before, view, this.part(edge));
    this.stale.picture = true;
    this.schedule();
  }
}
