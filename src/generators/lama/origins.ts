import type { WeightArray, WeightFile } from '../../io/weights/weight-file';
import type { Origin } from '../network/origin';

/** The parts of a Fourier convolution, ours and the authors'. */
const CONVOLUTION: Readonly<Record<string, string>> = {
  local_to_local: 'ffc.convl2l',
  local_to_global: 'ffc.convl2g',
  global_to_local: 'ffc.convg2l',
  'global_to_global.reduce': 'ffc.convg2g.conv1.0',
  'global_to_global.reduce_norm': 'ffc.convg2g.conv1.1',
  'global_to_global.spectrum': 'ffc.convg2g.fu.conv_layer',
  'global_to_global.spectrum_norm': 'ffc.convg2g.fu.bn',
  'global_to_global.expand': 'ffc.convg2g.conv2',
  local_norm: 'bn_l',
  global_norm: 'bn_g',
};

/** What the parts of a norm, and a bias, are called in PyTorch. */
const VECTORS: Readonly<Record<string, string>> = { scale: 'weight', offset: 'bias', mean: 'running_mean', variance: 'running_var', bias: 'bias' };

/** The number of residual blocks of a file's network, by the names of its tensors, the authors' or ours. */
export function blocksOf({ tensors }: WeightFile): number | undefined {
  const found = new Set([...tensors.keys()].map((name) => /(?:^|\.)(model\.|block)(\d+)\.conv1\./.exec(name)?.[2]));
  found.delete(undefined);
  return found.size || undefined;
}

/**
 * Files of the authors' PyTorch program, whose modules are numbered through, and what was made of them: checkpoints, scripted
 * modules, ONNX files.
 *
 * @param downs how many times the network halves the size.
 * @param blocks how many residual blocks it has.
 */
export function authorsOrigin(downs: number, blocks: number): Origin {
  const moduleOf = (name: string): string => {
    const [, kind, number, conv] = /^(enter|down|block|up|last)(\d*)(\.conv[12])?/.exec(name) ?? [];
    const n = Number(number);
    if (kind === 'enter') return 'model.1';
    if (kind === 'down') return `model.${1 + n}`;
    if (kind === 'block') return `model.${1 + downs + n}${conv}`;
    // A module of its own joins the features before, and each norm and ReLU is one; before the last convolution there is its margin.
    if (kind === 'up') return `model.${3 * n + downs + blocks}`;
    return `model.${4 + blocks + 4 * downs}`;
  };
  const nameOf = (weight: string): string | undefined => {
    const [, layer, part, vector] = /^(enter|down\d+|block\d+\.conv[12]|up\d+|last)\.(.+?)(?:\.(scale|offset|mean|variance))?$/.exec(weight) ?? [];
    if (!layer) return undefined;
    const module = moduleOf(layer);
    if (part === 'weights' || part === 'bias') return `${module}.${part === 'weights' ? 'weight' : 'bias'}`;
    if (part === 'norm') return `${module.replace(/\d+$/, (n) => `${Number(n) + 1}`)}.${VECTORS[vector]}`;
    return CONVOLUTION[part] && `${module}.${CONVOLUTION[part]}.${vector ? VECTORS[vector] : 'weight'}`;
  };
  return {
    name: 'the LaMa authors',
    nameOf,
    ignored: /(^|\.)num_batches_tracked$|^(model\.)?(val_evaluator|test_evaluator|discriminator|loss_)/,
    namedFile: (file) => namedFile(file, foldedConvolutions(downs, blocks)),
  };
}

/** A convolution that the ONNX exporter folded the norm behind it into, and that norm. */
interface Folded {
  readonly kernel: string;
  readonly norm: string;
}

/** Those convolutions, in the order of the graph. */
function foldedConvolutions(downs: number, blocks: number): Folded[] {
  const plain = (module: number, to: 'l' | 'g'): Folded => ({ kernel: `model.${module}.ffc.convl2${to}.weight`, norm: `model.${module}.bn_${to}` });
  const spectral = (module: string): Folded[] => [
    { kernel: `${module}.ffc.convg2g.conv1.0.weight`, norm: `${module}.ffc.convg2g.conv1.1` },
    { kernel: `${module}.ffc.convg2g.fu.conv_layer.weight`, norm: `${module}.ffc.convg2g.fu.bn` },
  ];
  return [
    ...Array.from({ length: downs + 1 }, (_, n) => plain(n + 1, 'l')),
    plain(downs + 1, 'g'),
    ...Array.from({ length: 2 * blocks }, (_, n) => spectral(`model.${downs + 2 + (n >> 1)}.conv${1 + (n % 2)}`)).flat(),
  ];
}

// With the norm's own 1e-5 the variance is 1: such a norm adds its offset and does nothing else.
const VARIANCE = 1 - 1e-5;

/**
 * An ONNX file with names for its folded convolutions, which are numbered pairs of a kernel and a bias there, in the order of the
 * graph. Each gets a norm that does no more than add the bias. Any other file as it is.
 */
function namedFile(file: WeightFile, folded: readonly Folded[]): WeightFile {
  const numbers = [...file.tensors.keys()].flatMap((name) => /^onnx::Conv_(\d+)$/.exec(name)?.[1] ?? []).sort((a, b) => Number(a) - Number(b));
  const whole = [...file.tensors.keys()].find((name) => /(^|\.)model\.\d+\.conv1\.ffc\.convl2l\.weight$/.test(name));
  if (numbers.length !== 2 * folded.length || whole === undefined) return file;
  const prefix = whole.replace(/model\.\d+\.conv1\.ffc\.convl2l\.weight$/, '');
  const tensors = new Map(file.tensors);
  for (const [n, { kernel, norm }] of folded.entries()) {
    const [weights, bias] = [2 * n, 2 * n + 1].map((at) => file.tensors.get(`onnx::Conv_${numbers[at]}`) as WeightArray);
    const filled = (value: number): WeightArray => {
      const data = new Float32Array(bias.shape.reduce((a, b) => a * b, 1)).fill(value);
      return { shape: bias.shape, dtype: 'float32', data: new Uint8Array(data.buffer) };
    };
    tensors.set(prefix + kernel, weights);
    tensors.set(`${prefix}${norm}.bias`, bias);
    tensors.set(`${prefix}${norm}.weight`, filled(1));
    tensors.set(`${prefix}${norm}.running_mean`, filled(0));
    tensors.set(`${prefix}${norm}.running_var`, filled(VARIANCE));
  }
  return { ...file, tensors };
}
