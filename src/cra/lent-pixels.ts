import type { PhotoAgain } from '../pixels/align-field';
import type { Box } from '../pixels/box';
import type { Pixels } from '../pixels/view';

/** Pixels that can be let go of while nobody looks at them, and read again: of what lies in a file, memory then holds none. */
export class LentPixels implements Pixels, PhotoAgain {
  readonly width: number;
  readonly height: number;
  readonly channels: Pixels['channels'];
  data: Pixels['data'];
  offset?: number;
  stride?: number;
  /** What reading them again failed by. */
  failure?: { error: unknown };

  /** @param source reads a box of them. */
  constructor(
    pixels: Pixels,
    private readonly source: (box: Box) => Promise<Pixels>,
  ) {
    const { width, height, channels, data, offset, stride } = pixels;
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.data = data;
    this.offset = offset;
    this.stride = stride;
  }

  letGo(): void {
    // Of the same kind, which says how many bits a value has.
    this.data = this.data.slice(0, 0);
  }

  async read(box: Box): Promise<Pixels> {
    try {
      return await this.source(box);
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  /** Reads all of them, if they were let go of. */
  async bringBack(): Promise<void> {
    if (this.data.length > 0) return;
    const { data, offset, stride } = await this.read({ top: 0, left: 0, bottom: this.height, right: this.width });
    Object.assign(this, { data, offset, stride });
  }
}
