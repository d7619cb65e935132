import type { Origin } from '../network';

const BRANCHES: Readonly<Record<string, string>> = { coarse: '', refine: 'x', attend: 'pm', join: 'all' };

/** What the authors add to a layer's name to say what it is. */
function suffixOf(branch: string, number: number): string {
  if (number === 2 || number === 4) return '_downsample';
  if (number >= 7 && number <= 10 && branch !== 'attend') return '_atrous';
  return number === 13 || number === 15 ? '_upsample' : '';
}

/** The authors' own: checkpoints of their TensorFlow 1 training, and graphs frozen from them. */
export const tensorFlow: Origin = {
  name: 'TensorFlow',
  colourOrder: 'bgr',
  nameOf(weight) {
    const [branch, layer, part] = weight.split('.');
    const number = Number(layer.slice('conv'.length));
    const name = `${BRANCHES[branch]}${layer}${suffixOf(branch, number)}`;
    const nested = name.endsWith('_upsample') ? `${name}/${name}_conv` : name;
    return `inpaint_net/${nested}/${part === 'weights' ? 'kernel' : 'bias'}`;
  },
  ignored: /^discriminator\/|^global_step$|^beta[12]_power|\/(Adam|Adam_\d+|ExponentialMovingAverage)$/,
};
