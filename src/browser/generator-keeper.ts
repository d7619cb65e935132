import { throwIfAborted } from '../abort';
import { WeightsError } from '../errors';
import { type BestChoice, chooseBest } from '../generators/best';
import { generatorByName } from '../generators/by-name';
import type { Generator } from '../generators/generator';
import { type DownloadProgress, readWeights, type WeightFile, weightsOf } from '../io/weights';
import { catalogueFile } from '../io/weights/catalogue';
import { throwIfOutOfMemory } from '../memory';
import type { BrowserWeightSource, GeneratorChoice, NamedGenerator } from './options';

/** Makes a generator, with the weights that the page named, if it named any. */
export type GeneratorMaker = (weights?: WeightFile) => Generator | Promise<Generator>;

/** Makes the generator that the page chose when it is first needed, and anew where another backend is in use: tensors stay on theirs. */
export class GeneratorKeeper {
  readonly #choice: NamedGenerator;
  readonly #makers: Readonly<Record<string, GeneratorMaker>>;
  readonly #onChoice: (choice: BestChoice) => void;
  /** Makes the generator, of weights that have been read. */
  #make: (() => Generator | Promise<Generator>) | undefined;
  #made: { generator: Generator; backend: string } | undefined;

  /** @param onChoice told which the best is, where that is asked for */
  constructor(choice: GeneratorChoice, makers: Readonly<Record<string, GeneratorMaker>> = {}, onChoice: (choice: BestChoice) => void = () => undefined) {
    this.#choice = typeof choice === 'string' ? { name: choice } : choice;
    this.#makers = makers;
    this.#onChoice = onChoice;
  }

  /**
   * The generator, on the backend in use.
   * @param onWeights told how far its weights have come, where it has any to read
   */
  async on(backend: string, signal: AbortSignal, onWeights?: (progress: DownloadProgress) => void): Promise<Generator> {
    if (this.#made?.backend === backend) return this.#made.generator;
    this.dispose();
    this.#make ??= await this.#prepared(signal, onWeights);
    throwIfAborted(signal);
    const generator = await this.#make();
    this.#made = { generator, backend };
    return generator;
  }

  /** Frees what the generator holds on its backend. It is made anew where it is needed again. */
  dispose(): void {
    this.#made?.generator.dispose?.();
    this.#made = undefined;
  }

  async #prepared(signal: AbortSignal, onWeights: (progress: DownloadProgress) => void = () => undefined): Promise<() => Generator | Promise<Generator>> {
    const { name, weights: source, download } = this.#choice;
    const own = Object.hasOwn(this.#makers, name) ? this.#makers[name] : undefined;
    if (name === 'best' && !own) {
      onWeights({ loaded: 0, total: 0 });
      const { weights, ...choice } = await chooseBest({ signal });
      this.#onChoice(choice);
      return () => generatorByName(choice.generator, { weights });
    }
    let weights: WeightFile | undefined;
    if (source !== undefined) {
      onWeights({ loaded: 0, total: 0 });
      weights = await readWeights(await bytesOf(source), { signal, onProgress: onWeights });
    } else if (!own && catalogueFile(name)) {
      onWeights({ loaded: 0, total: 0 });
      weights = await weightsOf(name, { download, signal, onProgress: onWeights });
    }
    return () => (own ? own(weights) : generatorByName(name, { weights }));
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
