import { type Tensor4D, zerosLike } from '@tensorflow/tfjs-core';
import { composite } from '../../ops/composite';
import type { Batch } from '../recipe';

/** The picture with mid grey in its hole. */
export const cut = ({ image, hole }: Batch): Tensor4D => composite(zerosLike(image), image, hole);
