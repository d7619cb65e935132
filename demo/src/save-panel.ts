import type { PictureFormat } from 'cra-inpaint';
import { button, element, input } from './dom';
import { Panel } from './panel';
import type { Photo } from './photo';

/** What browsers write. */
const WRITTEN: PictureFormat[] = ['png', 'jpeg', 'webp'];

/** What the download is to be. */
export interface SaveChoice {
  format: PictureFormat;
  /** Whether it says where the photo was taken, if that is known. */
  location: boolean;
}

/** The panel of the download: its format, and what is left out of it. */
export class SavePanel {
  private readonly section = element('save', HTMLElement);
  private readonly panel = new Panel(this.section, button('save-open'), button('download'), button('save-close'));
  private readonly format = element('format', HTMLSelectElement);
  private photo: PictureFormat = 'png';

  constructor() {
    this.format.addEventListener('change', () => this.describe());
  }

  /** Offers the photo's own format first, and to leave out where it was taken, if it says so. */
  usePhoto({ format, hasLocation }: Photo): void {
    this.photo = format;
    this.format.options[0].textContent = `As the photo (${format.toUpperCase()})`;
    this.format.value = 'same';
    element('no-location-row', HTMLElement).hidden = !hasLocation;
    this.describe();
  }

  get choice(): SaveChoice {
    return { format: this.format.value === 'same' ? this.photo : (this.format.value as PictureFormat), location: !input('no-location').checked };
  }

  /** Whether there is something to save. */
  set enabled(enabled: boolean) {
    button('save-open').disabled = !enabled;
    if (!enabled && !this.section.hidden) this.panel.toggle(false);
  }

  toggle(open = this.section.hidden): void {
    if (!button('save-open').disabled) this.panel.toggle(open);
  }

  private describe(): void {
    const { format } = this.choice;
    element('format-about', HTMLElement).textContent =
      format === 'png'
        ? 'Without loss: what you did not paint over stays as it is, to the very pixel. Larger files.'
        : WRITTEN.includes(format)
          ? 'Smaller files. All of the photo is encoded anew.'
          : `Browsers can't write ${format.toUpperCase()}: it will be a PNG.`;
  }
}
