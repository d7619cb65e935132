import { type ErrorCode, InpaintError, MaskError } from 'cra-inpaint';

/** What happened, and what to do about it. */
export interface PlainWords {
  title: string;
  advice: string;
}

/** Said before a run that would have nothing to do. */
export const EMPTY: PlainWords = { title: 'Nothing is painted over yet.', advice: 'Paint over something first: what is to go, and its shadow.' };
/** Said instead where only what is not to be copied is marked. */
export const NOTHING_TO_GO: PlainWords = {
  title: 'Only what is not to be copied is marked.',
  advice: 'Switch "Don\'t copy" off, and paint over what is to go.',
};
/** Said before a run that would have nothing to go by. */
export const FULL: PlainWords = { title: 'The whole picture is painted over.', advice: 'Nothing is left to fill it from. Erase a part, or undo.' };

const WORDS: Partial<Record<ErrorCode, PlainWords>> = {
  format: {
    title: 'This file is no picture that can be read here.',
    advice: 'Try a JPEG, PNG, WebP or AVIF file. Photos from an iPhone (HEIC) have to be exported as JPEG first.',
  },
  damaged: { title: 'This picture file is damaged or cut short.', advice: 'Copy or download it again, or open it in another program and save it anew.' },
  'pixel-limit': {
    title: 'This picture is too large for this browser.',
    advice: 'Make it smaller first, or use the command line of cra-inpaint, which has no such limit.',
  },
  'file-read': { title: 'The file could not be read.', advice: 'It may have been moved, renamed or changed since it was picked. Pick it again.' },
  'mask-full': FULL,
  'no-sources': {
    title: 'Nothing is left to copy from.',
    advice: 'Too much is marked as not to be copied. Switch "Don\'t copy" on and erase some of it, or undo.',
  },
  'mask-size': {
    title: 'The mask does not fit the photo.',
    advice: 'Load a mask of the same proportions: of the same size, or smaller or larger by the same factor.',
  },
  'mask-shapes': { title: 'This drawing can not be a mask.', advice: 'Save it as a PNG, white where something is to go, on black, and load that.' },
  'weights-format': { title: 'These are no weights in a format that can be read.', advice: 'Choose a safetensors, ONNX or frozen TensorFlow (.pb) file.' },
  'weights-damaged': { title: 'The weights file is damaged or cut short.', advice: 'Download it again and choose it anew.' },
  'weights-mismatch': { title: 'These weights are of another network.', advice: 'Choose the method that they belong to, or another file.' },
  'weights-missing': {
    title: 'This method needs a file first.',
    advice: 'Choose or download it under Settings, or choose the method "From the photo itself", which needs none.',
  },
  'weights-fetch': { title: 'The download did not come through.', advice: 'Look at the connection and try again. What was there before is still in use.' },
  backend: { title: 'The chosen way to compute does not work here.', advice: 'Choose "Automatic" under Settings, Compute on.' },
  'out-of-memory': {
    title: 'The memory ran out.',
    advice: 'Close other pages, or choose "WebAssembly" under Settings, Compute on. A smaller photo needs less, too.',
  },
  'session-lost': { title: 'The worker has stopped.', advice: 'The memory may have run out. What you did is still here: press Fill again.' },
  'device-lost': { title: 'The GPU went away while working.', advice: 'Press Fill again, or choose "WebAssembly" under Settings, Compute on.' },
  argument: { title: 'A setting is out of range.', advice: 'Look at the numbers under Settings, Advanced.' },
};

/** An error as one would tell it to somebody, with what to do next. The library's own message goes to the console. */
export function plainWords(error: unknown): PlainWords {
  console.error(error);
  const words = error instanceof InpaintError ? WORDS[error.code] : undefined;
  if (words && error instanceof MaskError && isSize(error.expected) && isSize(error.actual)) {
    const [photo, mask] = [error.expected, error.actual];
    return { ...words, advice: `It is ${mask.width} × ${mask.height}, the photo ${photo.width} × ${photo.height} pixels. ${words.advice}` };
  }
  if (words) return words;
  const message = error instanceof Error ? error.message : String(error);
  return { title: 'That did not work.', advice: `Your picture and what you painted are still here. Try again. (${message})` };
}

const isSize = (value: unknown): value is { width: number; height: number } =>
  typeof value === 'object' && value !== null && 'width' in value && 'height' in value;
