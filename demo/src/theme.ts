import { button } from './dom';

type Theme = 'light' | 'dark';
const KEY = 'cra-inpaint-theme';

/** Storage may be forbidden: the page then forgets the choice, and works as well. */
const stored = (): string | null => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

/** Light or dark: as the system has it, until the button has been pressed. */
export function setUpTheme(): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const toggle = button('theme');
  let chosen = stored();
  const show = () => {
    const theme: Theme = chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = theme;
    toggle.setAttribute('aria-pressed', String(theme === 'dark'));
  };
  system.addEventListener('change', show);
  toggle.addEventListener('click', () => {
    chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // The choice then holds for this visit.
    }
    show();
  });
  show();
}
