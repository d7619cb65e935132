import { InpaintError, MaskError, maskFrom, type PictureFormat, type SessionPatch, type Warning } from 'cra-inpaint';
import { type BrowserPreview, type BrowserSession, fitMask, type GeneratorChoice, type Inpainter, type PhotoProgress, readMask } from 'cra-inpaint/browser';
import { around, NOWHERE } from './box';
import { thumbnailOf } from './choices';
import { type Encoded, encodedBy } from './encoding';
import type { Fill, Try } from './fills';
import { History } from './history';
import { Mask } from './mask';
import { closePhoto, layerOf, openPhoto, type Photo } from './photo';
import { firstLook, type Layer } from './picture-layers';
import type { Stage } from './stage';

/** How far a mask's proportions may be from the photo's: those of one that was made smaller are rounded. */
const PROPORTIONS = 0.02;
/** The page keeps the steps: what the worker's session can undo has no limit of its own. */
const ALL_STEPS = Number.MAX_SAFE_INTEGER;

/** What a fill is told and tells. */
export interface FillRun {
  generator: GeneratorChoice | undefined;
  grow: number | 'auto';
  feather: number | 'auto';
  signal: AbortSignal;
  onProgress: (progress: PhotoProgress) => void;
  onWarning: (warning: Warning) => void;
}

/** A photo in the worker of an inpainter, and the tries that are in it, in their order. */
interface OpenSession {
  of: Inpainter;
  opened: Promise<BrowserSession>;
  laid: Try[];
}

/** Frees a session, whether it could be opened or not. */
const disposeOf = ({ opened }: OpenSession) => void opened.then((session) => session.dispose()).catch(() => undefined);

/** What the work is shown by. */
export interface WorkParts {
  stage: Stage;
  /** The library's inpainter, which may be another after a while. */
  inpainter: () => Inpainter;
  /** Told when another photo is there. */
  onPhoto: () => void;
  /** Told when the mask, a fill or what can be undone has changed. */
  onChange: () => void;
}

/**
 * One photo being worked on: the photo, what is painted over, and the fills. Undoing and choosing are done here, at once, by the pieces that
 * each fill changed. The photo itself is in the library's worker, whose session is brought to the same state when it is next needed.
 */
export class Work {
  photo: Photo | undefined;
  /** What is to go. */
  mask = new Mask(1, 1);
  /** What is not to be copied. A fill does not take it away: who keeps the sun out of one fill does not want it in the next. */
  avoid = new Mask(1, 1);
  history = new History<Fill>([this.mask, this.avoid]);
  /** The seed of each fill's first try. */
  firstSeed = 0;
  private applied: Fill[] = [];
  private session: OpenSession | undefined;
  private turn = 0;
  private saved: Try[] = [];

  constructor(private readonly parts: WorkParts) {}

  /**
   * Opens a file. Where it can't be read, what was there before stays.
   * @returns whether it is the photo now: another may have been opened meanwhile
   */
  async open(file: Blob, name: string): Promise<boolean> {
    const turn = ++this.turn;
    const inpainter = this.parts.inpainter();
    const session: OpenSession = { of: inpainter, opened: inpainter.open(file, { history: ALL_STEPS }), laid: [] };
    let photo: Photo | undefined;
    try {
      photo = await openPhoto(file, name, session.opened);
      if (turn !== this.turn) return false;
      this.take(photo, session);
      return true;
    } finally {
      if (this.session !== session) {
        if (photo) closePhoto(photo);
        disposeOf(session);
      }
    }
  }

  /** Takes a file over into a mask, brought to the photo's size. It can be undone, unless the photo comes with it. */
  async loadMask(file: Blob, mask: Mask, undoable = true): Promise<void> {
    const { history } = this;
    const picture = await maskOf(file, mask);
    if (undoable) history.step(() => mask.load(picture));
    else mask.load(picture);
    this.parts.onChange();
  }

  /** Fills what is painted over. What was undone, with nothing painted since, is tried once more. */
  async fill(run: FillRun): Promise<void> {
    const { history, mask } = this;
    const before = history.nextFill;
    const tries = before?.tries.length ?? 0;
    // What is thin is healed, in one way only: another try at it is the method's.
    const way = { seed: this.firstSeed + tries, thin: tries > 0 ? 0 : undefined };
    let looked = false;
    const made = await this.filled(run, way).finally(() => {
      looked = this.parts.stage.dropLooks();
    });
    const fill = before ?? { tries: [], chosen: 0 };
    fill.chosen = fill.tries.push(made) - 1;
    if (before) {
      history.redo();
      history.forgetUndone();
    } else history.step(() => mask.clear(), fill);
    this.applied.push(fill);
    // What has been seen coming takes the place of its first look, and need not come in once more.
    this.showLayers(!looked);
  }

  /** Whether there is a fill to compare with the photo. */
  get isFilled(): boolean {
    return this.applied.length > 0;
  }

  /** Whether something would be lost if the page were closed. */
  get isUnsaved(): boolean {
    const { tries, saved } = this;
    return tries.length !== saved.length || tries.some((each, i) => each !== saved[i]) || (this.history.canUndo && this.mask.holePixels > 0);
  }

