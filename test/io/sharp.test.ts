import { expect, it, vi } from 'vitest';

it('without sharp there is one clear error, and importing alone is no error', async () => {
  vi.doMock('sharp', () => {
    throw Object.assign(new Error("Cannot find package 'sharp'"), { code: 'ERR_MODULE_NOT_FOUND' });
  });
  vi.resetModules();
  const { loadSharp } = await import('../../src/io/sharp');
  // The class is another one after resetModules, so the code is what can be compared.
  const error = await loadSharp().catch((reason) => reason);
  expect([error.name, error.code]).toEqual(['PictureError', 'format']);
  expect(error.message).toContain('npm install sharp');
  vi.doUnmock('sharp');
  vi.resetModules();
  const { readPicture } = await import('../../src/io/node');
  const { InpaintError } = await import('../../src/errors');
  await expect(readPicture('/nothing.png')).rejects.toBeInstanceOf(InpaintError);
});
