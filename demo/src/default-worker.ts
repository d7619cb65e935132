/** Stands in for the library's default worker, which exists only where the package has been built: see vite.config.ts. */
export const defaultWorker = (): Worker => new Worker(new URL('./fill.worker.ts', import.meta.url), { type: 'module', name: 'cra-inpaint' });
