/**
 * The generators that this package brings, by the names that people choose them by. A file of its own, for pages and the command's
 * arguments, which name generators and load none.
 */
export const GENERATOR_NAMES = ['exemplar', 'hifill', 'deepfill-v2', 'lama', 'migan', 'partial-unet', 'pix2pix'] as const;

/** The name of a generator that this package brings. */
export type GeneratorName = (typeof GENERATOR_NAMES)[number];

/** Those of them that need no weights; the others are networks. */
export const WEIGHTLESS_NAMES = ['exemplar'] as const satisfies readonly GeneratorName[];

/** The name of a generator that needs no weights. */
export type WeightlessName = (typeof WEIGHTLESS_NAMES)[number];

/** The name of a network. */
export type NetworkName = Exclude<GeneratorName, WeightlessName>;

/** Whether it is a network, which needs weights. */
export const isNetwork = (name: GeneratorName): name is NetworkName => !(WEIGHTLESS_NAMES as readonly GeneratorName[]).includes(name);

/** The networks that `best` looks for, the best first: those measured to fill better than `exemplar()`, in `docs/benchmarks.md`. */
export const BEST_FIRST = ['migan'] as const satisfies readonly NetworkName[];
