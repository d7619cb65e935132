/**
 * Weights of networks in and out: safetensors, TensorFlow graphs and checkpoints, MindSpore checkpoints, ONNX; and weights by a
 * network's name.
 * @module cra-inpaint/weights
 */
export type { DownloadProgress } from './download';
export { readMindspore } from './mindspore';
export { readOnnx } from './onnx';
export { readWeights } from './read-weights';
export { readSafetensors } from './safetensors';
export type { ReadWeightsOptions, WeightSource } from './source';
export { readTensorflowCheckpoint } from './tensorflow-checkpoint';
export { readTensorflowGraph } from './tensorflow-graph';
export { toFloat16, toFloat32, type WeightArray, type WeightDtype, type WeightFile, type WeightFormat } from './weight-file';
export { type WeightsOfOptions, weightsOf } from './weights-of';
export { type TypedWeights, type WriteSafetensorsOptions, writeSafetensors } from './write-safetensors';
