import { WeightsError } from '../errors';
import type { Generator } from '../generators/generator';
import type { WeightFile } from '../io/weights/weight-file';
import type { Command, GeneratorName } from './arguments';

type Network = Exclude<GeneratorName, 'exemplar'>;

/** Imports the one network that is asked for, and none of the others, and gives it its weights. */
const NETWORKS: Record<Network, (weights: WeightFile, command: Command) => Promise<Generator>> = {
  hifill: async (weights) => (await import('../generators/hifill')).hifill(weights),
  // The weights tell whether it is the network that follows a sketch.
  'deepfill-v2': async (weights, command) => {
    const { deepfillV2 } = await import('../generators/deepfill-v2');
    return firstThatFits((command.sketch ? [true] : [false, true]).map((sketch) => () => deepfillV2(weights, { sketch })));
  },
  migan: async (weights) => (await import('../generators/migan')).migan(weights),
  // The weights tell how many levels there are: 8 in the paper, 7 in the program that many weights come from.
  'partial-unet': async (weights) => {
    const { partialUnet } = await import('../generators/partial-unet');
    return firstThatFits([8, 7].map((levels) => () => partialUnet(weights, { levels })));
  },
  pix2pix: async (weights) => (await import('../generators/pix2pix')).pix2pix(weights),
};

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

/** Told how many bytes of the weights have come. */
export interface OpenOptions {
  signal?: AbortSignal;
  onProgress: (loaded: number, total: number | undefined) => void;
}

/**
 * Reads the weights that the command names, and makes a generator with them; undefined where none are needed.
 * @throws WeightsError for weights that can't be read or are not the network's; BackendError; AbortError
 */
export async function openGenerator(command: Command, backend: Promise<void>, { signal, onProgress }: OpenOptions): Promise<Generator | undefined> {
  const { generator, weights: source, sha256 } = command;
  if (generator === 'exemplar' || source === undefined) return undefined;
  const { readWeights } = await import('../io/weights/read-weights');
  const weights = await readWeights(source, { signal, sha256, onProgress: ({ loaded, total }) => onProgress(loaded, total) });
  await backend;
  return NETWORKS[generator](weights, command);
}
