/**
 * Picture files in and out, in Node, by sharp.
 * @module cra-inpaint/node
 */
export * from '../io/node';
export type { FileFillOptions, FileSession } from './file-session';
export { type FileProgress, type FileStage, type InpaintedFile, type InpaintFileOptions, inpaintFile } from './inpaint-file';
export { type OpenPhotoOptions, openPhoto } from './open-photo';
