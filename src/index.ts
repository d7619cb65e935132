/**
 * All of the library but files: {@link inpaint}, generators, layers, ops and errors. Nothing here but re-exports.
 * @module cra-inpaint
 */
export { fillPatches } from './cra/fill-patches';
export { inpaint } from './cra/inpaint';
export type { Photo } from './cra/kinds';
export type { Detail, InpaintOptions, Progress, Stage } from './cra/options';
export * from './errors';
export * from './generators';
export * from './layers';
export * from './ops';
export * from './picture';
export type { Box } from './pixels/box';
export type { HoleColour } from './pixels/seam';
export type { PhotoSource, Pixels } from './pixels/view';
export { type Patch, pastePatch } from './pixels/window';
export type { OnWarning, Warning, WarningCode } from './warning';
