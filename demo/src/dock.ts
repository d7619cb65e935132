import { element } from './dom';

export type Mode = 'loading' | 'paint' | 'running';

/** Shows the controls of a mode and hides those of the other; what has the focus never vanishes without another taking it. */
export function showMode(mode: Mode, focus: HTMLElement | undefined): void {
  document.body.dataset.mode = mode;
  element('dock-paint', HTMLElement).hidden = mode === 'running';
  element('dock-running', HTMLElement).hidden = mode !== 'running';
  focus?.focus({ preventScroll: true });
}
