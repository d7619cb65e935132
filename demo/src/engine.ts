import { type Picture, type Progress, type Warning, WeightsError } from 'cra-inpaint';
import { createInpainter, type Inpainter } from 'cra-inpaint/browser';
import type { Settings } from './settings';

/** What a run is told and tells. */
export interface Run {
  photo: Blob | Picture;
  mask: Picture;
  settings: Settings;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
  onWarning: (warning: Warning) => void;
}

/** Which backend is at work, and which one failed before it, if one did. */
export interface BackendNews {
  backend: string;
  reason: string;
  failed: string | undefined;
}

/** Keeps one inpainter, with its worker and weights, for as long as generator, weights and backend stay the same. */
export class Engine {
  private inpainter: Inpainter | undefined;
  private made: Pick<Settings, 'generator' | 'weights' | 'backend'> | undefined;

  constructor(private readonly onBackend: (news: BackendNews) => void) {}

  fill({ photo, mask, settings, signal, onProgress, onWarning }: Run): Promise<Picture> {
    const { grow, feather, seed } = settings;
    return this.inpainterFor(settings).inpaint(photo, mask, { output: 'picture', grow, feather, seed, signal, onProgress, onWarning });
  }

  /** Starts what the first fill will need, if it is all there. */
  prepare(settings: Settings): void {
    if (settings.generator === 'exemplar' || settings.weights) this.inpainterFor(settings);
  }

  private inpainterFor({ generator, weights, backend }: Settings): Inpainter {
    const { made } = this;
    if (this.inpainter && made && made.generator === generator && made.weights === weights && made.backend === backend) return this.inpainter;
    if (generator !== 'exemplar' && !weights)
      throw new WeightsError('weights-missing', `${generator}: no weights file has been chosen`, { expected: 'a file' });
    void this.inpainter?.dispose();
    this.made = { generator, weights, backend };
    let used: string | undefined;
    this.inpainter = createInpainter({
      generator: generator === 'exemplar' ? 'exemplar' : { name: generator, weights },
      backend,
      onBackend: (choice) => {
        this.onBackend({ ...choice, failed: used });
        used = choice.backend;
      },
    });
    return this.inpainter;
  }
}
