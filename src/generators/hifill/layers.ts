import type { GatedConv2dOptions } from '../../layers/gated-conv2d';

/** One gated convolution of HiFill: our name, its sizes, and what it is called in the TensorFlow and in the MindSpore program. */
export interface LayerRow {
  readonly name: string;
  readonly options: Omit<GatedConv2dOptions, 'gate'>;
  readonly tensorflow: string;
  readonly mindspore: string;
}

type Options = Partial<LayerRow['options']>;

const row = (name: string, input: number, output: number, tensorflow: string, mindspore: string, options: Options = {}): LayerRow => {
  const upsampled = options.upsample !== undefined;
  return {
    name,
    options: { input, output, size: 3, ...options },
    // Upsampling layers nest their convolution once more.
    tensorflow: upsampled ? `${tensorflow}/${tensorflow}_conv` : tensorflow,
    mindspore: upsampled ? `${mindspore}.gate_conv2d` : mindspore,
  };
};

const up: Options = { upsample: 'bilinear' };

const DILATIONS = [1, 1, 1, 2, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8];
// The MindSpore program groups the dilated layers by dilation.
const DILATED_GROUPS = [3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6];
const placeInGroup = (n: number) => DILATED_GROUPS.slice(0, n).filter((group) => group === DILATED_GROUPS[n]).length;
const three = [0, 1, 2];

/** The coarse network, which works at half the size, with single-channel gates. The numbers in names are its side at 512 pixels. */
export const coarseRows: readonly LayerRow[] = [
  row('coarse.down_128', 4, 32, 'c_en_down_128', 'coarse.coarse1.0', { size: 5, stride: 2 }),
  row('coarse.encode_128', 32, 32, 'c_en_conv_128', 'coarse.coarse1.1'),
  row('coarse.down_64', 32, 64, 'c_en_down_64', 'coarse.coarse1.2', { stride: 2 }),
  ...three.map((n) => row(`coarse.encode_64_${n + 1}`, 64, 64, `c_en_conv${n + 1}_64`, `coarse.coarse2.${n}`)),
  ...DILATIONS.map((dilation, n) =>
    row(`coarse.dilated_${n + 1}`, 64, 64, `c_dil_d${n + 1}`, `coarse.coarse${DILATED_GROUPS[n]}.${placeInGroup(n)}`, { dilation }),
  ),
  ...three.map((n) => row(`coarse.decode_64_${n + 1}`, 64, 64, `c_de_conv${n + 1}_64`, `coarse.coarse7.${n}`)),
  row('coarse.up_128', 64, 32, 'c_de_up_128', 'coarse.coarse8.0', up),
  row('coarse.decode_128', 32, 32, 'c_de_conv_128', 'coarse.coarse8.1'),
  row('coarse.rgb', 32, 3, 'c_de_toRGB', 'coarse.coarse8.2', up),
];

/** The encoder of the refinement network, down to the features that attend. */
export const encoderRows: readonly LayerRow[] = [
  row('refine.down_256', 4, 32, 're_en_down_256', 'refinement1.0', { stride: 2 }),
  row('refine.encode_256', 32, 32, 're_en_conv_256', 'refinement1.1'),
  row('refine.down_128', 32, 64, 're_en_down_128', 'refinement2.0', { stride: 2 }),
  row('refine.encode_128', 64, 64, 're_en_conv_128', 'refinement2.1'),
  row('refine.down_64', 64, 128, 're_en_down_64', 'refinement3.0', { stride: 2 }),
  row('refine.encode_64', 128, 128, 're_en_conv_64', 'refinement3.1'),
  row('refine.dilated_1', 128, 128, 're_dil_d1', 'refinement4', { dilation: 1 }),
  row('refine.dilated_2', 128, 128, 're_dil_d2', 'refinement5.0', { dilation: 2 }),
  row('refine.dilated_4', 128, 128, 're_dil_d4', 'refinement5.1', { dilation: 4 }),
  row('refine.dilated_8', 128, 128, 're_dil_d8', 'refinement6.0', { dilation: 8 }),
  row('refine.dilated_16', 128, 128, 're_dil_d16', 'refinement6.1', { dilation: 16 }),
];

/** What follows the attention. */
export const decoderRows: readonly LayerRow[] = [
  row('refine.attended_64', 128, 128, 're_att_64_att1', 'conv_att1'),
  row('refine.joined_64', 256, 128, 're_att_64_att3', 'conv_att2'),
  row('refine.up_128', 128, 64, 're_de_up__128', 'refinement7.0', up),
  row('refine.decode_128', 64, 64, 're_de_conv_128', 'refinement7.1'),
  row('refine.transferred_128_1', 64, 64, 're_de_att_128_1', 'apply_attention1.conv_pl2.0'),
  row('refine.transferred_128_2', 64, 64, 're_de_att_128_2', 'apply_attention1.conv_pl2.1', { dilation: 2 }),
  row('refine.up_256', 128, 32, 're_de_up__256', 'refinement8.0', up),
  row('refine.decode_256', 32, 32, 're_de_conv_256', 'refinement8.1'),
  row('refine.transferred_256_1', 32, 32, 're_de_att_256_1', 'apply_attention2.conv_pl1.0'),
  row('refine.transferred_256_2', 32, 32, 're_de_att_256_2', 'apply_attention2.conv_pl1.1', { dilation: 2 }),
  row('refine.rgb', 64, 3, 're_de_toRGB__256', 'refinement9', up),
];
