import { createInpainter, type Inpainter } from 'cra-inpaint/browser';
import type { BackendName } from './settings';

/** Which backend is at work, and which one failed before it, if one did. */
export interface BackendNews {
  backend: string;
  reason: string;
  failed: string | undefined;
}

/** Keeps one inpainter, with its worker, for as long as the backend stays the same. */
export class Engine {
  private inpainter: Inpainter | undefined;
  private backend: BackendName | undefined;

  constructor(private readonly onBackend: (news: BackendNews) => void) {}

  /** The inpainter on a backend. That of another ends, and with it what is open there. */
  on(backend: BackendName): Inpainter {
    if (this.inpainter && this.backend === backend) return this.inpainter;
    void this.inpainter?.dispose();
    this.backend = backend;
    let used: string | undefined;
    this.inpainter = createInpainter({
      backend,
      onBackend: (choice) => {
        this.onBackend({ ...choice, failed: used });
        used = choice.backend;
      },
    });
    return this.inpainter;
  }
}
