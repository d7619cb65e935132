export { type FillNetwork, type NetworkState, type RunOptions, runNetwork, type Stage } from './network';
export { type NetworkGenerator, type NetworkOptions, networkGenerator } from './network-generator';
export type { ColourOrder, Origin } from './origin';
export type { Precision } from './weight-store';
