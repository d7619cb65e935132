// A pipeline of one's own for thin holes, such as a mark across one's photos: which stages there are, and with which numbers, is decided here.
// Tensors are [height, width, channels]; pictures in [-1, 1], holes 1 inside and 0 outside.
import * as tf from '@tensorflow/tfjs-core';
import {
  aggregateResidual,
  composite,
  feather,
  growMask,
  membrane,
  nearestPatches,
  normalizeMask,
  resizeBilinear,
  resizeValid,
  votePatches,
} from 'cra-inpaint/ops';

/** The small picture is this many times smaller, each way. */
const FACTOR = 2;
/** Mean squared distance of two patches at which a patch counts for 1/e. */
const SOFTNESS = 0.02;

/**
 * Removes what a mask marks, and returns every stage on the way. The caller disposes the tensors.
 * @param {tf.Tensor3D} photo [H, W, 3], float32 in [-1, 1]; H and W even
 * @param {tf.Tensor3D} mask [H, W, 1 to 4], float32 in [0, 1], white = to be removed
 * @param {{ rounds?: number, seed?: number }} options
 */
export function removeMark(photo, mask, { rounds = 4, seed = 0 } = {}) {
  return tf.tidy(() => {
    const [height, width] = photo.shape;
    const small = /** @type {[number, number]} */ ([height / FACTOR, width / FACTOR]);

    // Two pixels more than was drawn, for the mark's soft edge.
    const hole = growMask(normalizeMask(mask), 2);
    const valid = /** @type {tf.Tensor3D} */ (tf.sub(1, hole));

    // The mean of the known pixels only: nothing of the mark gets into the small picture.
    const low = resizeValid(photo, valid, small);
    const smallHole = /** @type {tf.Tensor3D} */ (tf.cast(tf.less(low.valid, 0.999), 'float32'));
    const { filled, offsets } = fillByPatches(low.image, smallHole, rounds, seed);

    // What the small picture lost, taken for each pixel of the hole from the place that its patch was copied from.
    const lowKnown = resizeBilinear(filled, [height, width], { flavour: 'half-pixel' });
    const residual = /** @type {tf.Tensor3D} */ (tf.mul(tf.sub(photo, lowKnown), valid));
    const detail = aggregateResidual(residual, { kind: 'nearest-field', offsets }, { crossFade: true });
    const fill = /** @type {tf.Tensor3D} */ (tf.add(lowKnown, detail));

    // Where the fill's colours differ from the photo's at the hole's rim, a membrane spreads the difference smoothly over the hole: the fill's
    // gradients stay, and no edge shows. Then a seam of 2 pixels.
    const difference = /** @type {tf.Tensor3D} */ (tf.sub(photo, fill));
    const joined = /** @type {tf.Tensor3D} */ (tf.add(fill, membrane(difference, hole)));
    const result = composite(joined, photo, feather(hole, 2));
    return { hole, low: low.image, filled, offsets, fill, result };
  });
}

/**
 * Fills a small picture: a smooth start, then rounds of finding for each patch over the hole its nearest known one, and letting them vote.
 * @param {tf.Tensor3D} image
 * @param {tf.Tensor3D} hole
 * @param {number} rounds
 * @param {number} seed
 */
function fillByPatches(image, hole, rounds, seed) {
  const [height, width] = image.shape;
  // A patch of 7 x 7 touches the hole if its centre is within 3 rows and columns of it; a disc of 4.3 reaches its corners.
  const queries = growMask(hole, 4.3);
  // Sources are whole patches of known pixels: not over the hole, not over the picture's border.
  const inside = tf.pad(tf.ones([height - 6, width - 6, 1]), [
    [3, 3],
    [3, 3],
    [0, 0],
  ]);
  const sources = /** @type {tf.Tensor3D} */ (tf.mul(inside, tf.sub(1, queries)));
  let filled = membrane(image, hole);
  /** @type {tf.Tensor3D | undefined} */
  let offsets;
  for (let round = 0; round < rounds; round++) {
    // Nearer patches are likelier: colours and light change across a photo.
    const nearest = nearestPatches(filled, { sources, queries, offsets, seed: seed + round, offsetPenalty: [0.1, 0.1] });
    const weights = tf.mul(tf.exp(tf.mul(nearest.distances, -1 / SOFTNESS)), tf.reshape(queries, [height, width]));
    filled = votePatches(filled, { offsets: nearest.offsets, weights: /** @type {tf.Tensor2D} */ (weights), hole });
    offsets = nearest.offsets;
  }
  return { filled, offsets: /** @type {tf.Tensor3D} */ (offsets) };
}
