/** Coding-independent code points (ITU-T H.273), as a PNG's cICP chunk and an AVIF's nclx box hold them. */
export interface CodePoints {
  primaries: number;
  transfer: number;
  matrix: number;
  fullRange: boolean;
  /**
   * Where an AVIF's box said so. Viewers take the curves of video (BT.709, 601 and 2020) for sRGB's there, and each unspecified code
   * point for sRGB's own, whereas a PNG's are meant literally, and passed over where one is unspecified.
   */
  source?: 'nclx';
}

/** CIE x and y of a display's white and primaries. */
export interface Chromaticities {
  white: [number, number];
  red: [number, number];
  green: [number, number];
  blue: [number, number];
}

/** Colour as a file describes it outside an ICC profile. */
export interface ColourDescription {
  codePoints?: CodePoints;
  /** PNG's gAMA: the exponent by which light became numbers, such as 0.45455. */
  gamma?: number;
  /** PNG's cHRM: CIE x and y of white, red, green and blue. */
  chromaticities?: Chromaticities;
  /** PNG's sRGB: the rendering intent, 0 to 3. */
  intent?: 0 | 1 | 2 | 3;
  /** PNG's mDCV: the mastering display, 24 bytes as stored there. */
  masteringDisplay?: Uint8Array;
  /** PNG's cLLI: the light of the brightest pixel and of the brightest picture, 8 bytes as stored there. */
  contentLight?: Uint8Array;
}
