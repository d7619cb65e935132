export { type FillNetwork, type RunOptions, runNetwork } from './network';
export { type NetworkGenerator, type NetworkOptions, networkGenerator } from './network-generator';
export type { ColourOrder, Origin } from './origin';
export {
  type FeatureMaps,
  type NetworkInput,
  type NetworkOutput,
  type NetworkStage,
  type NetworkStages,
  type NetworkState,
  networkStages,
} from './stages';
export type { Precision } from './weight-store';
