// The file beside the built package's own, from this repository's sources.
export const defaultThread = (): Worker =>
  new Worker(new URL('../../src/browser/standalone/thread.ts', import.meta.url), { type: 'module', name: 'cra-inpaint thread' });
