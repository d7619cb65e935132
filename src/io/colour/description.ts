export type { Chromaticities, CodePoints, ColourDescription } from '../../picture';
