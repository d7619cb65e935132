import { button, element } from './dom';

/** The dialog of shortcuts and of where the pictures come from. */
export function setUpHelp(): () => void {
  const dialog = element('help', HTMLDialogElement);
  const open = () => dialog.showModal();
  button('help-open').addEventListener('click', open);
  button('help-close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    // A press on the backdrop is one on the dialog itself, not on anything in it.
    if (event.target === dialog) dialog.close();
  });
  return open;
}
