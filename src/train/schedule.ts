import { checkArgument, checkOneOf, checkWhole } from '../check';

/** How the learning rate goes down. */
export interface DecaySchedule {
  /** `'constant'` (default); `'steps'`: times `factor` every `every` steps; `'exponential'`: the same, smoothly. */
  kind?: 'constant' | 'steps' | 'exponential';
  /** What the rate is multiplied by over `every` steps, in (0, 1]. Default 0.5. */
  factor?: number;
  /** In steps, >= 1. Default 100,000. */
  every?: number;
}

/**
 * What the learning rate is multiplied by at a step.
 *
 * steps: factor^floor(step / every); exponential: factor^(step / every); constant: 1
 *
 * @param schedule how it goes down.
 * @param step the step's number, from 0.
 * @throws ArgumentError
 */
export function decayAt({ kind = 'constant', factor = 0.5, every = 100_000 }: DecaySchedule, step: number): number {
  checkOneOf(kind, ['constant', 'steps', 'exponential'], 'decay', 'kind');
  checkArgument(factor > 0 && factor <= 1, 'decay', 'factor', 'in (0, 1]', factor);
  checkWhole(every, 1, 'decay', 'every');
  if (kind === 'constant') return 1;
  return factor ** (kind === 'steps' ? Math.floor(step / every) : step / every);
}
