import { ArgumentError, WeightsError } from '../errors';
import type { WeightFile } from '../io/weights/weight-file';
import type { Generator } from './generator';
import { GENERATOR_NAMES, type NetworkName, type WeightlessName } from './names';

/** What a generator is made of. */
export interface GeneratorMakings {
  weights?: WeightFile;
  /** Only a network that follows a sketch will do. */
  sketch?: boolean;
}

// Each imports the one generator that is asked for, and none of the others.
const WEIGHTLESS: Record<WeightlessName, () => Promise<Generator>> = {
  exemplar: async () => (await import('./exemplar')).exemplar(),
};

const NETWORKS: Record<NetworkName, (weights: WeightFile, sketch: boolean) => Promise<Generator>> = {
  hifill: async (weights) => (await import('./hifill')).hifill(weights),
  // The weights tell whether it is the network that follows a sketch.
  'deepfill-v2': async (weights, sketched) => {
    const { deepfillV2 } = await import('./deepfill-v2');
    return firstThatFits((sketched ? [true] : [false, true]).map((sketch) => () => deepfillV2(weights, { sketch })));
  },
  // The weights tell which of the two networks it is.
  lama: async (weights) => (await import('./lama')).lama(weights),
  migan: async (weights) => (await import('./migan')).migan(weights),
  // The weights tell how many levels there are: 8 in the paper, 7 in the program that many weights come from.
  'partial-unet': async (weights) => {
    const { partialUnet } = await import('./partial-unet');
    return firstThatFits([8, 7].map((levels) => () => partialUnet(weights, { levels })));
  },
  pix2pix: async (weights) => (await import('./pix2pix')).pix2pix(weights),
};

/**
 * Makes a generator of this package by its name.
 * @throws ArgumentError for a name that is none; WeightsError `weights-missing` for a network without weights,
 * `weights-mismatch` for those of another
 */
export async function generatorByName(name: string, { weights, sketch = false }: GeneratorMakings = {}): Promise<Generator> {
  if (Object.hasOwn(WEIGHTLESS, name)) return WEIGHTLESS[name as WeightlessName]();
  if (!Object.hasOwn(NETWORKS, name)) {
    throw new ArgumentError('argument', `generator must be ${GENERATOR_NAMES.join(', ')}, got ${name}`, { expected: GENERATOR_NAMES, actual: name });
  }
  if (!weights) throw new WeightsError('weights-missing', `${name}: a network needs weights, got none`, { expected: 'weights' });
  return NETWORKS[name as NetworkName](weights, sketch);
}

/** Makes the first of several networks that the weights are of; where they are of none, the error is that of the one which comes closest. */
function firstThatFits(makers: (() => Generator)[]): Generator {
  const errors: WeightsError[] = [];
  for (const make of makers) {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof WeightsError) || error.code !== 'weights-mismatch') throw error;
      errors.push(error);
    }
  }
  const flaws = ({ actual }: WeightsError) => Object.values(actual as Record<string, string[]>).flat().length;
  throw errors.reduce((least, error) => (flaws(error) < flaws(least) ? error : least));
}
