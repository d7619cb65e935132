import { InpaintError, type Picture, type PictureFormat } from 'cra-inpaint';
import { encodePicture, toImageData } from 'cra-inpaint/browser';
import { drawable } from './picture-layers';

/** What the worker is asked for: a picture as a file of a format, or as it is drawn. */
export interface PictureTask {
  picture: Picture;
  format?: PictureFormat;
}

/** A file: in the format asked for, or as PNG where this browser can't write that. */
async function encoded(picture: Picture, format: PictureFormat): Promise<{ blob: Blob; format: PictureFormat }> {
  try {
    return { blob: await encodePicture(picture, { format }), format };
  } catch (error) {
    if (!(error instanceof InpaintError) || error.code !== 'format' || format === 'png') throw error;
    return { blob: await encodePicture(picture, { format: 'png' }), format: 'png' };
  }
}

/** Colours of a space that canvases don't have: only a file's way through the browser turns the numbers into what is seen. */
const ownColours = ({ metadata = {} }: Picture): boolean => metadata.colorSpace === undefined && Boolean(metadata.icc ?? metadata.colour);

addEventListener('message', async ({ data: { picture, format } }: MessageEvent<PictureTask>) => {
  try {
    if (format) return postMessage(await encoded(picture, format));
    const image = await drawable(ownColours(picture) ? (await encoded(picture, 'png')).blob : toImageData(picture));
    postMessage(image, { transfer: [...new Set([image.full, image.preview])] });
  } catch (error) {
    postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
});
