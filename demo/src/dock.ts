import { element } from './dom';

export type Mode = 'loading' | 'paint' | 'running' | 'result';

/** Shows the controls of a mode and hides those of the others; what has the focus never vanishes without another taking it. */
export function showMode(mode: Mode, focus: HTMLElement | undefined): void {
  document.body.dataset.mode = mode;
  for (const [name, id] of [
    ['paint', 'dock-paint'],
    ['running', 'dock-running'],
    ['result', 'dock-result'],
  ])
    element(id, HTMLElement).hidden = name !== (mode === 'loading' ? 'paint' : mode);
  focus?.focus({ preventScroll: true });
}
