import { type Box, isEmpty } from './box';
import { element } from './dom';
import type { Fill } from './fills';
import { type Drawable, drawLayers, drawPicture, type Layer } from './picture-layers';

/** A thumbnail's side in CSS pixels; it is drawn with twice as many. */
const SIDE = 72;

/** The tries of the last fill, to choose from. They are there as soon as there are two. */
export class Choices {
  private readonly panel = element('choices', HTMLElement);
  private readonly list = element('choices-list', HTMLElement);
  private shown: { fill: Fill; tries: number } | undefined;

  constructor(private readonly onChoose: (index: number) => void) {}

  show(fill: Fill | undefined): void {
    const several = fill && fill.tries.length > 1 ? fill : undefined;
    this.panel.hidden = several === undefined;
    if (!several) {
      this.shown = undefined;
      return;
    }
    // Kept where they are the same, so that the keys go on from the one that has the focus.
    if (this.shown?.fill !== several || this.shown.tries !== several.tries.length) {
      this.shown = { fill: several, tries: several.tries.length };
      this.list.replaceChildren(...several.tries.map(({ thumbnail }, index) => this.choice(thumbnail, index)));
    }
    const inputs = this.list.querySelectorAll('input');
    inputs[several.chosen].checked = true;
    inputs[several.chosen].parentElement!.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  private choice(thumbnail: HTMLCanvasElement, index: number): HTMLElement {
    const label = document.createElement('label');
    const input = document.createElement('input');
    input.type = 'radio';
    input.name = 'try';
    input.setAttribute('aria-label', `Try ${index + 1}`);
    input.addEventListener('change', () => this.onChoose(index));
    label.title = `Try ${index + 1}`;
    label.append(input, thumbnail);
    return label;
  }
}

/** A small picture of what was filled, and of what is around it. */
export function thumbnailOf(photo: Drawable, layers: readonly Layer[], box: Box): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = 2 * SIDE;
  canvas.height = 2 * SIDE;
  const whole = isEmpty(box) ? { left: 0, top: 0, right: photo.width, bottom: photo.height } : box;
  // What is around tells the fill as much as itself does.
  const side = Math.min(1.5 * Math.max(whole.right - whole.left, whole.bottom - whole.top), Math.max(photo.width, photo.height));
  const scale = SIDE / side;
  const corner = (from: number, to: number, length: number) =>
    Math.min(Math.max((from + to - side) / 2, Math.min(length - side, 0)), Math.max(length - side, 0));
  const left = -corner(whole.left, whole.right, photo.width) * scale;
  const top = -corner(whole.top, whole.bottom, photo.height) * scale;
  const view = {
    scale,
    stageSize: { width: SIDE, height: SIDE },
    pictureBox: { left, top, right: left + photo.width * scale, bottom: top + photo.height * scale },
  };
  const all = { left: 0, top: 0, right: SIDE, bottom: SIDE };
  const context = canvas.getContext('2d')!;
  drawPicture(context, photo, view, all);
  drawLayers(context, layers, view, all);
  return canvas;
}
