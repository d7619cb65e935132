/**
 * Training: pictures and holes, losses, adversaries, recipes and a trainer.
 * @module cra-inpaint/train
 */
export { Adam } from './adam';
export { BatchReader, type DataPosition, type NamedBatch, type TrainingData } from './batches';
export { type MaskTemplate, readTemplates, type TemplateOptions } from './data/holes/templates';
export { type MaskKind, type MaskPainter, type MaskSource, type MaskSourceOptions, maskPreview, maskSource } from './data/masks';
export { type BatchSource, type PairedBatch, type PictureBatch, type PictureSourceOptions, pairedSource, pictureSource } from './data/pictures';
export { type GridOptions, pictureGrid } from './grid';
export { loadWeights } from './load-weights';
export { l1Distance } from './metrics/l1';
export { msSsim } from './metrics/ms-ssim';
export type { RangeOptions, WithinOptions } from './metrics/pair';
export { psnr } from './metrics/psnr';
export { ssim } from './metrics/ssim';
export { deepfillV2Recipe } from './recipes/deepfill-v2';
export { hifillRecipe } from './recipes/hifill';
export { partialUnetRecipe } from './recipes/partial-unet';
export { pix2pixRecipe } from './recipes/pix2pix';
export { LAST, type StepReport, type TrainOptions, trainInFolder } from './run-in-folder';
export { type DecaySchedule, decayAt } from './schedule';
export { Trainer, type TrainerOptions } from './trainer';
export { type ValidationScores, validate, validateMembrane } from './validate';
