import type { Origin } from '../network/origin';
import { coarseRows, decoderRows, encoderRows, type LayerRow } from './layers';

const rows = new Map([...coarseRows, ...encoderRows, ...decoderRows].map((row) => [row.name, row]));

/** The layer and the part of it that one of our weights is. */
function split(weight: string): { row: LayerRow | undefined; part: string; coarse: boolean } {
  const dot = weight.lastIndexOf('.');
  return { row: rows.get(weight.slice(0, dot)), part: weight.slice(dot + 1), coarse: weight.startsWith('coarse.') };
}

/** The authors' TensorFlow program: frozen graphs, and checkpoints of its training. */
export const tensorflowOrigin: Origin = {
  name: 'the HiFill authors, TensorFlow',
  colourOrder: 'bgr',
  ignored: /(^|\/)(discriminator|linear|beta[12]_power|global_step)(\/|$|_)|\/Adam(_1)?$|ExponentialMovingAverage$/,
  nameOf(weight) {
    const { row, part, coarse } = split(weight);
    if (!row) return undefined;
    // Its depth-separable layers are pixel-wise ones: the depth-wise half is commented out.
    const parts: Record<string, string> = coarse
      ? { weights: '_feat/w', bias: '_feat/biases', gate_weights: '_gate/w', gate_bias: '_gate/biases' }
      : { weights: '/w', bias: '/biases', gate_weights: '/pw', gate_bias: '/ds_biases' };
    return parts[part] && `generator/${row.tensorflow}${parts[part]}`;
  },
};

/** The port to MindSpore. */
export const mindsporeOrigin: Origin = {
  name: 'the HiFill port to MindSpore',
  colourOrder: 'bgr',
  // What both transfer layers hold of each other, and constant kernels.
  ignored:
    /apply_attention1\.conv_pl1\.|apply_attention2\.conv_pl2\.|(^|\.)(disconv|conv)\d*\.conv\.|contextual_attention\.|(^|\.)(moment|adam)|beta[12]_power|global_step|learning_rate|epoch_num|step_num/,
  nameOf(weight) {
    const { row, part, coarse } = split(weight);
    if (!row) return undefined;
    const gate = coarse ? 'gate_factor.single_channel_conv' : 'gate_factor.ds_conv';
    const parts: Record<string, string> = { weights: 'conv2d.weight', bias: 'conv2d.bias', gate_weights: `${gate}.weight`, gate_bias: `${gate}.bias` };
    return parts[part] && `${row.mindspore}.${parts[part]}`;
  },
};
