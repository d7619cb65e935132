// The public face: re-exports, nothing else.
export type { HoleColour, InpaintOptions, Progress, Stage, Warning } from './cra/options';
export * from './errors';
export * from './generators';
export * from './ops';
export * from './picture';
