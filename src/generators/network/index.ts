export { type FillNetwork, type NetworkStage, type NetworkState, type RunOptions, runNetwork } from './network';
export { type NetworkGenerator, type NetworkOptions, networkGenerator } from './network-generator';
export type { ColourOrder, Origin } from './origin';
export type { Precision } from './weight-store';
