/**
 * Picture files in and out, in Node, by sharp.
 * @module cra-inpaint/node
 */
export { fitMask } from './fit-mask';
export { type PictureSource, type ReadOptions, readMask, readPicture } from './read';
export { type EncodeOptions, encodePicture, type WriteOptions, writePicture } from './write';
