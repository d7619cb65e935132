import { throwIfAborted } from '../abort';
import { WeightsError } from '../errors';
import { generatorByName } from '../generators/by-name';
import type { Generator } from '../generators/generator';
import { readWeights, type WeightFile } from '../io/weights';
import { throwIfOutOfMemory } from '../memory';
import type { BrowserWeightSource, GeneratorChoice } from './options';

/** Makes a generator, with the weights that the page named, if it named any. */
export type GeneratorMaker = (weights?: WeightFile) => Generator | Promise<Generator>;

/** Makes the generator that the page chose when it is first needed, and anew where another backend is in use: tensors stay on theirs. */
export class GeneratorKeeper {
  readonly #source: BrowserWeightSource | undefined;
  readonly #make: GeneratorMaker;
  #weights: WeightFile | undefined;
  #made: { generator: Generator; backend: string } | undefined;

  constructor(choice: GeneratorChoice, makers: Readonly<Record<string, GeneratorMaker>> = {}) {
    const { name, weights } = choice === 'exemplar' ? { name: choice, weights: undefined } : choice;
    this.#source = weights;
    this.#make = Object.hasOwn(makers, name) ? makers[name] : (weights) => generatorByName(name, { weights });
  }

  /** The generator, on the backend in use. */
  async on(backend: string, signal: AbortSignal): Promise<Generator> {
    if (this.#made?.backend === backend) return this.#made.generator;
    this.#made?.generator.dispose?.();
    this.#made = undefined;
    if (this.#source !== undefined) this.#weights ??= await readWeights(await bytesOf(this.#source), { signal });
    throwIfAborted(signal);
    const generator = await this.#make(this.#weights);
    this.#made = { generator, backend };
    return generator;
  }
}

/** The file's bytes. A failure is no backend's: it would be tried again on the next. */
async function bytesOf(source: BrowserWeightSource): Promise<Exclude<BrowserWeightSource, Blob>> {
  if (!(source instanceof Blob)) return source;
  try {
    return await source.arrayBuffer();
  } catch (cause) {
    throwIfOutOfMemory(cause, "the weights can't be read");
    const message = `the weights can't be read: ${(cause as Error).message}`;
    throw new WeightsError('file-read', message, { expected: 'a readable file', cause });
  }
}
