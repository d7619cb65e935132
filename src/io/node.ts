export { fitMask } from './fit-mask';
export { type PictureSource, type ReadOptions, readMask, readPicture } from './read';
export { type EncodeOptions, encodePicture, type WriteOptions, writePicture } from './write';
