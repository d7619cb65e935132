import { button, element } from './dom';
import type { Stage } from './stage';

const KEYS: Record<string, number> = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10 };
/** A shorter press is no holding, in milliseconds. */
const HELD = 250;

/**
 * Comparing with the photo as it was opened: it is shown while a button or key is held. A short press shows a divider instead, between before
 * and after, from 0 (all after) to 100 (all before) of what is seen of the picture.
 */
export class Compare {
  private readonly slider = element('divider', HTMLElement);
  private readonly button = button('compare');
  private value = 50;
  private heldSince: number | undefined;

  constructor(private readonly stage: Stage) {
    this.slider.addEventListener('keydown', (event) => {
      const { key } = event;
      if (!(key in KEYS) && key !== 'Home' && key !== 'End') return;
      event.preventDefault();
      event.stopPropagation();
      this.set(key === 'Home' ? 0 : key === 'End' ? 100 : this.value + KEYS[key]);
    });
    this.button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.button.setPointerCapture(event.pointerId);
      this.hold();
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) this.button.addEventListener(type, () => this.release());
    this.button.addEventListener('contextmenu', (event) => event.preventDefault());
    // A click without a pointer is one of the keys, or of a screen reader.
    this.button.addEventListener('click', ({ detail }) => detail === 0 && this.toggle());
  }

  /** Whether there is something to compare. */
  set enabled(enabled: boolean) {
    this.button.disabled = !enabled;
    if (enabled || (this.slider.hidden && this.heldSince === undefined)) return;
    this.heldSince = undefined;
    this.showDivider(false);
  }

  /** Shows the original until it is let go. */
  hold(): void {
    if (this.button.disabled || this.heldSince !== undefined) return;
    this.heldSince = performance.now();
    this.stage.original = 'everywhere';
    this.stage.redraw();
  }

  /** Lets go. Where that was at once, the divider comes, or goes. */
  release(): void {
    if (this.heldSince === undefined) return;
    const short = performance.now() - this.heldSince < HELD;
    this.heldSince = undefined;
    const divided = !this.slider.hidden;
    this.showDivider(short ? !divided : divided);
  }

  focus(): void {
    this.slider.focus({ preventScroll: true });
  }

  /** Moves the divider to a place of the stage. */
  moveTo(x: number): void {
    const { left, right } = this.seen();
    this.set(((x - left) / (right - left)) * 100);
  }

  /** Puts the handle where the divider is. */
  place(): void {
    const { top, bottom } = this.seen();
    this.slider.style.transform = `translateX(${this.position}px)`;
    this.slider.style.top = `${top}px`;
    this.slider.style.height = `${bottom - top}px`;
  }

  private toggle(): void {
    this.showDivider(this.slider.hidden);
    if (!this.slider.hidden) this.focus();
  }

  private showDivider(shown: boolean): void {
    this.slider.hidden = !shown;
    this.button.setAttribute('aria-pressed', String(shown));
    this.stage.original = shown ? () => this.position : undefined;
    this.set(this.value);
  }

  /** Where the divider stands on the stage, in CSS pixels. */
  private get position(): number {
    const { left, right } = this.seen();
    return left + ((right - left) * this.value) / 100;
  }

  private set(value: number): void {
    this.value = Math.min(Math.max(value, 0), 100);
    this.slider.setAttribute('aria-valuenow', String(Math.round(this.value)));
    this.slider.setAttribute('aria-valuetext', `${Math.round(this.value)} % before, ${Math.round(100 - this.value)} % after`);
    this.place();
    this.stage.redraw();
  }

  private seen() {
    const { left, top, right, bottom } = this.stage.view.pictureBox;
    const { width, height } = this.stage.view.stageSize;
    return { left: Math.max(left, 0), top: Math.max(top, 0), right: Math.min(right, width), bottom: Math.min(bottom, height) };
  }
}
