/**
 * Picture files in and out, in Node, by sharp.
 * @module cra-inpaint/node
 */
export * from '../io/node';
export { type FileProgress, type FileStage, type InpaintedFile, type InpaintFileOptions, inpaintFile } from './inpaint-file';
