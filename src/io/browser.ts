/**
 * Pictures in and out, in a browser: files, addresses, elements, canvases, bitmaps, ImageData and video frames. Works on pages and in
 * workers, and needs no tfjs.
 */
export { toCanvas, toImageData } from './browser/canvas';
export { type EncodeOptions, encodePicture } from './browser/encode';
export { type BrowserPictureSource, type ReadOptions, readMask, readPicture } from './browser/read';
export { fitMask } from './fit-mask';
