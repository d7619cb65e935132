import type { Sharp } from 'sharp';

/** The same memory as a plain array: a Buffer's slice() would be no copy. */
export const asUint8 = (bytes: Buffer): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/** The same memory as 16-bit numbers; copied only where the buffer starts at an odd place. */
export const asUint16 = (bytes: Buffer): Uint16Array =>
  bytes.byteOffset % 2 === 0 ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : new Uint16Array(new Uint8Array(bytes).buffer);

/**
 * Grey and alpha of 8 bits, the high bytes of their 16 bits, in numbers of 16, of a picture of `channels` grey channels or of colours (2).
 *
 * sharp drops the alpha of pixels that are 8-bit grey, so here they pass for 16-bit grey that happens to stay below 256. libvips
 * does this strip by strip: what comes out is all that is ever in memory. `scale` as an array reaches alpha, too.
 */
export function withGreyAlpha(pipeline: Sharp, channels = 2): Sharp {
  const scale = new Array<number>(channels).fill(1 / 256);
  return pipeline.pipelineColourspace('grey16').linear(scale, new Array<number>(channels).fill(0)).toColourspace('grey16');
}
