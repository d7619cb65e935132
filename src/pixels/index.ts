/**
 * The operations that work at full resolution, over a photo's own 8 or 16 bits: what `cra-inpaint/ops` does with tensors, without
 * making any of the photo's size. `inpaint()` is made of them.
 * @module cra-inpaint/pixels
 */
export { type AggregateCellsOptions, aggregateCells } from './aggregate-cells';
export { type AggregateFieldOptions, aggregateField } from './aggregate-field';
export { type AlignFieldOptions, alignField, type PhotoAgain } from './align-field';
export { averageDown } from './average';
export type { Box } from './box';
export { compositor } from './composite';
export { type CopyField, copyField } from './copy-field';
export { HEAL_MARGIN, type HealOptions, heal } from './heal';
export { type PlanOptions, planWindows } from './plan';
export { upsampler } from './sample';
export { HOLE, type HoleColour, type SeamOptions, type SeamWeights, seamWeights, seamWeightsOf, unknownTest } from './seam';
export { copyOf, type PhotoSource, type Pixels, sourceOf, viewOf } from './view';
export { type CellScores, type FilledWindow, type LowResolution, openWindow, type Patch, pastePatch, type Retouch, type Window } from './window';
