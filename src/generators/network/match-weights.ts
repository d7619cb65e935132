import { type Tensor, tensor, transpose } from '@tensorflow/tfjs-core';
import { WeightsError } from '../../errors';
import { toFloat32, type WeightArray, type WeightFile } from '../../io/weights/weight-file';
import { type WeightSpecification, weightsOf } from '../../layers/layer';
import type { FillNetwork } from './network';
import type { ColourOrder, Origin } from './origin';

/** Weights found in a file: by our names, and how each is turned from the file's layout to ours. */
export interface MatchedWeights {
  readonly arrays: ReadonlyMap<string, { readonly array: WeightArray; readonly axes?: readonly number[] }>;
  readonly colourOrder: ColourOrder;
}

// [output, input, height, width] and its kin, as PyTorch, MindSpore and ONNX lay kernels out, to ours.
const AXES = { convolution: [2, 3, 1, 0], transposed: [2, 3, 1, 0], depthwise: [2, 3, 0, 1] } as const;

/** Our own files: the same names, and the colour order in the metadata. */
const OWN: Origin = { name: 'cra-inpaint', nameOf: (weight) => weight };

/**
 * Finds a network's weights in a file, whoever wrote it.
 *
 * @throws WeightsError `weights-mismatch`, which lists by name what is missing, wrongly shaped or left over
 */
export function matchWeights(file: WeightFile, network: FillNetwork): MatchedWeights {
  const wanted = weightsOf(network.layers);
  const origin = bestOrigin(file, Object.keys(wanted), [OWN, ...network.origins]);
  const arrays = new Map<string, { array: WeightArray; axes?: readonly number[] }>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  const used = new Set<string>();
  for (const [name, specification] of Object.entries(wanted)) {
    const theirs = origin.nameOf(name);
    const array = theirs === undefined ? undefined : file.tensors.get(theirs);
    if (theirs === undefined || !array) {
      missing.push(theirs ?? name);
      continue;
    }
    used.add(theirs);
    const axes = axesFor(array.shape, specification);
    if (axes) arrays.set(name, { array, ...(axes === AS_IT_IS ? {} : { axes }) });
    else misshapen.push(`${theirs} is [${array.shape.join(', ')}], not [${specification.shape.join(', ')}]`);
  }
  const surplus = [...file.tensors.keys()].filter((name) => !used.has(name) && !origin.ignored?.test(name));
  if (missing.length + misshapen.length + surplus.length > 0) {
    const parts = [listed('missing', missing), listed('wrongly shaped', misshapen), listed('unknown', surplus)].filter((part) => part !== '');
    throw new WeightsError('weights-mismatch', `${network.name}: these are not its weights (read as ${origin.name}'s); ${parts.join('; ')}`, {
      expected: Object.fromEntries(Object.entries(wanted).map(([name, { shape }]) => [name, shape])),
      actual: { missing, misshapen, surplus },
    });
  }
  const stated = file.metadata.get('colour_order');
  return { arrays, colourOrder: stated === 'bgr' || stated === 'rgb' ? stated : (origin.colourOrder ?? 'rgb') };
}

/** A weight as a tensor in our layout, to be disposed by the caller. */
export function toTensor({ array, axes }: { array: WeightArray; axes?: readonly number[] }): Tensor {
  const given = tensor(toFloat32(array), array.shape as number[]);
  if (!axes) return given;
  const turned = transpose(given, axes as number[]);
  given.dispose();
  return turned;
}

const AS_IT_IS: readonly number[] = [];

/** How a file's array becomes one of ours: `AS_IT_IS`, by transposing, or not at all. */
function axesFor(given: readonly number[], { shape, kernel }: WeightSpecification): readonly number[] | undefined {
  const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);
  if (same(given, shape)) return AS_IT_IS;
  const axes = kernel && given.length === 4 ? AXES[kernel] : undefined;
  if (
    axes &&
    same(
      axes.map((axis) => given[axis]),
      shape,
    )
  )
    return axes;
  return undefined;
}

function bestOrigin(file: WeightFile, wanted: string[], origins: readonly Origin[]): Origin {
  let best = origins[0];
  let most = -1;
  for (const origin of origins) {
    const found = wanted.filter((name) => file.tensors.has(origin.nameOf(name) ?? '')).length;
    if (found > most) [best, most] = [origin, found];
  }
  return best;
}

// A file of another network may have hundreds of other names.
const NAMES_LISTED = 12;

function listed(what: string, names: string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMES_LISTED ? ` and ${names.length - NAMES_LISTED} more` : '';
  return `${names.length} ${what}: ${names.slice(0, NAMES_LISTED).join(', ')}${more}`;
}
