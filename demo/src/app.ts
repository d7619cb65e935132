import type { Warning } from 'cra-inpaint';
import type { Inpainter } from 'cra-inpaint/browser';
import { BrushSize } from './brush-size';
import { Choices } from './choices';
import { Compare } from './compare';
import { type Mode, showMode } from './dock';
import { button, element } from './dom';
import { Engine } from './engine';
import { save } from './files';
import { Guides } from './guides';
import type { Mask } from './mask';
import { EMPTY, FULL, NOTHING_TO_GO, plainWords } from './plain-words';
import { ProgressBar } from './progress';
import { readSample, SAMPLE_SEED } from './sample';
import { SavePanel } from './save-panel';
import { generatorOf, nameOf, SettingsPanel } from './settings';
import { Stage } from './stage';
import { Status } from './status';
import { type ToolName, Tools } from './tools';
import { Work } from './work';

/** What the page can do, whichever button, key or pointer asks for it. Each does nothing where it has no place. */
export class App {
  readonly stage = new Stage();
  readonly tools = new Tools();
  readonly compare = new Compare(this.stage);
  readonly guides = new Guides(this.stage, this.tools);
  readonly status = new Status();
  readonly save = new SavePanel();
  readonly brush = new BrushSize((pixels) => {
    this.tools.size = pixels;
    this.guides.update();
  });
  readonly work = new Work({
    stage: this.stage,
    inpainter: () => this.inpainter(),
    onPhoto: () => this.showPhoto(),
    onChange: () => this.showState(),
  });
  mode: Mode = 'loading';
  /** What is marked by drawing: what is to go, or what is not to be copied. */
  private marks: 'mask' | 'avoid' = 'mask';
  private readonly progress = new ProgressBar(this.status);
  private readonly choices = new Choices((index) => this.choose(index));
  readonly settings: SettingsPanel = new SettingsPanel({
    inpainter: () => this.inpainter(),
    changed: () => this.mode !== 'running' && this.inpainter(),
    failed: (error) => this.status.fail(plainWords(error)),
  });
  private run: AbortController | undefined;
  /** What to add to the news of a result, where a backend failed on the way. */
  private fellBack = '';
  private readonly engine = new Engine(({ backend, reason, failed }) => {
    this.settings.showBackend(backend, reason);
    if (!this.run || !failed) return;
    const what = failed === 'webgpu' ? 'The GPU was lost' : `${nameOf(failed)} failed`;
    this.fellBack = ` ${what}; finished on ${nameOf(backend)}.`;
    this.status.tell(`${what}; going on with ${nameOf(backend)}.`);
  });

  /** The first visit: a sample with the hole painted already, unless somebody has been quicker with a photo of their own. */
  async begin(): Promise<void> {
    await this.attempt(async () => {
      const { photo, mask } = await readSample();
      if (this.work.photo || !(await this.work.open(photo, photo.name))) return;
      this.work.firstSeed = SAMPLE_SEED;
      await this.work.loadMask(mask, this.work.mask, false);
      document.body.classList.add('sample', 'first');
      this.setMode('paint');
    });
    if (!this.work.photo) element('loading', HTMLElement).textContent = 'Open a photo to begin.';
    await this.settings.restore();
  }

  openPhoto(file: File): Promise<void> {
    return this.attempt(async () => {
      if (this.mode === 'running') return this.status.tell('Cancel the run first.');
      if (this.isUnsaved && !confirm('Open another photo? What you did to this one has not been downloaded.')) return;
      this.status.clearError();
      this.status.tell('Opening …');
      if (!(await this.work.open(file, file.name || 'pasted.png'))) return;
      document.body.classList.remove('sample', 'first');
      this.setMode('paint');
      const { name, width, height } = this.work.photo!;
      this.status.tell(`${name} opened, ${width} by ${height} pixels.`);
    });
  }

  openMask(file: File): Promise<void> {
    return this.attempt(async () => {
      if (this.mode !== 'paint') return;
      this.status.clearError();
      await this.work.loadMask(file, this.mask);
      this.status.tell('Mask loaded.');
    });
  }

  async fill(): Promise<void> {
    const { work, status } = this;
    const { photo, mask, avoid } = work;
    if (!photo || this.mode !== 'paint') return;
    this.tools.cancel();
    status.clearError();
    if (mask.holePixels === 0) return status.fail(avoid.holePixels > 0 ? NOTHING_TO_GO : EMPTY);
    if (mask.holePixels === photo.width * photo.height) return status.fail(FULL);
    const run = new AbortController();
    this.run = run;
    this.fellBack = '';
    this.leaveHint();
    this.setMode('running', button('cancel'));
    this.progress.begin();
    try {
      const { grow, feather, ...settings } = this.settings.values;
      await work.fill({
        generator: generatorOf(settings),
        grow,
        feather,
        signal: run.signal,
        onProgress: (report) => this.progress.report(report),
        onWarning: ({ message }: Warning) => console.warn(message),
      });
      this.mark('mask');
      this.setMode('paint', this.stage.element);
      status.tell(`Done.${this.fellBack} Paint over the next thing, or try again.`);
    } catch (error) {
      this.setMode('paint', button('fill'));
      if (run.signal.aborted) status.tell('Cancelled. What you painted is still here.');
      else status.fail(plainWords(error));
    } finally {
      this.run = undefined;
    }
  }

