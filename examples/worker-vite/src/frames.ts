/** Moves a dot by the page's own thread, frame by frame, and tells the longest wait between two frames. Work on that thread would stop the dot. */
export class FrameMeter {
  private last = performance.now();
  private longest = 0;
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(private readonly dot: HTMLElement) {
    requestAnimationFrame(() => this.frame());
  }

  /** Begins to measure. */
  reset(): void {
    this.last = performance.now();
    this.longest = 0;
  }

  /** The longest wait since then, in milliseconds. */
  get longestWait(): number {
    return Math.round(this.longest);
  }

  private frame(): void {
    const now = performance.now();
    // A hidden page gets no frames, which is nobody's fault.
    if (!document.hidden) this.longest = Math.max(this.longest, now - this.last);
    this.last = now;
    if (!this.still.matches) this.dot.style.translate = `${(50 - 50 * Math.cos(now / 700)).toFixed(2)}cqw 0`;
    requestAnimationFrame(() => this.frame());
  }
}
