export type { Correspondence, Fill, FillRequest, Generator, NearestField, SoftAttention } from './generator';
