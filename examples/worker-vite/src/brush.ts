/** Painting on a canvas with mouse, finger or pen. The canvas is the mask. */
export class Brush {
  /** Whether anything is painted. */
  painted = false;
  /** Whether painting is allowed. */
  enabled = false;
  private readonly pen: CanvasRenderingContext2D;
  private last: [number, number] | undefined;

  /**
   * @param canvas is painted on
   * @param size the brush's width on the screen, in CSS pixels
   * @param onStroke called after each stroke
   */
  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly size: () => number,
    onStroke: () => void,
  ) {
    this.pen = canvas.getContext('2d')!;
    canvas.addEventListener('pointerdown', (event) => {
      if (!this.enabled || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.paint(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (this.last) this.paint(event);
    });
    canvas.addEventListener('lostpointercapture', () => {
      this.last = undefined;
      onStroke();
    });
  }

  /** Wipes everything off. */
  clear(): void {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.painted = false;
  }

  private paint({ clientX, clientY }: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    const here: [number, number] = [(clientX - box.left) * scale, (clientY - box.top) * scale];
    // The hole is whatever is not nearly black, so the paint may have a colour.
    Object.assign(this.pen, { strokeStyle: '#ff5c8a', lineWidth: this.size() * scale, lineCap: 'round' });
    this.pen.beginPath();
    this.pen.moveTo(...(this.last ?? here));
    this.pen.lineTo(...here);
    this.pen.stroke();
    this.last = here;
    this.painted = true;
  }
}
