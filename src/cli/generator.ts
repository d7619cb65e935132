import type { Generator } from '../generators/generator';
import type { WeightFile } from '../io/weights/weight-file';
import type { Command } from './arguments';

/** Told how many bytes of the weights have come. */
export interface OpenOptions {
  signal?: AbortSignal;
  onProgress: (loaded: number, total: number | undefined) => void;
}

/**
 * Reads the weights that the command names, and makes the generator; undefined for inpaint()'s own.
 * @throws WeightsError for weights that can't be read or are not the network's; BackendError; AbortError
 */
export async function openGenerator(command: Command, backend: Promise<void>, { signal, onProgress }: OpenOptions): Promise<Generator | undefined> {
  const { generator, weights: source, sha256 } = command;
  if (generator === 'exemplar') return undefined;
  let weights: WeightFile | undefined;
  if (source !== undefined) {
    const { readWeights } = await import('../io/weights/read-weights');
    weights = await readWeights(source, { signal, sha256, onProgress: ({ loaded, total }) => onProgress(loaded, total) });
  }
  await backend;
  const { generatorByName } = await import('../generators/by-name');
  return generatorByName(generator, { weights, sketch: command.sketch !== undefined });
}
