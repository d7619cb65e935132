import type { Picture } from 'cra-inpaint';
import { encodePicture, toImageData } from 'cra-inpaint/browser';
import { hasOwnColours } from './encoding';
import { drawable } from './picture-layers';

/** What the worker is asked for: a picture as it is drawn. */
export interface PictureTask {
  picture: Picture;
}

addEventListener('message', async ({ data: { picture } }: MessageEvent<PictureTask>) => {
  try {
    const image = await drawable(hasOwnColours(picture) ? await encodePicture(picture, { format: 'png' }) : toImageData(picture));
    postMessage(image, { transfer: [...new Set([image.full, image.preview])] });
  } catch (error) {
    postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
});
