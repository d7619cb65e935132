import type { button } from './dom';

/** A panel that a button opens, in the place of any other. Escape closes it, and the focus goes back to the button. */
export class Panel {
  private static shown: Panel | undefined;

  /** @param first what has the focus once it is open */
  constructor(
    private readonly element: HTMLElement,
    private readonly opener: ReturnType<typeof button>,
    private readonly first: HTMLElement,
    closer: HTMLElement,
  ) {
    opener.addEventListener('click', () => this.toggle(this.element.hidden));
    closer.addEventListener('click', () => this.toggle(false));
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.toggle(false);
    });
  }

  toggle(open: boolean): void {
    if (open && Panel.shown !== this) Panel.shown?.toggle(false);
    Panel.shown = open ? this : undefined;
    this.element.hidden = !open;
    this.opener.setAttribute('aria-expanded', String(open));
    if (open) this.first.focus();
    else this.opener.focus();
  }
}
