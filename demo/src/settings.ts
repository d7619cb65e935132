import { InpaintError } from 'cra-inpaint';
import type { GeneratorChoice, Inpainter } from 'cra-inpaint/browser';
import { catalogueFile } from '../../src/io/weights/catalogue';
import { button, element, input } from './dom';
import { pick } from './files';
import { keepFile, keptFile, rememberedMethod, rememberMethod } from './kept-weights';
import { Panel } from './panel';

const METHODS = ['exemplar', 'migan', 'lama', 'hifill', 'deepfill-v2'] as const;
export type Method = (typeof METHODS)[number];
export type BackendName = 'auto' | 'webgpu' | 'wasm' | 'cpu';

/** What the settings say. */
export interface Settings {
  method: Method;
  /** A file of the user's own. */
  weights: File | undefined;
  backend: BackendName;
  grow: number | 'auto';
  feather: number | 'auto';
}

const ABOUT: Record<Method, string> = {
  exemplar: 'Copies from the rest of the photo. Needs nothing else.',
  migan: 'A small, fast network that has learnt from many photos.',
  lama: "A large network that goes on with what repeats; slow. Its file: its authors' checkpoint as safetensors, or the ONNX export.",
  hifill: 'A network with attention, made for large photos. Its file: the frozen graph (.pb) of its authors, or safetensors.',
  'deepfill-v2': 'A network for holes of any shape. Its file: a frozen graph (.pb) or safetensors.',
};
const MIGAN = catalogueFile('migan')!;

/** What the panel asks others for. */
export interface SettingsUser {
  inpainter(): Inpainter;
  /** Told when what the next fill is made by has changed. */
  changed(): void;
  failed(error: unknown): void;
}

/** The settings panel: who fills, and on what. Each method has its own file, which is tried when it is chosen and kept for the next visit. */
export class SettingsPanel {
  private readonly panel = new Panel(element('settings', HTMLElement), button('settings-open'), element('method', HTMLElement), button('settings-close'));
  private readonly method = element('method', HTMLSelectElement);
  private readonly backend = element('backend', HTMLSelectElement);
  private readonly files = new Map<Method, File>();
  /** Whether MI-GAN has been downloaded. */
  private haveMigan = false;
  /** What is being tried or downloaded. */
  private busy: AbortController | undefined;

  constructor(private readonly user: SettingsUser) {
    this.method.addEventListener('change', () => void this.methodChanged());
    this.backend.addEventListener('change', () => this.changed());
    pick(button('weights'), input('weights-file'), (file) => void this.tryFile(this.values.method, file));
    button('migan-download').addEventListener('click', () => (this.busy ? this.busy.abort() : void this.download()));
    const addresses = MIGAN.addresses.map(({ url }) => new URL(url).hostname).join(' or ');
    element('migan-facts', HTMLElement).textContent = `${MIGAN.name}, ${megabytes(MIGAN.bytes)}, ${MIGAN.licence} licence, from ${addresses}.`;
    this.describe();
  }

  /** Takes up what an earlier visit has chosen, with the files that it has kept. */
  async restore(): Promise<void> {
    for (const method of METHODS) {
      const file = method === 'exemplar' ? undefined : await keptFile(method);
      if (file) this.files.set(method, file);
    }
    const remembered = METHODS.find((method) => method === rememberedMethod());
    if (remembered === 'migan' && !this.files.has('migan')) await this.lookForMigan();
    // One whose file has gone would fail at the first fill.
    if (remembered && (remembered === 'exemplar' || this.files.has(remembered) || (remembered === 'migan' && this.haveMigan))) this.method.value = remembered;
    this.describe();
  }

  get values(): Settings {
    const method = this.method.value as Method;
    const width = (id: string) => (input(id).value === '' ? 'auto' : Math.max(0, input(id).valueAsNumber || 0));
    return { method, weights: this.files.get(method), backend: this.backend.value as BackendName, grow: width('grow'), feather: width('feather') };
  }

