import { type ErrorCode, InpaintError } from 'cra-inpaint';

/** What happened, and what to do about it. */
export interface PlainWords {
  title: string;
  advice: string;
}

/** Said before a run that would have nothing to do. */
export const EMPTY: PlainWords = { title: 'Nothing is painted over yet.', advice: 'Paint over something first: what is to go, and its shadow.' };
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
  'mask-size': { title: 'The mask does not fit the photo.', advice: 'Load a mask of the same proportions.' },
  'weights-format': { title: 'These are no weights in a format that can be read.', advice: 'Choose a safetensors, ONNX or frozen TensorFlow (.pb) file.' },
  'weights-damaged': { title: 'The weights file is damaged or cut short.', advice: 'Download it again and choose it anew.' },
  'weights-mismatch': { title: 'These weights are of another network.', advice: 'Choose the generator that they belong to, or another file.' },
  'weights-missing': {
    title: 'This generator needs weights.',
    advice: 'Choose its weights file under Settings, or the generator "Exemplar", which needs none.',
  },
  'weights-fetch': { title: 'The weights could not be loaded.', advice: 'Choose the file again.' },
  backend: { title: 'The chosen way to compute does not work here.', advice: 'Choose "Automatic" under Settings, Compute on.' },
  'out-of-memory': {
    title: 'The memory ran out.',
    advice: 'Close other pages, or choose "WebAssembly" under Settings, Compute on. A smaller photo needs less, too.',
  },
  'device-lost': { title: 'The GPU went away while working.', advice: 'Press Fill again, or choose "WebAssembly" under Settings, Compute on.' },
  argument: { title: 'A setting is out of range.', advice: 'Look at the numbers under Settings, Advanced.' },
};

/** An error as one would tell it to somebody, with what to do next. The library's own message goes to the console. */
export function plainWords(error: unknown): PlainWords {
  console.error(error);
  const words = error instanceof InpaintError ? WORDS[error.code] : undefined;
  if (words) return words;
  const message = error instanceof Error ? error.message : String(error);
  return { title: 'That did not work.', advice: `Your picture and what you painted are still here. Try again. (${message})` };
}
