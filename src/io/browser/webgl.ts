import { surface } from './surface';
import type { Drawable, TileReader } from './tiles';

/**
 * Reads RGBA values as they were decoded, not premultiplied, by way of a WebGL2 texture.
 *
 * @returns undefined where the browser has no WebGL2
 */
export function unpremultipliedReader(source: Drawable): { read: TileReader; dispose: () => void } | undefined {
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
      return values;
    },
    dispose: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}
