import { element, input } from './dom';

/** The brush's smallest and largest diameter, as parts of the picture's long side. The slider runs between them by ratios. */
const SMALLEST = 0.002;
const LARGEST = 0.25;

/** The brush's size, which belongs to the picture's size: the same setting is the same on the screen for any photo. */
export class BrushSize {
  private readonly slider = input('size');
  private longSide = 1000;

  constructor(private readonly onChange: (pixels: number) => void) {
    this.slider.addEventListener('input', () => this.tell());
  }

  useFor(width: number, height: number): void {
    this.longSide = Math.max(width, height);
    this.tell();
  }

  change(steps: number): void {
    this.slider.valueAsNumber += 5 * steps;
    this.tell();
  }

  private tell(): void {
    const pixels = Math.max(1, Math.round(this.longSide * SMALLEST * (LARGEST / SMALLEST) ** (this.slider.valueAsNumber / 100)));
    element('size-pixels', HTMLElement).textContent = `${pixels} px`;
    this.slider.setAttribute('aria-valuetext', `${pixels} pixels`);
    this.onChange(pixels);
  }
}
