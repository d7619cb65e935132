// Picture files in and out, in Node, by sharp: what `cra-inpaint/node` has beside inpaintFile().
export { fitMask } from './fit-mask';
export { type PictureSource, type ReadOptions, readMask, readPicture } from './read';
export { type EncodeOptions, encodePicture, type WriteOptions, writePicture } from './write';
