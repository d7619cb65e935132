import type { Picture } from 'cra-inpaint';
import { fitMask, readMask } from 'cra-inpaint/browser';
import type { BrushSize } from './brush-size';
import type { Compare } from './compare';
import { History } from './history';
import { Mask } from './mask';
import { closePhoto, imageOf, openPhoto, type Photo, photoFromResult } from './photo';
import { close, type Drawable } from './picture-layers';
import type { Stage } from './stage';
import type { Tools } from './tools';

/** What the session draws with. */
export interface SessionParts {
  stage: Stage;
  tools: Tools;
  compare: Compare;
  brush: BrushSize;
  /** Told when the mask or what can be undone has changed. */
  onChange: () => void;
}

/** One photo being worked on: the photo, the hole in it, and the last result. */
export class Session {
  photo: Photo | undefined;
  mask = new Mask(1, 1);
  history = new History(this.mask);
  result: { picture: Picture; image: Drawable } | undefined;

  constructor(private readonly parts: SessionParts) {}

  /** Opens a file. Where it can't be read, what was there before stays. */
  async open(file: Blob, name: string): Promise<void> {
    this.take(await openPhoto(file, name));
  }

  /** Takes a mask file over, brought to the photo's size. It can be undone, unless the photo comes with it. */
  async loadMask(file: Blob, undoable = true): Promise<void> {
    const { mask, history } = this;
    const picture = fitMask(await readMask(file), mask.width, mask.height);
    if (undoable) history.step(() => mask.load(picture));
    else mask.load(picture);
  }

  /** Takes a result over and shows it beside the photo. */
  async takeResult(picture: Picture): Promise<void> {
    const image = await imageOf(picture);
    this.dropResult();
    this.result = { picture, image };
    this.showResult();
    this.parts.compare.reveal();
  }

  /** Shows the result that there is, divided from the photo. */
  showResult(): void {
    const { stage, compare } = this.parts;
    if (!this.result) return;
    stage.show({ before: this.photo!.image, mask: this.mask, after: this.result.image, divider: () => compare.position });
    compare.show();
  }

  /** Shows the photo with what is painted; the result is kept. */
  showMask(): void {
    this.parts.compare.hide();
    this.parts.stage.show({ before: this.photo!.image, mask: this.mask });
  }

  /** Goes back to painting; the result is forgotten. */
  backToPainting(): void {
    this.showMask();
    this.dropResult();
  }

  /** Makes the result the photo, with nothing painted. */
  continueFromResult(): void {
    const { photo, result } = this;
    if (!photo || !result) return;
    this.result = undefined;
    this.take(photoFromResult(photo, result.picture, result.image));
  }

  private take(photo: Photo): void {
    const { stage, tools, compare, brush, onChange } = this.parts;
    const old = this.photo;
    this.photo = photo;
    this.mask = new Mask(photo.width, photo.height);
    this.history = new History(this.mask, onChange);
    tools.use(this.mask, this.history);
    brush.useFor(photo.width, photo.height);
    compare.hide();
    stage.show({ before: photo.image, mask: this.mask });
    this.dropResult();
    if (old) closePhoto(old);
    onChange();
  }

  private dropResult(): void {
    if (this.result) close(this.result.image);
    this.result = undefined;
  }
}
