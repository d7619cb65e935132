import { encodePng } from '../png/encode';
import type { Drawable, TileReader } from './canvas-reader';
import { surface } from './surface';

// Why not a canvas of two dimensions: it stores colours multiplied by alpha, and gives them back rounded. No library: a texture is read by
// some ten calls of WebGL2, which all browsers have in common.

let answer: Promise<boolean> | undefined;

/** Whether a pixel that is hardly there comes with the colour that its file says. */
export async function readsExactly(): Promise<boolean> {
  const faint = await encodePng({ width: 1, height: 1, channels: 4, data: Uint8Array.of(200, 100, 50, 3) }, {});
  const bitmap = await createImageBitmap(new Blob(faint, { type: 'image/png' }), { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const reader = unpremultipliedReader(bitmap, async () => new Uint8Array(4));
  try {
    const [value] = (await reader?.read(0, 0, 1, 1)) ?? [];
    return value === 200;
  } finally {
    reader?.dispose();
    bitmap.close();
  }
}

/** Whether {@link unpremultipliedReader} does here what it is meant to: a browser may have WebGL2 and heed none of its options. Found out once. */
export function hasExactReader(): Promise<boolean> {
  answer ??= readsExactly().catch(() => false);
  return answer;
}

/**
 * Reads RGBA values as they were decoded, not premultiplied, by way of a WebGL2 texture.
 *
 * @param otherwise reads once WebGL fails: its contexts can be lost at any time, and then read as nothing but zeros
 * @returns undefined where the browser has no WebGL2
 */
export function unpremultipliedReader(source: Drawable, otherwise: TileReader): { read: TileReader; dispose: () => void } | undefined {
  const canvas = surface(1, 1);
  const gl = canvas.getContext('webgl2', { antialias: false, depth: false }) as WebGL2RenderingContext | null;
  if (!gl) return undefined;
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  return {
    async read(x, y, width, height) {
      const tile = await createImageBitmap(source, x, y, width, height, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, tile);
      tile.close();
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, gl.getParameter(gl.TEXTURE_BINDING_2D), 0);
      const values = new Uint8Array(width * height * 4);
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, values);
      return gl.isContextLost() || gl.getError() !== gl.NO_ERROR ? otherwise(x, y, width, height) : values;
    },
    dispose: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}
