import { MaskError } from '../errors';
import { addArea } from './area';
import { addBox, ringOf } from './basic';
import { type Context, checkSides } from './context';
import { fault } from './fault';
import { fitted } from './fit';
import { addRle } from './rle';
import type { CocoAnnotation, CocoDataset, CocoImage } from './shapes';

/** @throws MaskError where it is none */
export function addAnnotation(context: Context, { segmentation, bbox }: CocoAnnotation, place: string, drawnFor = sizeOf(context)): void {
  const { spans, budget, fit } = context;
  const [scaleX, , , scaleY] = fitted(drawnFor, spans, fit, place);
  if (Array.isArray(segmentation) && segmentation.length > 0) {
    for (const [n, polygon] of segmentation.entries()) {
      const here = `${place}.segmentation[${n}]`;
      const ring = ringOf(polygon, context, here);
      for (let i = 0; i < ring.length; i++) ring[i] *= i % 2 === 0 ? scaleX : scaleY;
      addArea(spans, [ring], 'nonzero', budget, here);
    }
  } else if (typeof segmentation === 'object' && segmentation !== null && 'counts' in segmentation) addRle(context, segmentation, `${place}.segmentation`);
  else if (bbox !== undefined) addBox(context, bbox, `${place}.bbox`, [scaleX, scaleY]);
  else throw fault(place, 'an annotation with a segmentation (polygons, or runs) or a bbox');
}

const sizeOf = ({ spans: { width, height } }: Context) => ({ width, height });

/** Adds the annotations of the picture that `image` names; of the only one, where there is one. @throws MaskError */
export function addDataset(context: Context, { annotations, images = [] }: CocoDataset, place: string): void {
  const { image } = context;
  if (!Array.isArray(annotations)) throw fault(`${place}.annotations`, 'a list', annotations);
  if (!Array.isArray(images) || images.some((each) => typeof each !== 'object' || each === null)) throw fault(`${place}.images`, 'a list', images);
  // A data set may do without a list of pictures: then annotations say themselves whose they are.
  const named = image !== undefined && annotations.some((annotation) => annotation?.image_id === image) ? { id: image } : undefined;
  const wanted: CocoImage | undefined =
    image === undefined || images.length === 0 ? named : (images.find(({ id, file_name }) => id === image || file_name === image) ?? namedLike(images, image));
  if (image !== undefined && images.length > 0 && wanted === undefined)
    throw new MaskError('mask-missing', `${place}.images has no ${image}`, { expected: image });
  const ids = new Set(images.map(({ id }) => id));
  for (const annotation of annotations) if (annotation?.image_id !== undefined) ids.add(annotation.image_id);
  if (wanted === undefined && ids.size > 1) {
    throw fault(place, `of one picture, or image must say which; there are ${ids.size}`);
  }
  const picture = wanted ?? images[0];
  const drawnFor = picture?.width && picture.height ? { width: picture.width, height: picture.height } : undefined;
  if (drawnFor) checkSides(drawnFor, `${place}.images[${images.indexOf(picture)}]`);
  for (const [n, annotation] of annotations.entries()) {
    if (typeof annotation !== 'object' || annotation === null) throw fault(`${place}.annotations[${n}]`, 'an annotation', annotation);
    if (wanted !== undefined && annotation.image_id !== wanted.id) continue;
    addAnnotation(context, annotation, `${place}.annotations[${n}]`, drawnFor);
  }
}

/** The only picture whose name ends so, behind a slash: data sets tend to name folders too. */
function namedLike(images: NonNullable<CocoDataset['images']>, image: string | number) {
  const like = images.filter(({ file_name }) => typeof file_name === 'string' && file_name.split(/[\\/]/).pop() === image);
  return like.length === 1 ? like[0] : undefined;
}
