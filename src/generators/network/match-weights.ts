import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { checkArgument } from '../../check';
import { WeightsError } from '../../errors';
import { quoted, shownShape } from '../../io/weights/parse';
import { toFloat32, type WeightArray, type WeightFile } from '../../io/weights/weight-file';
import { type WeightSpecification, weightsOf } from '../../layers/layer';
import type { FillNetwork } from './network';
import type { ColourOrder, Origin } from './origin';

/** A weight as a file holds it, the order of its axes that is ours, where it is another, and what its values are to be multiplied by. */
export interface FoundWeight {
  readonly array: WeightArray;
  readonly axes?: readonly number[];
  readonly factor?: number;
}

/** Weights found in a file, by our names. */
export interface MatchedWeights {
  readonly arrays: ReadonlyMap<string, FoundWeight>;
  readonly colourOrder: ColourOrder;
}

// [output, input, height, width] and its kin, as PyTorch, MindSpore and ONNX lay kernels out, to ours.
const AXES = { convolution: [2, 3, 1, 0], transposed: [2, 3, 1, 0], depthwise: [2, 3, 0, 1] } as const;

/** Our own files: the same names, and the colour order in the metadata; checkpoints of training hold more. */
const OWN: Origin = { name: 'cra-inpaint', nameOf: (weight) => weight, ignored: /^train\// };

/**
 * Finds a network's weights in a file, whoever wrote it.
 *
 * @throws WeightsError `weights-mismatch`, which lists by name what is missing, wrongly shaped or left over; ArgumentError
 */
export function matchWeights(given: WeightFile, network: Pick<FillNetwork, 'name' | 'layers' | 'origins'>): MatchedWeights {
  checkWeightFile(given, network.name);
  const wanted = weightsOf(network.layers);
  const { origin, prefix, file } = bestOrigin(given, Object.keys(wanted), [OWN, ...network.origins]);
  origin.checkFile?.(file);
  const arrays = new Map<string, FoundWeight>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  const used = new Set<string>();
  for (const [name, specification] of Object.entries(wanted)) {
    const constant = origin.constantOf?.(name);
    if (constant) {
      const data = new Uint8Array(Float32Array.from(constant).buffer);
      arrays.set(name, { array: { shape: specification.shape, dtype: 'float32', data } });
      continue;
    }
    const named = origin.nameOf(name);
    const theirs = named === undefined ? undefined : prefix + named;
    const array = theirs === undefined ? undefined : file.tensors.get(theirs);
    if (theirs === undefined || !array) {
      missing.push(theirs ?? name);
      continue;
    }
    used.add(theirs);
    const axes = axesFor(array.shape, specification);
    const factor = origin.factorOf?.(name, specification.shape);
    if (axes) arrays.set(name, { array, ...(axes === AS_IT_IS ? {} : { axes }), factor });
    else misshapen.push(`${shown(theirs)} is [${shownShape(array.shape)}], not [${specification.shape.join(', ')}]`);
  }
  // A graph holds other constants than weights; whether all weights are there is another question.
  const isGraph = file.format === 'tensorflow-graph' || file.format === 'onnx';
  const mayStay = (name: string) => origin.ignored?.test(name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const surplus = isGraph ? [] : [...file.tensors.keys()].filter((name) => !used.has(name) && !mayStay(name));
  if (missing.length + misshapen.length + surplus.length > 0) {
    const parts = [listed('missing', missing.map(shown)), listed('wrongly shaped', misshapen), listed('unknown', surplus.map(shown))].filter(
      (part) => part !== '',
    );
    throw new WeightsError('weights-mismatch', `${network.name}: these are not its weights (read as ${origin.name}'s); ${parts.join('; ')}`, {
      expected: Object.fromEntries(Object.entries(wanted).map(([name, { shape }]) => [name, shape])),
      actual: { missing, misshapen, surplus },
    });
  }
  const stated = file.metadata.get('colour_order');
  return { arrays, colourOrder: stated === 'bgr' || stated === 'rgb' ? stated : (origin.colourOrder ?? 'rgb') };
}

/** Checks for what `readWeights` returns, awaited. */
export function checkWeightFile(file: WeightFile, owner: string): void {
  const given = Object.prototype.toString.call(file);
  checkArgument(typeof file?.tensors?.get === 'function', owner, 'weights', 'a file that was read by readWeights, and awaited', given);
}

/** A weight's values in our layout. */
export function valuesOf({ array, axes, factor = 1 }: FoundWeight): { values: Float32Array; shape: readonly number[] } {
  const stored = toFloat32(array);
  const given = factor === 1 ? stored : stored.map((value) => value * factor);
  if (!axes) return { values: given, shape: array.shape };
  const steps = axes.map((axis) => array.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const shape = axes.map((axis) => array.shape[axis]);
  const values = new Float32Array(given.length);
  let n = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        const from = i * steps[0] + j * steps[1] + k * steps[2];
        for (let l = 0; l < shape[3]; l++) values[n++] = given[from + l * steps[3]];
      }
    }
  }
  return { values, shape };
}

/** A weight as a tensor in our layout, to be disposed by the caller. */
export function toTensor(weight: FoundWeight): Tensor {
  const { values, shape } = valuesOf(weight);
  return tensor(values, shape as number[]);
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

/** The origin most of whose names are in the file, and what stands before all of them there, such as `module.` or `import/`. */
function bestOrigin(given: WeightFile, wanted: string[], origins: readonly Origin[]): { origin: Origin; prefix: string; file: WeightFile } {
  let best = { origin: origins[0], prefix: '', file: given };
  let most = -1;
  for (const origin of origins) {
    const file = origin.namedFile?.(given) ?? given;
    const names = wanted.map((name) => origin.nameOf(name)).filter((name) => name !== undefined);
    const whole = [...file.tensors.keys()].find((name) => name.endsWith(`.${names[0]}`) || name.endsWith(`/${names[0]}`));
    const prefix = whole && !file.tensors.has(names[0]) ? whole.slice(0, -names[0].length) : '';
    const found = names.filter((name) => file.tensors.has(prefix + name)).length;
    if (found > most) [best, most] = [{ origin, prefix, file }, found];
  }
  return best;
}

// A file of another network may have hundreds of other names.
const NAMES_LISTED = 12;

// A file may come from anywhere, and so may its names.
const shown = (name: string): string => (/^[\x20-\x7e]{1,100}$/.test(name) ? name : quoted(name));

function listed(what: string, names: string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMES_LISTED ? ` and ${names.length - NAMES_LISTED} more` : '';
  return `${names.length} ${what}: ${names.slice(0, NAMES_LISTED).join(', ')}${more}`;
}
