import { button, element, input } from './dom';

/** What files are picked for. */
export interface FileUsers {
  photo(file: File): void;
  mask(file: File): void;
}

/** Opens files by picking, dropping and pasting. */
export function listenToFiles({ photo, mask }: FileUsers): void {
  pick(button('open'), input('open-file'), photo);
  pick(button('load-mask'), input('mask-file'), mask);
  const area = element('drop-area', HTMLElement);
  // Entering a child leaves the parent: only the count tells when the page itself is left.
  let inside = 0;
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return;
    inside++;
    area.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (!carriesFiles(event) || --inside > 0) return;
    area.hidden = true;
  });
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    inside = 0;
    area.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (file) photo(file);
  });
  addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (file) photo(file);
  });
}

/** A button that opens a file dialog. The same file may be picked twice in turn. */
export function pick(opener: HTMLButtonElement, field: HTMLInputElement, use: (file: File) => void): void {
  opener.addEventListener('click', () => field.click());
  field.addEventListener('change', () => {
    const file = field.files?.[0];
    field.value = '';
    if (file) use(file);
  });
}

/** Saves bytes under a name, as a download. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
