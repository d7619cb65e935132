import { encodePicture, readPicture, toImageData } from '../../../src/io/browser';

// Does in a worker what the message asks for, and says what came of it.
addEventListener('message', async ({ data: file }: MessageEvent<Blob>) => {
  try {
    const picture = await readPicture(file);
    const { width } = toImageData(picture);
    postMessage({ picture, width, file: await encodePicture(picture) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
