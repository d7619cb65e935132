import type { Origin } from '../network/origin';

/** The level and the part of it that one of our weights is: `up7.norm.scale` is of `up`, 7, `norm.scale`. */
function parsed(weight: string): { side: 'down' | 'up'; level: number; part: string } | undefined {
  const match = /^(down|up)(\d)\.(.+)$/.exec(weight);
  return match ? { side: match[1] as 'down' | 'up', level: Number(match[2]), part: match[3] } : undefined;
}

/** The parts of a weight's name in tables of short names: the generator's and the discriminator's. */
export const SHORT: Readonly<Record<string, string>> = {
  weights: 'w',
  bias: 'b',
  'norm.scale': 'bn_gamma',
  'norm.offset': 'bn_beta',
  'norm.mean': 'bn_mean',
  'norm.variance': 'bn_var',
};

/** One short name for each level: `down1.w`, `up8.bn_gamma`. */
export const levelsOrigin: Origin = {
  name: 'a table by levels',
  nameOf: (weight) => {
    const found = parsed(weight);
    return found && `${found.side}${found.level}.${SHORT[found.part]}`;
  },
};

/** The parts of a weight's name in PyTorch. */
export const PYTORCH: Readonly<Record<string, string>> = {
  weights: 'weight',
  bias: 'bias',
  'norm.scale': 'weight',
  'norm.offset': 'bias',
  'norm.mean': 'running_mean',
  'norm.variance': 'running_var',
};

const DEEPEST = 8;

/**
 * The place of a module in its level's list. The outermost level is [down, deeper, ReLU, up, tanh], the deepest
 * [leaky ReLU, down, ReLU, up, norm], the others [leaky ReLU, down, norm, deeper, ReLU, up, norm, dropout].
 */
function placeOf(side: 'down' | 'up', level: number, isNorm: boolean): number {
  if (level === 1) return side === 'down' ? 0 : 3;
  if (side === 'down') return isNorm ? 2 : 1;
  const up = level === DEEPEST ? 3 : 5;
  return isNorm ? up + 1 : up;
}

function nestedName(weight: string): string | undefined {
  const found = parsed(weight);
  if (!found) return undefined;
  const { side, level, part } = found;
  // Each level is a member of the list of the one above it.
  const list = level === 1 ? 'model.model' : `model.model.1.model${'.3.model'.repeat(level - 2)}`;
  return `${list}.${placeOf(side, level, part.startsWith('norm.'))}.${PYTORCH[part]}`;
}

/** Files of the authors' PyTorch program, `unet_256`. */
export const authorsOrigin: Origin = {
  name: "the authors' PyTorch program",
  nameOf: nestedName,
  ignored: /\.num_batches_tracked$/,
};
