import type { Progress } from '../cra/options';
import type { BestChoice } from '../generators/best';
import type { BrowserPictureSource } from '../io/browser';
import type { Picture, PictureFormat } from '../picture';
import type { PlainError } from '../plain-error';
import type { MaskShapes, RunMask } from '../shapes';
import type { Warning } from '../warning';
import type { BackendChoice } from './backends';
import type { FillSettings, GeneratorChoice, ResultKind, WorkerMemory } from './options';

/** Pixels of an ImageData; the object itself would be copied. */
export interface PlainImageData {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
  colorSpace: PredefinedColorSpace;
}

/** A mask that is held in runs, as it is sent: its pixels stay unmade. */
export type SentRuns = Omit<RunMask, 'data' | 'metadata'>;

/** A mask as it is sent: a picture, its runs, or shapes that are drawn once the photo's size is known. */
export type SentMask = BrowserPictureSource | SentRuns | MaskShapes;

/** A picture to fill, as it is sent. */
export interface Job {
  photo: BrowserPictureSource;
  mask: SentMask;
  sketch?: BrowserPictureSource;
  pixelLimit?: number;
  settings: FillSettings;
  output: ResultKind;
  format?: PictureFormat;
  quality?: number;
  /** Whether somebody listens to the progress. */
  progress: boolean;
}

/** What the page says. */
export type ToWorker =
  | { type: 'start'; generator: GeneratorChoice; order?: string[]; workers?: number }
  | { type: 'inpaint'; id: number; job: Job }
  | { type: 'memory'; id: number }
  | { type: 'abort'; id: number };

/** What comes back of a picture or a question. */
export type Answer = { picture: Picture } | { image: PlainImageData } | { bitmap: ImageBitmap } | { blob: Blob } | { memory: WorkerMemory };

/** What the worker says. */
export type ToPage =
  | { type: 'answer'; id: number; answer: Answer }
  | { type: 'error'; id: number; error: PlainError }
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'warning'; id: number; warning: Warning }
  | ({ type: 'backend' } & BackendChoice)
  | ({ type: 'generator' } & BestChoice);
