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
export type { Inpainter } from './inpainter-type';
export type {
  BrowserPreview,
  BrowserWeightSource,
  FillSettings,
  GeneratorChoice,
  InpainterCallOptions,
  InpainterOptions,
  NamedGenerator,
  ResultKind,
  Results,
  WorkerMemory,
} from './options';
export type {
  BrowserPatch,
  BrowserSession,
  BrowserStep,
  OpenOptions,
  PhotoFacts,
  PhotoProgress,
  PhotoStage,
  ReadyOptions,
  SessionBlobOptions,
  SessionFillOptions,
} from './session-options';