  undo(): void {
    if (!this.history.undo()) return;
    this.applied.pop();
    this.showLayers();
  }

  redo(): void {
    const fill = this.history.redo();
    if (!fill) return;
    this.applied.push(fill);
    this.showLayers();
  }

  /** Shows another try of the last fill. What came after it was made of the one before. */
  choose(index: number): void {
    const fill = this.history.lastFill;
    if (!fill || fill.chosen === index) return;
    fill.chosen = index;
    this.history.forgetUndone();
    this.showLayers();
  }

  /** The photo as it is now, as a file, with or without where it was taken. */
  async toFile(format: PictureFormat, location: boolean): Promise<Encoded> {
    const { tries } = this;
    const session = await this.synced();
    const file = await encodedBy((as) => this.watched(session.toBlob({ format: as, location })), format);
    this.saved = tries;
    return file;
  }

  private get tries(): Try[] {
    return this.applied.map(({ tries, chosen }) => tries[chosen]);
  }

  private get layers(): Layer[] {
    return this.tries.flatMap(({ layers }) => layers);
  }

  private showLayers(wiped = false): void {
    this.parts.stage.showLayers(this.layers, wiped);
    this.parts.onChange();
  }

  private take(photo: Photo, session: OpenSession): void {
    const { stage, onPhoto, onChange } = this.parts;
    const { photo: old, session: oldSession, applied } = this;
    this.photo = photo;
    this.session = session;
    this.applied = [];
    this.saved = [];
    this.firstSeed = 0;
    this.mask = new Mask(photo.width, photo.height);
    this.avoid = new Mask(photo.width, photo.height);
    this.history = new History<Fill>([this.mask, this.avoid], onChange);
    stage.show({ photo: photo.image, layers: [], mask: this.mask, avoid: this.avoid });
    if (old) closePhoto(old);
    for (const { tries } of applied) for (const { layers } of tries) for (const { image } of layers) image.close();
    if (oldSession) disposeOf(oldSession);
    onPhoto();
    onChange();
  }

  private async filled({ generator, grow, feather, signal, onProgress, onWarning }: FillRun, way: { seed: number; thin?: number }): Promise<Try> {
    const session = await this.synced();
    const avoid = this.avoid.toRuns();
    const onPreview = ({ box, image }: BrowserPreview) => this.parts.stage.showLook(firstLook(box, image));
    const options = { ...way, avoid, generator, grow, feather, signal, onProgress, onPreview, onWarning };
    const { patches } = await this.watched(session.fill(this.mask.toRuns(), options));
    const pieces: SessionPatch[] = [];
    const layers: Layer[] = [];
    let box = NOWHERE;
    try {
      for (const { top, left, image } of patches) {
        const place = { top, left, bottom: top + image.height, right: left + image.width };
        const picture = await session.toPicture(place);
        pieces.push({ top, left, picture });
        layers.push(await layerOf({ top, left, picture }, image));
        box = around(box, place);
      }
    } catch (error) {
      await session.undo();
      throw error;
    }
    const made = { pieces, layers, thumbnail: thumbnailOf(this.photo!.image, [...this.layers, ...layers], box) };
    this.session!.laid.push(made);
    return made;
  }

  /** The worker's session, brought to what is shown. It is opened anew where there is another inpainter, or the worker has crashed. */
  private async synced(): Promise<BrowserSession> {
    const of = this.parts.inpainter();
    if (this.session?.of !== of) this.session = { of, opened: of.open(this.photo!.source, { history: ALL_STEPS }), laid: [] };
    const { opened, laid } = this.session;
    const session = await this.watched(opened);
    const { tries } = this;
    let common = 0;
    while (common < laid.length && laid[common] === tries[common]) common++;
    while (laid.length > common) {
      await this.watched(session.undo());
      laid.pop();
    }
    for (const each of tries.slice(common)) {
      await this.watched(session.lay(each.pieces));
      laid.push(each);
    }
    return session;
  }

  /** What a session fails by that is lost; the next call opens another. */
  private async watched<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof InpaintError && (error.code === 'session-lost' || error.code === 'backend')) this.session = undefined;
      throw error;
    }
  }
}

/** A mask file for a photo: a picture or an SVG, of any size, but of the photo's proportions. */
async function maskOf(file: Blob, { width, height }: { width: number; height: number }) {
  const drawing = await svgOf(file);
  if (drawing !== undefined) return maskFrom({ svg: drawing }, { width, height });
  const picture = await readMask(file);
  if (Math.abs((picture.width * height) / (picture.height * width) - 1) > PROPORTIONS) {
    throw new MaskError('mask-size', 'the mask has other proportions than the photo', { expected: { width, height }, actual: picture });
  }
  return fitMask(picture, width, height);
}

/** A file's text, if it is an SVG. Names and types that browsers give are guesses. */
async function svgOf(file: Blob): Promise<string | undefined> {
  const start = await file.slice(0, 1024).text();
  return /^\s*<(\?xml|!--|!doctype svg|svg)/i.test(start.replace(/^\ufeff/, '')) ? file.text() : undefined;
}
