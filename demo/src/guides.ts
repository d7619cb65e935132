import type { Point } from './box';
import { element } from './dom';
import type { Stage } from './stage';
import type { Outline, Tools } from './tools';

/** What is drawn above the canvases: the brush's ring, the outline under way, the keys' cross. */
export class Guides {
  private readonly ring = element('ring', HTMLElement);
  private readonly outline = element('outline', SVGPathElement);
  private readonly cross = element('cross', SVGPathElement);
  private points: Outline | undefined;
  private crossAt: Point | undefined;
  private hovered: Point | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly tools: Tools,
  ) {}

  /** Draws all again, where the view or the brush has changed. */
  update(): void {
    this.showOutline(this.points);
    this.showCross(this.crossAt);
    this.showRing(this.hovered);
  }

  showOutline(outline: Outline | undefined): void {
    this.points = outline;
    const places = (outline?.points ?? []).map((point) => this.stage.view.toStage(point));
    let path = places.map(({ x, y }, i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
    if (outline?.kind === 'rectangle' && places.length === 2) {
      const [a, b] = places;
      path = `M${a.x} ${a.y}H${b.x}V${b.y}H${a.x}Z`;
    }
    this.outline.setAttribute('d', path);
  }

  showCross(at: Point | undefined): void {
    this.crossAt = at;
    const place = at && this.stage.view.toStage(at);
    this.cross.setAttribute('d', place ? `M${place.x - 14} ${place.y}h10m8 0h10M${place.x} ${place.y - 14}v10m0 8v10` : '');
    if (at && this.paints) this.showRing(place);
    else if (!at && this.hovered === undefined) this.showRing(undefined);
  }

  /** The brush at a place of the stage. */
  showRing(at: Point | undefined): void {
    this.hovered = at;
    const shown = at !== undefined && this.paints;
    this.ring.hidden = !shown;
    if (!shown) return;
    const size = Math.max(this.tools.size * this.stage.view.scale, 4);
    this.ring.style.width = `${size}px`;
    this.ring.style.height = `${size}px`;
    this.ring.style.transform = `translate(${at.x - size / 2}px, ${at.y - size / 2}px)`;
  }

  private get paints(): boolean {
    return this.tools.name === 'brush' || this.tools.name === 'eraser';
  }
}
