import { eitherSignal, throwIfAborted } from '../abort';
import { checkOptions } from '../check';
import { AbortError, ArgumentError } from '../errors';
import type { BrowserPictureSource } from '../io/browser';
import type { Box } from '../pixels/box';
import type { MaskShapes } from '../shapes';
import { type ChoiceNumbers, imageOf, toAsk } from './ask';
import type { Connection, Letter, Listeners } from './connection';
import type { BrowserPreview } from './options';
import type { Answer, SentPreview, SentStep, SessionTask } from './protocol';
import { type BrowserSession, type BrowserStep, KNOWN, type PhotoFacts, type SessionFillOptions } from './session-options';

type Said<K extends string> = Extract<Answer, Record<K, unknown>>;

/** The page's side of a photo that is open in a worker, under the number of the question that opened it. */
export function sessionOf(connection: Connection, session: number, facts: PhotoFacts, choices: ChoiceNumbers, refuseIfDisposed: () => void): BrowserSession {
  let [canUndo, canRedo] = [false, false];
  const end = new AbortController();
  const refuse = () => {
    refuseIfDisposed();
    if (end.signal.aborted) throw new ArgumentError('argument', 'the session is disposed of', { expected: 'a session in use' });
  };
  const ask = async (task: SessionTask | (() => Promise<{ task: SessionTask; transfer: Transferable[] }>), listeners?: Listeners): Promise<Answer> => {
    refuse();
    throwIfAborted(listeners?.signal);
    const write = async (id: number): Promise<Letter> => {
      const { task: own, transfer } = typeof task === 'function' ? await task() : { task, transfer: [] };
      return { message: { type: 'session', id, session, task: own }, transfer };
    };
    const { signal, release } = eitherSignal(listeners?.signal, end.signal);
    return connection.ask(write, { ...listeners, signal }).finally(release);
  };
  const stepped = ({ patches, ...now }: SentStep): BrowserStep => {
    ({ canUndo, canRedo } = now);
    return { ...now, patches: patches.map(({ top, left, image }) => ({ top, left, image: imageOf(image) })) };
  };
  const askToFill = async (what: 'fill' | 'estimate', mask: BrowserPictureSource | MaskShapes, options: SessionFillOptions = {}) => {
    checkOptions(options, KNOWN.fill, what);
    const { sketch, sources, avoid, pixelLimit, generator, signal, onProgress, onPreview, onWarning, ...settings } = options;
    const [progress, preview] = [onProgress !== undefined, onPreview !== undefined];
    const asked = { mask, sketch, sources, avoid, pixelLimit, settings, generator: choices.of(generator, what), progress, preview };
    const task = async () => {
      const { fill, transfer } = await toAsk(asked, []);
      return { task: { do: what, ...fill }, transfer };
    };
    return ask(task, { signal, onProgress, onPreview: onPreview && passPreview(onPreview), onWarning });
  };
  const image = async (box: Box | undefined, original: boolean) => imageOf(((await ask({ do: 'image', original, box })) as Said<'image'>).image);
  return {
    ...facts,
    get canUndo() {
      return canUndo;
    },
    get canRedo() {
      return canRedo;
    },
    async fill(mask, options) {
      return stepped(((await askToFill('fill', mask, options)) as Said<'step'>).step);
    },
    async estimate(mask, options) {
      return ((await askToFill('estimate', mask, options)) as Said<'estimate'>).estimate;
    },
    async undo() {
      return stepped(((await ask({ do: 'undo' })) as Said<'step'>).step);
    },
    async redo() {
      return stepped(((await ask({ do: 'redo' })) as Said<'step'>).step);
    },
    async lay(patches) {
      const sent = patches.map(({ top, left, picture }) => ({ top, left, picture }));
      return stepped(((await ask({ do: 'lay', patches: sent })) as Said<'step'>).step);
    },
    toImageData: (box) => image(box, false),
    original: (box) => image(box, true),
    async toPicture(box) {
      return ((await ask({ do: 'picture', original: false, box })) as Said<'picture'>).picture;
    },
    async toBlob(options = {}) {
      checkOptions(options, KNOWN.toBlob, 'toBlob');
      const { format, quality, location, signal, onProgress, onWarning } = options;
      const answer = await ask({ do: 'blob', format, quality, location, progress: onProgress !== undefined }, { signal, onProgress, onWarning });
      return (answer as Said<'blob'>).blob;
    },
    async dispose() {
      if (end.signal.aborted) return;
      end.abort(new AbortError('aborted', 'the session was disposed of'));
      // A worker that is gone holds nothing.
      if (!connection.isOpen) return;
      const close = (id: number): Letter => ({ message: { type: 'session', id, session, task: { do: 'close' } } });
      await connection.ask(close).catch(() => undefined);
    },
  };
}

/** Hands previews on with an ImageData: it is not sent as one. */
export const passPreview =
  (onPreview: (preview: BrowserPreview) => void) =>
  ({ box, image }: SentPreview): void =>
    onPreview({ box, image: imageOf(image) });
