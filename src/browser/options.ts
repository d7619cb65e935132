import { INPAINT_OPTIONS, type InpaintOptions } from '../cra/options';
import type { BestChoice } from '../generators/best';
import type { GeneratorName } from '../generators/names';
import type { BrowserPictureSource } from '../io/browser';
import type { Picture, PictureFormat } from '../picture';
import type { Box } from '../pixels/box';
import type { MaskShapes } from '../shapes';
import type { BackendChoice } from './backends';

/** Where a worker reads weights from: a file, its bytes, or its address. */
export type BrowserWeightSource = Blob | ArrayBuffer | Uint8Array | URL | string;

/** A generator by its name, and its weights. */
export interface NamedGenerator {
  /** One of this package's, or one that a worker of your own offers. */
  name: GeneratorName | (string & {});
  /**
   * A network's weights, in any format that `readWeights()` knows. They are read once, in the worker. Those of a network whose file is
   * known, such as `migan`, may be left out, and are found as by `weightsOf()` of `cra-inpaint/weights`.
   */
  weights?: BrowserWeightSource;
  /** Whether weights that are left out and were not kept may be downloaded. Default false. */
  download?: boolean;
}

/**
 * Who fills the picture: `exemplar()`, which needs no weights, a generator by its name, or the best network whose weights were kept by an
 * earlier download, else `exemplar()`.
 */
export type GeneratorChoice = 'exemplar' | 'best' | NamedGenerator;

/** What an {@link Inpainter} gives back: a Picture, a file, an ImageData, or an ImageBitmap. */
export type ResultKind = 'picture' | 'blob' | 'image-data' | 'bitmap';

/** The options of `inpaint()` that are sent to the worker as they are. */
export type FillSettings = Pick<InpaintOptions, 'hole' | 'grow' | 'feather' | 'workingSize' | 'thin' | 'detail' | 'memory' | 'seed'>;

/** Options of {@link createInpainter}. */
export interface InpainterOptions {
  /** Who fills the picture. Default `'exemplar'`, which needs no weights. */
  generator?: GeneratorChoice;
  /** What to compute on. Default `'auto'`: see {@link detectBackend}. Where the one asked for is missing or fails, the next is taken. */
  backend?: 'auto' | 'webgpu' | 'wasm' | 'cpu';
  /**
   * A worker that calls `serveInpainter()`, or a function that starts one, so that another can be started where it crashes.
   * Default: the one that comes with this package.
   */
  worker?: Worker | (() => Worker);
  /**
   * How many more workers share the work beside the backend: a whole number >= 1, of which at most 8 are taken, so that
   * `navigator.hardwareConcurrency` will do. Default 1: none is started, and all is done on the inpainter's own. They start when there is
   * something for them to do, and end with the inpainter. The result is the same for any number. Where they can't be started, `onWarning`
   * is told once (`no-threads`), and all is done on the inpainter's own.
   */
  workers?: number;
  /** Told which backend is used, and why: once it has started, and whenever another takes over. */
  onBackend?: (choice: BackendChoice) => void;
  /** Told once which generator was chosen, and why, where `generator` is `'best'`. */
  onGenerator?: (choice: BestChoice) => void;
}

/** A first look at a fill, to be drawn over `box`: see `onPreview` of `inpaint()`. */
export interface BrowserPreview {
  /** Where it lies in the photo, in its pixels. */
  box: Box;
  /** The fill in the hole, small, and transparent around it; in the photo's colour space. */
  image: ImageData;
}

/** Options of `Inpainter.inpaint()`: those of `inpaint()`, and what to give back. */
export interface InpainterCallOptions<K extends ResultKind = ResultKind> extends FillSettings, Pick<InpaintOptions, 'signal' | 'onProgress' | 'onWarning'> {
  /** Who fills this one. Default: the inpainter's own generator. Of others, the one that was asked for last is kept ready. */
  generator?: GeneratorChoice;
  /** Called with a low-resolution look at each window's fill, as soon as there is one. */
  onPreview?: (preview: BrowserPreview) => void;
  /** What to give back. Default `'picture'`. */
  output?: K;
  /** The file's format where a Blob is given back. Default: the photo's own. */
  format?: PictureFormat;
  /** The file's quality where a Blob is given back, as for `encodePicture()`. */
  quality?: number;
  /** The most pixels that a picture may have, as for `readPicture()`. Default 2^28. */
  pixelLimit?: number;
  /** Lines that the fill is to follow, as for `inpaint()`. */
  sketch?: BrowserPictureSource;
  /** What the fill may be copied from, as for `inpaint()`: of any kind that the mask may be of. */
  sources?: BrowserPictureSource | MaskShapes;
  /** What it must not be copied from, likewise. */
  avoid?: BrowserPictureSource | MaskShapes;
}

/** The type that belongs to each word of {@link ResultKind}. */
export interface Results {
  /** The pixels, and what the file carried beside them. */
  picture: Picture;
  /** An encoded file. */
  blob: Blob;
  /** As for a canvas. */
  'image-data': ImageData;
  /** For drawing at once. */
  bitmap: ImageBitmap;
}

/** How much a worker holds. */
export interface WorkerMemory {
  /** Tensors that are alive. */
  tensors: number;
  /** Their bytes. */
  bytes: number;
  /** The backend in use. */
  backend: string;
}

/** All of them, for what is misspelt. */
export const INPAINTER_OPTIONS = {
  generator: true,
  backend: true,
  worker: true,
  workers: true,
  onBackend: true,
  onGenerator: true,
} as const satisfies Record<keyof InpainterOptions, true>;

const { threads: _, ...ofInpaint } = INPAINT_OPTIONS;

/** Those of a fill in a worker: `threads` are the inpainter's. */
export const FILL_OPTIONS = { ...ofInpaint, pixelLimit: true } as const satisfies Record<
  Exclude<keyof InpainterCallOptions, 'output' | 'format' | 'quality'>,
  true
>;

/** Those of `Inpainter.inpaint()`. */
export const CALL_OPTIONS = { ...FILL_OPTIONS, output: true, format: true, quality: true } as const satisfies Record<keyof InpainterCallOptions, true>;
