/**
 * Who fills the low-resolution picture: {@link exemplar}, and the interface for others.
 * @module cra-inpaint/generators
 */
export { type ExemplarOptions, exemplar } from './exemplar';
export type { Correspondence, Fill, FillRequest, Generator, NearestField, SoftAttention } from './generator';
