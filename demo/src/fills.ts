import type { SessionPatch } from 'cra-inpaint';
import type { Layer } from './picture-layers';

/** One result of a fill. */
export interface Try {
  /** What it changed, in the photo's own bits. */
  pieces: SessionPatch[];
  /** The same as it is drawn. */
  layers: Layer[];
  thumbnail: HTMLCanvasElement;
}

/** A fill: its tries, none of which is lost while it can be undone or done again, and the one that is shown. */
export interface Fill {
  tries: Try[];
  chosen: number;
}
