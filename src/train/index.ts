/**
 * Training: pictures and holes, losses, discriminators, recipes that put them together for each network, and a trainer.
 * @module cra-inpaint/train
 */

export { Adam } from './adam';
export { BatchReader, type DataPosition, type NamedBatch, type TrainingData } from './batches';
export { type CheckpointFacts, checkpointFacts, restoreCheckpoint, writeCheckpoint } from './checkpoint';
export { type MaskTemplate, readTemplates, type TemplateOptions } from './data/holes/templates';
export { type MaskKind, type MaskPainter, type MaskSource, type MaskSourceOptions, maskPreview, maskSource } from './data/masks';
export { type BatchSource, type PairedBatch, type PictureBatch, type PictureSourceOptions, pairedSource, pictureSource } from './data/pictures';
export { craDiscriminator } from './discriminators/cra';
export type { Discriminator, FeatureDiscriminator, Seen } from './discriminators/discriminator';
export { type PatchGanOptions, patchGan } from './discriminators/patch-gan';
export { type Pix2pixHdGanOptions, pix2pixHdGan } from './discriminators/pix2pix-hd-gan';
export { snPatchGan } from './discriminators/sn-patch-gan';
export { type Differentiated, type LossGradients, lossGradients } from './gradients';
export { type GridOptions, pictureGrid } from './grid';
export { type LoadedWeights, loadWeights } from './load-weights';
export { binaryCrossEntropy } from './losses/binary-cross-entropy';
export { featureMatchingLoss } from './losses/feature-matching';
export { gradientPenalty } from './losses/gradient-penalty';
export { hingeDiscriminatorLoss, hingeGeneratorLoss } from './losses/hinge';
export { holeL1, l1, validL1 } from './losses/l1';
export { type FeatureExtractor, type PerceptualOptions, perceptualLoss, styleLoss } from './losses/perceptual';
export { r1Penalty } from './losses/r1-penalty';
export { totalVariation } from './losses/total-variation';
export { type TwoStageL1, type TwoStageOptions, type TwoStagePictures, twoStageL1 } from './losses/two-stage-l1';
export { wassersteinDiscriminatorLoss, wassersteinGeneratorLoss } from './losses/wasserstein';
export { l1Distance } from './metrics/l1';
export { msSsim } from './metrics/ms-ssim';
export type { RangeOptions, WithinOptions } from './metrics/pair';
export { psnr } from './metrics/psnr';
export { ssim } from './metrics/ssim';
export type { AdamOptions, Batch, Loss, Recipe, StepContext } from './recipe';
export { type DeepfillV2RecipeOptions, deepfillV2Recipe } from './recipes/deepfill-v2';
export { type HifillRecipeOptions, hifillRecipe } from './recipes/hifill';
export { type LamaRecipeOptions, lamaRecipe } from './recipes/lama';
export { type PartialUnetRecipeOptions, partialUnetRecipe } from './recipes/partial-unet';
export { type Pix2pixRecipeOptions, pix2pixRecipe } from './recipes/pix2pix';
export { LAST, type StepReport, type TrainOptions, trainInFolder } from './run-in-folder';
export { type DecaySchedule, decayAt } from './schedule';
export { Trainer, type TrainerOptions } from './trainer';
export { type ValidationScores, validate, validateMembrane } from './validate';
