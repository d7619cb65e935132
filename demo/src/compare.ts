import { element, prefersStillness } from './dom';
import type { Stage } from './stage';

const KEYS: Record<string, number> = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10 };

/** The divider between before and after, from 0 (all after) to 100 (all before) of what is seen of the picture. */
export class Compare {
  private readonly slider = element('divider', HTMLElement);
  private value = 50;
  private animation = 0;

  constructor(private readonly stage: Stage) {
    this.slider.addEventListener('keydown', (event) => {
      const { key } = event;
      if (!(key in KEYS) && key !== 'Home' && key !== 'End') return;
      event.preventDefault();
      event.stopPropagation();
      this.set(key === 'Home' ? 0 : key === 'End' ? 100 : this.value + KEYS[key]);
    });
    this.slider.addEventListener('pointerdown', (event) => {
      this.slider.setPointerCapture(event.pointerId);
      this.slider.focus();
    });
    this.slider.addEventListener('pointermove', (event) => {
      if (this.slider.hasPointerCapture(event.pointerId)) this.moveTo(event.clientX - stage.element.getBoundingClientRect().left);
    });
  }

  /** Shows the divider where it was. */
  show(): void {
    this.slider.hidden = false;
    this.set(this.value);
  }

  /** Shows the divider and runs it across the picture once, so that the result is seen to be another. */
  reveal(): void {
    this.slider.hidden = false;
    this.set(prefersStillness() ? 50 : 100);
    if (prefersStillness()) return;
    const began = performance.now();
    const run = (now: number) => {
      const passed = Math.min((now - began) / 1100, 1);
      const eased = passed < 0.5 ? 2 * passed ** 2 : 1 - 2 * (1 - passed) ** 2;
      this.set(100 - 62 * eased, true);
      if (passed < 1) this.animation = requestAnimationFrame(run);
    };
    this.animation = requestAnimationFrame(run);
  }

  hide(): void {
    cancelAnimationFrame(this.animation);
    this.slider.hidden = true;
  }

  focus(): void {
    this.slider.focus();
  }

  /** Where the divider stands on the stage, in CSS pixels. */
  get position(): number {
    const { left, right } = this.seen();
    return left + ((right - left) * this.value) / 100;
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

  private set(value: number, animated = false): void {
    if (!animated) cancelAnimationFrame(this.animation);
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
