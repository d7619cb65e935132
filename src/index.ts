// The public face: re-exports, nothing else.
export { inpaint } from './cra/inpaint';
export type { Photo } from './cra/kinds';
export type { HoleColour, InpaintOptions, Progress, Stage, Warning } from './cra/options';
export * from './errors';
export * from './generators';
export * from './ops';
export * from './picture';
