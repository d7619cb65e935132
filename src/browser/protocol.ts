import type { Estimate } from '../cra/estimate';
import type { SessionPatch } from '../cra/session';
import type { BestChoice } from '../generators/best';
import type { BrowserPictureSource } from '../io/browser';
import type { Picture, PictureFormat } from '../picture';
import type { Box } from '../pixels/box';
import type { PlainError } from '../plain-error';
import type { MaskShapes, RunMask } from '../shapes';
import type { Warning } from '../warning';
import type { BackendChoice } from './backends';
import type { FillSettings, GeneratorChoice, ResultKind, WorkerMemory } from './options';
import type { BrowserStep, PhotoFacts, PhotoProgress } from './session-options';

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

/** What a hole is filled by, as it is sent. */
export interface SentFill {
  mask: SentMask;
  sketch?: BrowserPictureSource;
  /** What may be copied from, and what not. */
  sources?: SentMask;
  avoid?: SentMask;
  pixelLimit?: number;
  settings: FillSettings;
  /** Another than the inpainter's own. */
  generator?: NamedChoice;
  /** Whether somebody listens to the progress. */
  progress: boolean;
  /** Whether somebody looks at previews. */
  preview: boolean;
}

/** A generator, and a number by which the worker finds what it has made of it. */
export interface NamedChoice {
  key: number;
  choice: GeneratorChoice;
}

/** A photo to open. */
export interface OpenJob {
  photo: BrowserPictureSource;
  pixelLimit?: number;
  history?: number;
  progress: boolean;
}

/** What is asked of an open photo. */
export type SessionTask =
  | ({ do: 'fill' | 'estimate' } & SentFill)
  | { do: 'undo' | 'redo' | 'close' }
  | { do: 'lay'; patches: readonly SessionPatch[] }
  | { do: 'picture' | 'image'; original: boolean; box?: Box }
  | { do: 'blob'; format?: PictureFormat; quality?: number; location?: boolean; progress: boolean };

/** A picture to fill, as it is sent. */
export interface Job extends SentFill {
  photo: BrowserPictureSource;
  output: ResultKind;
  format?: PictureFormat;
  quality?: number;
}

/** What the page says. */
export type ToWorker =
  | { type: 'start'; generator: GeneratorChoice; order?: string[]; workers?: number }
  | { type: 'inpaint'; id: number; job: Job }
  | { type: 'open'; id: number; job: OpenJob }
  /** A session's name is the id of the question that it was opened by. */
  | { type: 'session'; id: number; session: number; task: SessionTask }
  | { type: 'ready'; id: number; generator?: NamedChoice; progress: boolean }
  | { type: 'memory'; id: number }
  | { type: 'abort'; id: number }
  /** The page ends the worker shortly. */
  | { type: 'end' };

/** What comes back of a picture or a question. */
export type Answer =
  | { picture: Picture }
  | { image: PlainImageData }
  | { bitmap: ImageBitmap }
  | { blob: Blob }
  | { memory: WorkerMemory }
  | { ready: BackendChoice }
  | { opened: PhotoFacts }
  | { step: SentStep }
  | { estimate: Estimate }
  | { closed: true };

/** A step of an open photo, as it is sent. */
export interface SentStep extends Omit<BrowserStep, 'patches'> {
  patches: { top: number; left: number; image: PlainImageData }[];
}

/** A preview, as it is sent. */
export interface SentPreview {
  box: Box;
  image: PlainImageData;
}

/** What the worker says. */
export type ToPage =
  | { type: 'answer'; id: number; answer: Answer }
  | { type: 'error'; id: number; error: PlainError }
  | { type: 'progress'; id: number; progress: PhotoProgress }
  | { type: 'preview'; id: number; preview: SentPreview }
  | { type: 'warning'; id: number; warning: Warning }
  | ({ type: 'backend' } & BackendChoice)
  | ({ type: 'generator' } & BestChoice);
