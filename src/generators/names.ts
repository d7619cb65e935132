/**
 * The generators that this package brings, by the names that people choose them by; all but the first need weights. A file of its own,
 * for pages and the command's arguments, which name generators and load none.
 */
export const GENERATOR_NAMES = ['exemplar', 'hifill', 'deepfill-v2', 'migan', 'partial-unet', 'pix2pix'] as const;

/** The name of a generator that this package brings. */
export type GeneratorName = (typeof GENERATOR_NAMES)[number];
