/**
 * Training: pictures and holes, losses, adversaries, recipes and a trainer.
 * @module cra-inpaint/train
 */
export { Adam } from './adam';
export { BatchReader, type DataPosition, type NamedBatch, type TrainingData } from './batches';
export { readTemplates } from './data/holes/templates';
export { maskPreview, maskSource } from './data/masks';
export { pairedSource, pictureSource } from './data/pictures';
export { pictureGrid } from './grid';
export { loadWeights } from './load-weights';
export { deepfillV2Recipe } from './recipes/deepfill-v2';
export { hifillRecipe } from './recipes/hifill';
export { partialUnetRecipe } from './recipes/partial-unet';
export { pix2pixRecipe } from './recipes/pix2pix';
export { LAST, type StepReport, type TrainOptions, trainInFolder } from './run-in-folder';
export { type DecaySchedule, decayAt } from './schedule';
export { Trainer, type TrainerOptions } from './trainer';
export { type ValidationScores, validate, validateMembrane } from './validate';
