import type { PhotoProgress, PhotoStage } from 'cra-inpaint/browser';
import { element } from './dom';
import type { Status } from './status';

/** What each stage does, and its share of the bar. Filling is the bulk with any method; the others are for something to move. */
const STAGES: Record<PhotoStage, { words: string; share: number }> = {
  decode: { words: 'Opening the photo', share: 0 },
  weights: { words: 'Loading the network', share: 0.1 },
  plan: { words: 'Looking at the hole', share: 0.02 },
  'low-resolution': { words: 'Looking at its surroundings', share: 0.03 },
  fill: { words: 'Filling in', share: 0.7 },
  detail: { words: 'Bringing back detail', share: 0.1 },
  composite: { words: 'Blending in', share: 0.05 },
  encode: { words: 'Writing the file', share: 0 },
};

/** The bar of a run: it never goes back, and each stage is read out once. */
export class ProgressBar {
  private readonly bar = element('progress', HTMLProgressElement);
  private readonly label = element('progress-stage', HTMLElement);
  private readonly percent = element('progress-percent', HTMLElement);
  private done = new Map<PhotoStage, number>();
  private said = new Set<PhotoStage>();

  constructor(private readonly status: Status) {}

  begin(): void {
    this.done = new Map();
    this.said = new Set();
    this.label.textContent = 'Getting ready';
    this.bar.removeAttribute('value');
    this.percent.textContent = '';
    this.status.say('Filling has begun.');
  }

  report({ stage, done, total }: PhotoProgress): void {
    // Weights that are at hand take no share, and those that have come make up for it.
    if (stage === 'plan') this.done.set('weights', 1);
    this.done.set(stage, Math.max(this.done.get(stage) ?? 0, total > 0 ? done / total : 0));
    let whole = 0;
    for (const [each, part] of this.done) whole += STAGES[each].share * part;
    const shown = Math.max(this.bar.hasAttribute('value') ? this.bar.value : 0, Math.min(whole, 1));
    this.bar.value = shown;
    this.percent.textContent = `${Math.round(shown * 100)} %`;
    const { words } = STAGES[stage];
    this.label.textContent = words;
    if (this.said.has(stage)) return;
    this.said.add(stage);
    this.status.say(words);
  }
}
