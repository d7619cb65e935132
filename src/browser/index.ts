/**
 * For browsers: pictures in and out, the choice of a backend ({@link detectBackend}), and a worker that fills pictures while
 * the page stays free ({@link createInpainter}).
 * @module cra-inpaint/browser
 */
export type { BestChoice } from '../generators/best';
export type { GeneratorName } from '../generators/names';
export * from '../io/browser';
export { type BackendChoice, type DetectBackendOptions, type DetectedBackend, detectBackend } from './backends';
export { createInpainter } from './inpainter';
export type {
  BrowserWeightSource,
  FillSettings,
  GeneratorChoice,
  Inpainter,
  InpainterCallOptions,
  InpainterOptions,
  NamedGenerator,
  ResultKind,
  Results,
  WorkerMemory,
} from './options';
