// Seeded weights of LaMa with the names and layouts of best.ckpt. Same as the rule that made lama.safetensors.

import { weight } from './procedural.js'

/** Names and PyTorch shapes of a generator's tensors, without num_batches_tracked. */
function lamaShapes({ ngf = 64, downs = 3, blocks = 18, ratio = 0.75 } = {}) {
  const shapes = {}
  const norm = (name, c) => { for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes[`${name}.${part}`] = [c] }
  const at = (n) => `generator.model.${n}`
  shapes[`${at(1)}.ffc.convl2l.weight`] = [ngf, 4, 7, 7]
  norm(`${at(1)}.bn_l`, ngf)
  let channels = ngf
  for (let n = 2; n <= downs; n++, channels *= 2) {
    shapes[`${at(n)}.ffc.convl2l.weight`] = [2 * channels, channels, 3, 3]
    norm(`${at(n)}.bn_l`, 2 * channels)
  }
  const global = Math.trunc(2 * channels * ratio)
  const local = 2 * channels - global
  const half = global >> 1
  let n = downs + 1
  shapes[`${at(n)}.ffc.convl2l.weight`] = [local, channels, 3, 3]
  shapes[`${at(n)}.ffc.convl2g.weight`] = [global, channels, 3, 3]
  norm(`${at(n)}.bn_l`, local)
  norm(`${at(n)}.bn_g`, global)
  channels *= 2
  for (let block = 0; block < blocks; block++) {
    n++
    for (const conv of [`${at(n)}.conv1`, `${at(n)}.conv2`]) {
      shapes[`${conv}.ffc.convl2l.weight`] = [local, local, 3, 3]
      shapes[`${conv}.ffc.convl2g.weight`] = [global, local, 3, 3]
      shapes[`${conv}.ffc.convg2l.weight`] = [local, global, 3, 3]
      shapes[`${conv}.ffc.convg2g.conv1.0.weight`] = [half, global, 1, 1]
      norm(`${conv}.ffc.convg2g.conv1.1`, half)
      shapes[`${conv}.ffc.convg2g.fu.conv_layer.weight`] = [2 * half, 2 * half, 1, 1]
      norm(`${conv}.ffc.convg2g.fu.bn`, 2 * half)
      shapes[`${conv}.ffc.convg2g.conv2.weight`] = [global, half, 1, 1]
      norm(`${conv}.bn_l`, local)
      norm(`${conv}.bn_g`, global)
    }
  }
  n += 2
  for (let up = 0; up < downs; up++, n += 3, channels /= 2) {
    shapes[`${at(n)}.weight`] = [channels, channels / 2, 3, 3] // transposed: [input, output, rows, columns]
    shapes[`${at(n)}.bias`] = [channels / 2]
    norm(at(n + 1), channels / 2)
  }
  shapes[`${at(n + 1)}.weight`] = [3, channels, 7, 7]
  shapes[`${at(n + 1)}.bias`] = [3]
  return shapes
}
function amplitude(name, shape, lastGain) { // [amp, add]
  if (shape.length === 4) {
    const [output, input, rows, columns] = shape
    if (/model\.\d+\.weight$/.test(name) && rows === 3) return [1.2 * Math.sqrt(3 / ((output * rows * columns) / 4)), 0]
    const gain = output === 3 ? lastGain : name.includes('.convg2g.') ? 1.3 : /conv[12]\.ffc/.test(name) ? 1 : 1.5
    return [gain * Math.sqrt(3 / (input * rows * columns)), 0]
  }
  if (name.endsWith('running_var')) return [0.3, 1]
  if (name.endsWith('running_mean')) return [0.2, 0]
  if (name.endsWith('bias')) return [0.1, 0]
  return /model\.\d+\.conv2\.bn_[lg]\.weight$/.test(name) ? [0.05, 0.125] : [0.2, 1]
}
/** name -> { shape, seed, amp, add }, sorted by name. */
function lamaTable(shapes, base, lastGain) {
  const table = {}
  for (const [n, name] of Object.keys(shapes).sort().entries()) {
    const [amp, add] = amplitude(name, shapes[name], lastGain)
    table[name] = { shape: shapes[name], seed: base + n, amp, add }
  }
  return table
}
const lamaValues = ({ shape, seed, amp, add }) => weight(seed, shape.reduce((a, b) => a * b, 1), amp, add)
export { lamaShapes, lamaTable, lamaValues }
