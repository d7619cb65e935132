import { input } from './dom';

/** What the keys do. Each returns nothing; whether it may act now is its own affair. */
export type Actions = Record<string, () => void>;

/** Keys as they are pressed, with `Mod` for Ctrl or Command. */
function nameOfKey({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  const letter = key.length === 1 ? key.toLowerCase() : key;
  if (ctrlKey || metaKey) return `Mod+${shiftKey ? 'Shift+' : ''}${letter}`;
  return letter;
}

/** Listens for keys on the whole page. Keys of one character can be switched off, for those who speak to their computer. */
export function listenToShortcuts(actions: Actions): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
    const name = nameOfKey(event);
    const focus = event.target instanceof HTMLElement ? event.target : document.body;
    const typing = focus.matches('input[type=number], select, textarea');
    if (typing && !name.startsWith('Mod+Enter') && name !== 'Escape') return;
    if (name.length === 1 && !input('single-keys').checked) return;
    const action = actions[name];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
