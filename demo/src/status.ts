import { button, element } from './dom';
import type { PlainWords } from './plain-words';

/** How long a message stays to be seen, in milliseconds. Screen readers have read it by then, or go on reading. */
const SHOWN = 6000;

/** Messages: passing ones, which are read out when there is a pause, and errors, which stay until they are closed. */
export class Status {
  private readonly passing = element('status', HTMLElement);
  private readonly spoken = element('spoken', HTMLElement);
  private readonly error = element('error', HTMLElement);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    button('error-close').addEventListener('click', () => this.clearError());
  }

  /** Shows a message for a while, and has it read out. */
  tell(message: string): void {
    clearTimeout(this.timer);
    this.passing.textContent = message;
    this.timer = setTimeout(() => this.silence(), SHOWN);
  }

  /** Has a message read out only. */
  say(message: string): void {
    this.spoken.textContent = message;
  }

  fail({ title, advice }: PlainWords): void {
    this.silence();
    element('error-title', HTMLElement).textContent = title;
    element('error-advice', HTMLElement).textContent = advice;
    this.error.hidden = false;
  }

  clearError(): void {
    this.error.hidden = true;
  }

  /** Takes away what was told last. */
  silence(): void {
    clearTimeout(this.timer);
    this.passing.textContent = '';
  }
}
