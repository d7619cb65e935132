import type { Generator } from '../generators/generator';
import type { WeightFile } from '../io/weights/weight-file';
import type { Command, GeneratorName } from './arguments';

type Network = Exclude<GeneratorName, 'exemplar'>;

/** Imports the one network that is asked for, and none of the others. */
const NETWORKS: Record<Network, () => Promise<(weights: WeightFile) => Generator>> = {
  hifill: async () => (await import('../generators/hifill')).hifill,
  'deepfill-v2': async () => (await import('../generators/deepfill-v2')).deepfillV2,
  migan: async () => (await import('../generators/migan')).migan,
  pix2pix: async () => (await import('../generators/pix2pix')).pix2pix,
};

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
  const make = await NETWORKS[generator]();
  await backend;
  return make(weights);
}
