import type { Warning } from 'cra-inpaint';
import { BrushSize } from './brush-size';
import { Compare } from './compare';
import { type Mode, showMode } from './dock';
import { button, element } from './dom';
import { Engine } from './engine';
import { save } from './files';
import { Guides } from './guides';
import { encodeResult } from './photo';
import { EMPTY, FULL, plainWords } from './plain-words';
import { ProgressBar } from './progress';
import { readSample, SAMPLE_SEED } from './sample';
import { Session } from './session';
import { nameOf, SettingsPanel } from './settings';
import { Stage } from './stage';
import { Status } from './status';
import { type ToolName, Tools } from './tools';

/** What the page can do, whichever button, key or pointer asks for it. Each does nothing where it has no place. */
export class App {
  readonly stage = new Stage();
  readonly tools = new Tools();
  readonly compare = new Compare(this.stage);
  readonly guides = new Guides(this.stage, this.tools);
  readonly status = new Status();
  readonly brush = new BrushSize((pixels) => {
    this.tools.size = pixels;
    this.guides.update();
  });
  readonly session = new Session({ stage: this.stage, tools: this.tools, compare: this.compare, brush: this.brush, onChange: () => this.showState() });
  mode: Mode = 'loading';
  private readonly progress = new ProgressBar(this.status);
  private readonly settings = new SettingsPanel(() => this.mode !== 'running' && this.engine.prepare(this.settings.values));
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
      if (this.session.photo) return;
      await this.session.open(photo, photo.name);
      const sample = this.session.photo;
      await this.session.loadMask(mask, false);
      if (this.session.photo !== sample) return;
      this.settings.seed = SAMPLE_SEED;
      document.body.classList.add('sample', 'first');
      this.setMode('paint');
      this.showState();
    });
    this.engine.prepare(this.settings.values);
  }

  openPhoto(file: File): Promise<void> {
    return this.attempt(async () => {
      if (this.mode === 'running') return this.status.tell('Cancel the run first.');
      this.status.clearError();
      this.status.tell('Opening …');
      await this.session.open(file, file.name || 'pasted.png');
      this.leaveSample();
      this.setMode('paint');
      const { name, width, height } = this.session.photo!;
      this.status.tell(`${name} opened, ${width} by ${height} pixels.`);
    });
  }

  openMask(file: File): Promise<void> {
    return this.attempt(async () => {
      if (this.mode !== 'paint') return;
      this.status.clearError();
      await this.session.loadMask(file);
      this.status.tell('Mask loaded.');
    });
  }

  async fill(): Promise<void> {
    const { session, status } = this;
    const { photo, mask } = session;
    if (!photo || (this.mode !== 'paint' && this.mode !== 'result')) return;
    this.tools.cancel();
    status.clearError();
    if (mask.holePixels === 0) return status.fail(EMPTY);
    if (mask.holePixels === photo.width * photo.height) return status.fail(FULL);
    const run = new AbortController();
    this.run = run;
    this.fellBack = '';
    this.leaveHint();
    session.showMask();
    this.setMode('running', button('cancel'));
    this.progress.begin();
    try {
      const picture = await this.engine.fill({
        photo: photo.source,
        mask: mask.toPicture(),
        settings: this.settings.values,
        signal: run.signal,
        onProgress: (report) => this.progress.report(report),
        onWarning: ({ message }: Warning) => console.warn(message),
      });
      await session.takeResult(picture);
      this.setMode('result', button('download'));
      status.tell(`Done.${this.fellBack} Drag the divider to compare.`);
    } catch (error) {
      // The result of an earlier run is still there.
      session.showResult();
      if (session.result) this.setMode('result', button('again'));
      else this.setMode('paint', button('fill'));
      if (run.signal.aborted) status.tell('Cancelled. What you painted is still here.');
      else status.fail(plainWords(error));
    } finally {
      this.run = undefined;
    }
  }

  /** Fills anew, with the next seed. */
  fillAgain(): Promise<void> {
    this.settings.seed = this.settings.values.seed + 1;
    return this.fill();
  }

  cancel(): void {
    this.run?.abort();
  }

  /** From the result back to what is painted. */
  edit(): void {
    if (this.mode !== 'result') return;
    this.session.backToPainting();
    this.setMode('paint', this.stage.element);
  }

  /** Takes the result for the photo. */
  goOn(): void {
    if (this.mode !== 'result') return;
    this.session.continueFromResult();
    this.leaveSample();
    this.setMode('paint', this.stage.element);
    this.status.tell('The result is now your photo. Paint over the next thing.');
  }

  download(): Promise<void> {
    return this.attempt(async () => {
      const { photo, result } = this.session;
      if (this.mode !== 'result' || !photo || !result) return;
      const { blob, format } = await encodeResult(result.picture, photo.format);
      save(blob, `${photo.name.replace(/\.[^.]+$/, '')}-filled.${format === 'jpeg' ? 'jpg' : format}`);
      const instead = format === photo.format ? '' : ` This browser can't write ${photo.format.toUpperCase()}, so it is a PNG.`;
      this.status.tell(`Saved in full size, ${photo.width} by ${photo.height} pixels.${instead}`);
    });
  }

  /** Changes the mask, while it is painted on. */
  change(act: (session: Session) => void): void {
    if (this.mode === 'paint') act(this.session);
  }

  useTool(name: ToolName): void {
    this.tools.cancel();
    this.tools.name = name;
    element(`tool-${name}`, HTMLInputElement).checked = true;
    document.body.dataset.tool = name;
    this.guides.update();
  }

  leaveHint(): void {
    document.body.classList.remove('first');
  }

  private leaveSample(): void {
    // The sample's seed is the sample's own.
    if (document.body.classList.contains('sample')) this.settings.seed = 0;
    document.body.classList.remove('sample', 'first');
  }

  private setMode(mode: Mode, focus?: HTMLElement): void {
    this.mode = mode;
    showMode(mode, focus);
    this.status.silence();
    this.guides.showCross(undefined);
    this.guides.showRing(undefined);
  }

  /** Brings what the page says of photo and mask up to date. */
  private showState(): void {
    const { photo, mask, history } = this.session;
    button('undo').disabled = !history.canUndo;
    button('redo').disabled = !history.canRedo;
    if (!photo) return;
    element('photo-name', HTMLElement).textContent = photo.name;
    element('photo-facts', HTMLElement).textContent = `${photo.width} × ${photo.height}, ${photo.format.toUpperCase()}`;
    document.body.classList.toggle('ready', mask.holePixels > 0);
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
