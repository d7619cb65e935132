import { describe, expect, it } from 'vitest';
import { type CocoDataset, maskFrom } from '../../src/shapes';
import { expectDrawn, expectRefused } from './support';

const size = { width: 60, height: 40 };
const dataset: CocoDataset = {
  images: [
    { id: 7, file_name: 'train/beach.jpg', width: 60, height: 40 },
    { id: 9, file_name: 'harbour.jpg', width: 120, height: 80 },
  ],
  annotations: [
    {
      image_id: 7,
      segmentation: [
        [5, 5, 15, 5, 15, 20, 5, 20],
        [10, 10, 30, 10, 30, 12, 10, 12],
      ],
      bbox: [0, 0, 60, 40],
    },
    { image_id: 9, bbox: [20, 40, 60, 20] },
    { image_id: 7, segmentation: { size: [40, 60], counts: [40 * 50 + 3, 4, 40 * 10 - 7] } },
  ],
};
const beach = (x: number, y: number) => (x > 5 && x < 15 && y > 5 && y < 20) || (x > 10 && x < 30 && y > 10 && y < 12) || (x > 50 && x < 51 && y > 3 && y < 7);

describe("a data set's annotations", () => {
  it.each(['train/beach.jpg', 'beach.jpg', 7])('of picture %s are shapes: polygons and runs, whose boxes are not looked at', (image) => {
    expectDrawn(maskFrom(dataset, { ...size, image }), beach);
  });

  it('are for the size that the picture has there, and stretched where that is asked for', () => {
    const harbour = { image: 'harbour.jpg', fit: true };
    expectDrawn(maskFrom(dataset, { width: 120, height: 80, ...harbour }), (x, y) => x > 20 && x < 80 && y > 40 && y < 60);
    expectDrawn(maskFrom(dataset, { ...size, ...harbour }), (x, y) => x > 10 && x < 40 && y > 20 && y < 30);
    expectRefused(() => maskFrom(dataset, { ...size, image: 9 }), 'shapes.annotations[1] is for 120 x 80 pixels, the mask is 60 x 40', 'mask-size');
  });

  it('for a size that is none are refused', () => {
    for (const width of [-60, 1e-320, 0.5, '60']) {
      const images = [{ id: 7, width: width as number, height: 40 }];
      expectRefused(
        () => maskFrom({ ...dataset, images }, { ...size, image: 7, fit: true }),
        'shapes.images[0] must be of sides from 1 to 1048576 whole pixels',
      );
    }
  });

  it('need no choice where there is one picture, or none is told', () => {
    const { annotations, images } = dataset;
    expectDrawn(maskFrom({ images: [images![0]!], annotations: [annotations[0]!, annotations[2]!] }, size), beach);
    expectDrawn(maskFrom({ annotations: [annotations[0]!, annotations[2]!] }, size), beach);
    expectDrawn(maskFrom([annotations[0]!, annotations[2]!], size), beach);
  });

  it('are chosen by their own word where pictures are not listed', () => {
    expectDrawn(maskFrom({ annotations: dataset.annotations }, { ...size, image: dataset.annotations[0]!.image_id! }), beach);
  });

  it('of several pictures without a choice are refused', () => {
    expectRefused(() => maskFrom(dataset, size), 'shapes must be of one picture, or image must say which; there are 2');
    expectRefused(() => maskFrom({ annotations: dataset.annotations }, size), 'shapes must be of one picture');
  });

  it('of a picture that is not there, or there twice in other folders, are missing', () => {
    expectRefused(() => maskFrom(dataset, { ...size, image: 'forest.jpg' }), 'shapes.images has no forest.jpg', 'mask-missing');
    const twice = { ...dataset, images: [...dataset.images!, { id: 11, file_name: 'test/beach.jpg' }] };
    expectRefused(() => maskFrom(twice, { ...size, image: 'beach.jpg' }), 'shapes.images has no beach.jpg', 'mask-missing');
    expect(maskFrom(twice, { ...size, image: 'test/beach.jpg' }).runs.length).toBe(0);
  });
});