  /** Says which backend is in use, and why. */
  showBackend(backend: string, reason: string): void {
    element('backend-used', HTMLElement).textContent = `In use: ${nameOf(backend)}.`;
    element('backend-reason', HTMLElement).textContent = reason;
  }

  toggle(open: boolean): void {
    this.panel.toggle(open);
  }

  /** Whether the weights that are named are here: they are read, and stay ready. */
  private async lookForMigan(signal?: AbortSignal): Promise<void> {
    try {
      await this.user.inpainter().ready({ generator: { name: 'migan' }, signal });
      this.haveMigan = true;
    } catch (error) {
      if (!(error instanceof InpaintError)) throw error;
    }
  }

  /** The second of two clicks: the first has opened the panel, which says what would be downloaded, and from where. */
  private async download(): Promise<void> {
    await this.work('Downloading', async (signal, tell) => {
      await this.user.inpainter().ready({
        generator: { name: 'migan', download: true },
        signal,
        onProgress: ({ stage, done, total }) => stage === 'weights' && total > 1 && tell(`Downloading: ${Math.round((100 * done) / total)} %`),
      });
      this.haveMigan = true;
      this.files.delete('migan');
      this.method.value = 'migan';
      this.changed();
    });
  }

  /** A file is tried when it is chosen, not at the first fill. */
  private async tryFile(method: Method, file: File): Promise<void> {
    await this.work('Looking at the file', async (signal) => {
      await this.user.inpainter().ready({ generator: generatorOf({ method, weights: file }), signal });
      this.files.set(method, file);
      this.changed();
      await keepFile(method, file);
    });
  }

  private async work(what: string, act: (signal: AbortSignal, tell: (words: string) => void) => Promise<void>): Promise<void> {
    this.busy?.abort();
    const busy = new AbortController();
    this.busy = busy;
    const tell = (words: string) => {
      element('weights-state', HTMLElement).textContent = words;
    };
    tell(`${what} …`);
    this.describe();
    try {
      await act(busy.signal, tell);
    } catch (error) {
      if (!busy.signal.aborted) this.user.failed(error);
    } finally {
      if (this.busy === busy) {
        this.busy = undefined;
        tell('');
        this.describe();
      }
    }
  }

  /** MI-GAN's weights may have been downloaded on an earlier visit that ended with another method: nobody is to download them twice. */
  private async methodChanged(): Promise<void> {
    this.changed();
    const { method, weights } = this.values;
    if (method === 'migan' && !weights && !this.haveMigan) await this.work('Looking for its weights', (signal) => this.lookForMigan(signal));
  }

  private changed(): void {
    rememberMethod(this.values.method);
    this.describe();
    this.user.changed();
  }

  private describe(): void {
    const { method, weights } = this.values;
    const named = method === 'migan' && this.haveMigan;
    element('method-about', HTMLElement).textContent = ABOUT[method];
    element('weights-row', HTMLElement).hidden = method === 'exemplar';
    element('weights-name', HTMLElement).textContent = weights
      ? `${weights.name} (${megabytes(weights.size)})`
      : named
        ? 'Downloaded, and kept for the next visits'
        : 'No file chosen yet';
    element('migan-offer', HTMLElement).hidden =
      this.haveMigan || (method === 'migan' && weights !== undefined) || (method !== 'exemplar' && method !== 'migan');
    button('migan-download').textContent = this.busy ? 'Stop' : 'Download and use MI-GAN';
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** A backend's name as one would say it. */
export const nameOf = (backend: string): string => ({ webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'JavaScript (CPU)' })[backend] ?? backend;

/** Who fills, by the settings; undefined for the inpainter's own. Without a file the worker looks among what was downloaded before. */
export const generatorOf = ({ method, weights }: Pick<Settings, 'method' | 'weights'>): GeneratorChoice | undefined =>
  method === 'exemplar' ? undefined : { name: method, weights };
