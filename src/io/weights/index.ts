/**
 * Weights of networks in and out: safetensors, TensorFlow graphs and checkpoints, MindSpore checkpoints, ONNX.
 * @module cra-inpaint/weights
 */
export { readSafetensors } from './safetensors';
export { toFloat16, toFloat32, type WeightArray, type WeightDtype, type WeightFile, type WeightFormat } from './weight-file';
