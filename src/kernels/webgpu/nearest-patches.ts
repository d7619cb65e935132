import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { NEAREST_PATCHES, type NearestPatchesAttributes, SEARCH_STEPS } from '../nearest-patches';
import { registerBackendKernel } from '../register';
import { uniformValues } from './flat-program';
import {
  countSourcesProgram,
  fieldDistancesProgram,
  fieldOffsetsProgram,
  improveSearchProgram,
  searchUniforms,
  startSearchProgram,
} from './nearest-patches-program';

registerBackendKernel<WebGPUBackend, NearestPatchesAttributes>(NEAREST_PATCHES, 'webgpu', (inputs, attributes, gpu) => {
  const { features, sources, queries, offsets } = inputs;
  const { patchSize, iterations, searchRadius, rowPenalty, columnPenalty, seed } = attributes;
  const [height, width] = features.shape;
  const area = patchSize * patchSize;
  const common = {
    margin: patchSize >> 1,
    rowPenalty: (rowPenalty * area) / (height * height),
    columnPenalty: (columnPenalty * area) / (width * width),
    seed: seed >>> 0,
  };
  const told = (step: number, turn: number, radius: number) => uniformValues(searchUniforms, { ...common, step, turn, searchRadius: radius });

  const counts = gpu.runWebGPUProgram(countSourcesProgram(height), [sources], 'int32');
  let field = gpu.runWebGPUProgram(startSearchProgram(height, width), [features, sources, queries, offsets, counts], 'float32', told(0, 0, 0));
  gpu.disposeData(counts.dataId);
  for (let pass = 0; pass < iterations * SEARCH_STEPS.length; pass++) {
    const step = SEARCH_STEPS[pass % SEARCH_STEPS.length];
    const uniforms = told(step, pass + 1, step === 1 ? searchRadius : 0);
    const better = gpu.runWebGPUProgram(improveSearchProgram(height, width), [features, sources, queries, field], 'float32', uniforms);
    gpu.disposeData(field.dataId);
    field = better;
  }
  const results = [
    gpu.runWebGPUProgram(fieldOffsetsProgram(height, width), [field], 'int32'),
    gpu.runWebGPUProgram(fieldDistancesProgram(height, width), [field], 'float32', [{ type: 'float32', data: [area] }]),
  ];
  gpu.disposeData(field.dataId);
  return results;
});
