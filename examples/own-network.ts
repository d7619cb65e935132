// A network of one's own as generator: its layers and stages, a recipe by which it learns in seconds, and a fill.
// npx tsx examples/own-network.ts photo.jpg mask.png out.jpg
import * as tf from '@tensorflow/tfjs'; // with gradients, for training
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', and 'cra-inpaint/node', '/weights', '/layers' and '/train'.
import { Conv2d, type FillNetwork, GatedConv2d, type GatedConv2dOptions, inpaint, networkGenerator, networkStages, runNetwork } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';
import { readSafetensors } from '../src/io/weights';
import { kaiming } from '../src/layers';
import { holeL1, maskSource, type Recipe, Trainer, writeCheckpoint } from '../src/train';

const [photoPath, maskPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/own-network.ts photo.jpg mask.png out.jpg');
await tf.setBackend('wasm');

const gated = (name: string, input: number, output: number, shape: Partial<GatedConv2dOptions> = {}) =>
  new GatedConv2d(name, { input, output, size: 3, gate: 'single-channel', activation: 'elu', initializer: kaiming(9 * input), ...shape });
const encode = gated('encode', 4, 16, { stride: 2 });
// They let pixels on either side of a hole see each other.
const spread = [2, 4, 8].map((dilation) => gated(`spread${dilation}`, 16, 16, { dilation }));
const decode = gated('decode', 16, 8, { upsample: 'bilinear' });
const colours = new Conv2d('colours', { input: 8, output: 3, size: 3, activation: 'tanh', initializer: kaiming(72, 1) });

const network: FillNetwork = {
  name: 'own-network',
  multiple: 2,
  workingSize: 128,
  layers: [encode, ...spread, decode, colours],
  // Its files have the layers' own names. An origin would say how somebody else's files name them.
  origins: [],
  // Each stage is given what the one before it returned, and types see to it; what it doesn't return itself is freed.
  stages: networkStages(({ image, hole }, weights) => {
    const known = tf.mul<tf.Tensor4D>(image, tf.sub(1, hole));
    return { features: encode.apply(tf.concat([known, hole], 3), weights) };
  })
    .next(({ features }, weights) => ({ features: spread.reduce((x, layer) => layer.apply(x, weights), features) }))
    .next(({ features }, weights) => ({ image: colours.apply(decode.apply(features, weights), weights) })),
};

const recipe: Recipe = {
  name: network.name,
  network,
  discriminatorSteps: 0,
  adam: { learningRate: 0.005, beta1: 0.9, beta2: 0.999 },
  generatorLoss(weights, _, { image, hole }) {
    const total = holeL1(runNetwork(network, weights, image, hole).image, image, hole);
    return { total, parts: { hole: total } };
  },
  pictures: (weights, { image, hole }) => ({ fine: runNetwork(network, weights, image, hole).image }),
};

// Soft pictures, made on the way: what it is to learn is to carry colours on. Photos would come from pictureSource().
const [size, batch] = [48, 4];
const masks = maskSource({ size, kinds: ['rectangles'], coverage: [0.1, 0.3] });
const picturesAt = (step: number) => {
  const patches = tf.randomUniform<tf.Rank.R4>([batch, 2, 2, 3], -1, 1, 'float32', step + 1);
  const holes = Array.from({ length: batch }, (_, n) => tf.tensor3d(masks.at(batch * step + n), [size, size, 1]));
  return { image: tf.image.resizeBilinear(patches, [size, size]), hole: tf.stack(holes) as tf.Tensor4D };
};

const trainer = new Trainer(recipe, { seed: 7 });
for (let step = 0, sum = 0; step < 40; step++) {
  const { hole } = await trainer.trainStep(async () => ({ batch: tf.tidy(() => picturesAt(step)), names: ['soft'] }));
  sum = (step % 10 === 0 ? 0 : sum) + hole;
  if (step % 10 === 9) console.log(`steps ${step - 8} to ${step + 1}: loss ${(sum / 10).toFixed(3)}`);
}
// To keep what was learnt, write these bytes to a file; readWeights() reads it.
const file = await writeCheckpoint(trainer, { position: { pictures: 0, holes: 0 }, settings: {}, colourOrder: 'rgb' });
trainer.dispose();

const generator = networkGenerator(network, readSafetensors(file));
const result = await inpaint(await readPicture(photoPath), await readMask(maskPath), { generator });
generator.dispose();
await writePicture(result, outPath);
