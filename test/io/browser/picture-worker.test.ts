import { expect, it } from 'vitest';
import { encodePicture, readPicture } from '../../../src/io/browser';
import { expectSamePixels, noise } from '../../support/pictures';

it('pictures are read and encoded in a worker, where there is no document', async () => {
  const worker = new Worker(new URL('./picture-worker.ts', import.meta.url), { type: 'module' });
  try {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const file = await encodePicture(noise(30, 20, format === 'jpeg' ? 3 : 4), { format });
      const answered = new Promise<MessageEvent>((resolve, reject) => {
        worker.onmessage = resolve;
        worker.onerror = reject;
      });
      worker.postMessage(file);
      const { data } = await answered;
      expect(data.error).toBeUndefined();
      expectSamePixels(data.picture.data, (await readPicture(file)).data);
      expect([data.width, data.file.type]).toEqual([30, `image/${format}`]);
    }
  } finally {
    worker.terminate();
  }
});