  /** Another try at the last fill. Those that there are stay. */
  async tryAgain(): Promise<void> {
    const fill = this.work.history.lastFill;
    if (this.mode !== 'paint' || !fill) return;
    this.work.history.raiseLastFill();
    this.work.undo();
    await this.fill();
    if (this.work.history.nextFill === fill) this.work.redo();
  }

  cancel(): void {
    this.run?.abort();
  }

  undo(): void {
    if (this.mode === 'paint') this.work.undo();
  }

  redo(): void {
    if (this.mode === 'paint') this.work.redo();
  }

  /** Changes what is marked, as a step. */
  change(act: (mask: Mask) => void): void {
    if (this.mode === 'paint') this.work.history.step(() => act(this.mask));
  }

  download(): Promise<void> {
    return this.attempt(async () => {
      const { photo } = this.work;
      if (this.mode !== 'paint' || !photo) return;
      const { format: wanted, location } = this.save.choice;
      this.status.tell('Writing the file …');
      const { blob, format } = await this.work.toFile(wanted, location);
      save(blob, `${photo.name.replace(/\.[^.]+$/, '')}-filled.${format === 'jpeg' ? 'jpg' : format}`);
      this.save.toggle(false);
      const instead = format === wanted ? '' : ` This browser can't write ${wanted.toUpperCase()}, so it is a PNG.`;
      this.status.tell(`Saved in full size, ${photo.width} by ${photo.height} pixels.${instead}`);
    });
  }

  useTool(name: ToolName): void {
    this.tools.cancel();
    this.tools.name = name;
    element(`tool-${name}`, HTMLInputElement).checked = true;
    document.body.dataset.tool = name;
    this.guides.update();
  }

  /** Draws into the other mask: that of what is not to be copied, or back into that of what is to go. */
  switchMask(): void {
    if (this.mode !== 'paint') return;
    this.mark(this.marks === 'mask' ? 'avoid' : 'mask');
    this.status.tell(this.marks === 'avoid' ? 'Paint over what is not to be copied, such as a face or the sun.' : 'Paint over what is to go.');
  }

  /** Whether something would be lost if the page were closed. The sample comes again. */
  get isUnsaved(): boolean {
    return this.work.isUnsaved && !document.body.classList.contains('sample');
  }

  leaveHint(): void {
    document.body.classList.remove('first');
  }

  private inpainter(): Inpainter {
    return this.engine.on(this.settings.values.backend);
  }

  /** The mask that is drawn into. */
  private get mask(): Mask {
    return this.work[this.marks];
  }

  private mark(marks: 'mask' | 'avoid'): void {
    this.marks = marks;
    this.tools.use(this.mask, this.work.history);
    button('avoid').setAttribute('aria-pressed', String(marks === 'avoid'));
    document.body.dataset.marks = marks;
  }

  private choose(index: number): void {
    if (this.mode === 'paint') this.work.choose(index);
  }

  private setMode(mode: Mode, focus?: HTMLElement): void {
    this.mode = mode;
    this.showState();
    showMode(mode, focus);
    this.status.silence();
    this.guides.showCross(undefined);
    this.guides.showRing(undefined);
  }

  /** Another photo is there. */
  private showPhoto(): void {
    const photo = this.work.photo!;
    const { name, width, height, format } = photo;
    this.mark('mask');
    this.brush.useFor(width, height);
    this.save.usePhoto(photo);
    element('photo-name', HTMLElement).textContent = name;
    element('photo-facts', HTMLElement).textContent = `${width} × ${height}, ${format.toUpperCase()}`;
  }

  /** Brings what the page says of masks and fills up to date. */
  private showState(): void {
    const { mask, history, isFilled } = this.work;
    const painted = mask.holePixels > 0;
    const filled = !painted && history.lastFill !== undefined;
    button('undo').disabled = !history.canUndo;
    button('redo').disabled = !history.canRedo;
    button('fill').hidden = filled;
    button('again').hidden = !filled;
    this.compare.enabled = isFilled;
    this.save.enabled = this.mode === 'paint';
    this.choices.show(this.mode === 'paint' && filled ? history.lastFill : undefined);
    document.body.classList.toggle('ready', painted);
    document.body.classList.toggle('filled', filled);
  }

  /** Runs something that may fail, and says so in plain words. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.status.fail(plainWords(error));
    }
  }
}
