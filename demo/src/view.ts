import type { Box, Point } from './box';

const MARGIN = 16;
const NEAREST = 16;

/** Which part of the picture is seen, and how large. Lengths on the page are CSS pixels. */
export class View {
  /** CSS pixels for each pixel of the picture. */
  scale = 1;
  private x = 0;
  private y = 0;
  private stage = { width: 1, height: 1 };
  private picture = { width: 1, height: 1 };
  private fitted = true;

  constructor(private readonly onChange: () => void) {}

  /** The scale at which the whole picture is seen. */
  get fitScale(): number {
    const room = (side: number) => Math.max(side - 2 * MARGIN, 32);
    return Math.min(room(this.stage.width) / this.picture.width, room(this.stage.height) / this.picture.height, 4);
  }

  get stageSize(): { width: number; height: number } {
    return this.stage;
  }

  /** The picture's place on the stage. */
  get pictureBox(): Box {
    const { width, height } = this.picture;
    return { left: this.x, top: this.y, right: this.x + width * this.scale, bottom: this.y + height * this.scale };
  }

  resize(width: number, height: number): void {
    const middle = this.toPicture({ x: this.stage.width / 2, y: this.stage.height / 2 });
    this.stage = { width, height };
    if (this.fitted) {
      this.fit();
      return;
    }
    this.x = width / 2 - middle.x * this.scale;
    this.y = height / 2 - middle.y * this.scale;
    this.settle();
  }

  show(width: number, height: number): void {
    const same = this.picture.width === width && this.picture.height === height;
    this.picture = { width, height };
    if (same) this.settle();
    else this.fit();
  }

  /** Shows the whole picture, in the middle. */
  fit(): void {
    this.scale = this.fitScale;
    this.x = (this.stage.width - this.picture.width * this.scale) / 2;
    this.y = (this.stage.height - this.picture.height * this.scale) / 2;
    this.fitted = true;
    this.onChange();
  }

  /** Enlarges by a factor; the point of the stage keeps its place of the picture. */
  zoom(factor: number, at: Point = { x: this.stage.width / 2, y: this.stage.height / 2 }): void {
    const scale = Math.min(Math.max(this.scale * factor, this.fitScale), Math.max(NEAREST, this.fitScale));
    if (scale <= this.fitScale * 1.001) {
      this.fit();
      return;
    }
    const place = this.toPicture(at);
    this.scale = scale;
    this.x = at.x - place.x * scale;
    this.y = at.y - place.y * scale;
    this.fitted = false;
    this.settle();
  }

  pan(dx: number, dy: number): void {
    if (this.fitted) return;
    this.x += dx;
    this.y += dy;
    this.settle();
  }

  /** Brings a place of the picture onto the stage, if it is off it. */
  reveal(place: Point): void {
    const { x, y } = this.toStage(place);
    const off = (at: number, side: number) => (at < MARGIN ? MARGIN - at : Math.min(side - MARGIN - at, 0));
    this.pan(off(x, this.stage.width), off(y, this.stage.height));
  }

  toPicture({ x, y }: Point): Point {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  toStage({ x, y }: Point): Point {
    return { x: x * this.scale + this.x, y: y * this.scale + this.y };
  }

  /** A side that fits is centred; a longer one leaves no more than the margin empty. */
  private settle(): void {
    const within = (at: number, side: number, room: number) =>
      side <= room - 2 * MARGIN ? (room - side) / 2 : Math.min(Math.max(at, room - side - MARGIN), MARGIN);
    this.x = within(this.x, this.picture.width * this.scale, this.stage.width);
    this.y = within(this.y, this.picture.height * this.scale, this.stage.height);
    this.onChange();
  }
}
