export { type ExemplarOptions, exemplar } from './exemplar';
export type { Correspondence, Fill, FillRequest, Generator, NearestField, SoftAttention } from './generator';
