import type { Warning } from 'cra-inpaint';
import type { Point } from './box';
import { BrushSize } from './brush-size';
import { Compare } from './compare';
import { type Mode, showMode } from './dock';
import { button, element } from './dom';
import { Engine } from './engine';
import { listenToFiles, save } from './files';
import { Guides } from './guides';
import { setUpHelp } from './help';
import { listenToKeys } from './key-pointer';
import { keepForOffline } from './offline';
import { encodeResult } from './photo';
import { type PlainWords, plainWords } from './plain-words';
import { listenToPointers, type PointerUser } from './pointer';
import { ProgressBar } from './progress';
import { readSample } from './sample';
import { Session } from './session';
import { nameOf, SettingsPanel } from './settings';
import { listenToShortcuts } from './shortcuts';
import { Stage } from './stage';
import { Status } from './status';
import { setUpTheme } from './theme';
import { type ToolName, Tools } from './tools';

const EMPTY: PlainWords = { title: 'Nothing is painted over yet.', advice: 'Paint over something first: what is to go, and its shadow.' };
const FULL: PlainWords = { title: 'The whole picture is painted over.', advice: 'Nothing is left to fill it from. Erase a part, or undo.' };

setUpTheme();
const openHelp = setUpHelp();
const status = new Status();
const stage = new Stage();
const tools = new Tools();
const guides = new Guides(stage, tools);
const compare = new Compare(stage);
const progress = new ProgressBar(status);
const brush = new BrushSize((pixels) => {
  tools.size = pixels;
  guides.update();
});
const session = new Session({ stage, tools, compare, brush, onChange: showState });
const settings = new SettingsPanel(() => mode !== 'running' && engine.prepare(settings.values));
let mode: Mode = 'loading';
let run: AbortController | undefined;
/** What to add to the news of a result, where a backend failed on the way. */
let fellBack = '';
const engine = new Engine(({ backend, reason, failed }) => {
  settings.showBackend(backend, reason);
  if (!run || !failed) return;
  const what = failed === 'webgpu' ? 'The GPU was lost' : `${nameOf(failed)} failed`;
  fellBack = ` ${what}; finished on ${nameOf(backend)}.`;
  status.tell(`${what}; going on with ${nameOf(backend)}.`);
});

function setMode(next: Mode, focus?: HTMLElement): void {
  mode = next;
  showMode(next, focus);
  status.silence();
  guides.showCross(undefined);
  guides.showRing(undefined);
}

/** Brings what the page says of photo and mask up to date. */
function showState(): void {
  const { photo, mask, history } = session;
  button('undo').disabled = !history.canUndo;
  button('redo').disabled = !history.canRedo;
  if (!photo) return;
  element('photo-name', HTMLElement).textContent = photo.name;
  element('photo-facts', HTMLElement).textContent = `${photo.width} × ${photo.height}, ${photo.format.toUpperCase()}`;
  document.body.classList.toggle('ready', mask.holePixels > 0);
}

/** Runs something that may fail, and says so in plain words. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    status.fail(plainWords(error));
  }
}

const leaveSample = () => document.body.classList.remove('sample');

const openFile = (file: File) =>
  attempt(async () => {
    if (mode === 'running') return status.tell('Cancel the run first.');
    status.clearError();
    status.tell('Opening …');
    await session.open(file, file.name || 'pasted.png');
    leaveSample();
    setMode('paint');
    status.tell(`${session.photo!.name} opened, ${session.photo!.width} by ${session.photo!.height} pixels.`);
  });

const openMask = (file: File) =>
  attempt(async () => {
    if (mode !== 'paint') return;
    status.clearError();
    await session.loadMask(file);
    status.tell('Mask loaded.');
  });

async function fill(): Promise<void> {
  const { photo, mask } = session;
  if (!photo || (mode !== 'paint' && mode !== 'result')) return;
  tools.cancel();
  status.clearError();
  if (mask.holePixels === 0) return status.fail(EMPTY);
  if (mask.holePixels === photo.width * photo.height) return status.fail(FULL);
  run = new AbortController();
  fellBack = '';
  document.body.classList.remove('first');
  session.showMask();
  setMode('running', button('cancel'));
  progress.begin();
  const onWarning = ({ message }: Warning) => console.warn(message);
  try {
    const picture = await engine.fill({
      photo: photo.source,
      mask: mask.toPicture(),
      settings: settings.values,
      signal: run.signal,
      onProgress: (report) => progress.report(report),
      onWarning,
    });
    await session.takeResult(picture);
    setMode('result', button('download'));
    status.tell(`Done.${fellBack} Drag the divider to compare.`);
  } catch (error) {
    // The result of an earlier run is still there.
    session.showResult();
    if (session.result) setMode('result', button('again'));
    else setMode('paint', button('fill'));
    if (run.signal.aborted) status.tell('Cancelled. What you painted is still here.');
    else status.fail(plainWords(error));
  } finally {
    run = undefined;
  }
}

const fillAgain = () => {
  settings.seed = settings.values.seed + 1;
  return fill();
};

const backToPainting = () => {
  if (mode !== 'result') return;
  session.backToPainting();
  setMode('paint', stage.element);
};

const goOn = () => {
  if (mode !== 'result') return;
  session.continueFromResult();
  leaveSample();
  setMode('paint', stage.element);
  status.tell('The result is now your photo. Paint over the next thing.');
};

const download = () =>
  attempt(async () => {
    const { photo, result } = session;
    if (mode !== 'result' || !photo || !result) return;
    const { blob, format } = await encodeResult(result.picture, photo.format);
    save(blob, `${photo.name.replace(/\.[^.]+$/, '')}-filled.${format === 'jpeg' ? 'jpg' : format}`);
    const instead = format === photo.format ? '' : ` This browser can't write ${photo.format.toUpperCase()}, so it is a PNG.`;
    status.tell(`Saved in full size, ${photo.width} by ${photo.height} pixels.${instead}`);
  });

const painting = (act: () => void) => () => {
  if (mode === 'paint') act();
};
const undo = painting(() => session.history.undo());
const redo = painting(() => session.history.redo());
const clear = painting(() => session.history.step(() => session.mask.clear()));
const invert = painting(() => session.history.step(() => session.mask.invert()));
const useTool = (name: ToolName) => {
  tools.cancel();
  tools.name = name;
  element(`tool-${name}`, HTMLInputElement).checked = true;
  document.body.dataset.tool = name;
  guides.update();
};
const cancel = () => run?.abort();

tools.onOutline = (outline) => guides.showOutline(outline);
stage.onMove = () => {
  guides.update();
  compare.place();
};

const toPicture = (at: Point) => stage.view.toPicture(at);
const painter: PointerUser = {
  press: (at) => {
    leaveFirst();
    tools.press(toPicture(at));
  },
  move: (places) => tools.move(places.map(toPicture)),
  release: () => tools.release(),
  cancel: () => tools.cancel(),
  hover: (at, type) => guides.showRing(type === 'touch' && !tools.drawing ? undefined : at),
};
const slider: PointerUser = {
  press: ({ x }) => compare.moveTo(x),
  move: (places) => compare.moveTo(places.at(-1)!.x),
  release: () => undefined,
  cancel: () => undefined,
  hover: () => undefined,
};
const nobody: PointerUser = { ...slider, press: () => undefined, move: () => undefined };
listenToPointers(stage, () => (mode === 'paint' ? painter : mode === 'result' ? slider : nobody));
listenToKeys(stage, tools, {
  size: () => (mode === 'paint' ? session.photo : undefined),
  say: (message) => status.say(message),
  mark: (at) => guides.showCross(at),
});
listenToFiles({ photo: openFile, mask: openMask });

const leaveFirst = () => document.body.classList.remove('first');
const presses: Record<string, () => unknown> = {
  undo,
  redo,
  clear,
  invert,
  fill,
  cancel,
  download,
  edit: backToPainting,
  again: fillAgain,
  continue: goOn,
  'zoom-in': () => stage.view.zoom(1.4),
  'zoom-out': () => stage.view.zoom(1 / 1.4),
  'zoom-fit': () => stage.view.fit(),
};
for (const [id, press] of Object.entries(presses)) button(id).addEventListener('click', () => void press());
for (const name of ['brush', 'eraser', 'lasso', 'rectangle'] as const)
  element(`tool-${name}`, HTMLInputElement).addEventListener('change', () => useTool(name));

listenToShortcuts({
  b: () => useTool('brush'),
  e: () => useTool('eraser'),
  l: () => useTool('lasso'),
  r: () => useTool('rectangle'),
  '[': () => brush.change(-1),
  ']': () => brush.change(1),
  '+': presses['zoom-in'] as () => void,
  '=': presses['zoom-in'] as () => void,
  '-': presses['zoom-out'] as () => void,
  '0': () => stage.view.fit(),
  i: invert,
  o: () => button('open').click(),
  s: () => button('settings-open').click(),
  d: () => void download(),
  c: () => mode === 'result' && compare.focus(),
  Delete: clear,
  '?': openHelp,
  'Mod+z': undo,
  'Mod+Shift+z': redo,
  'Mod+y': redo,
  'Mod+Enter': () => void (mode === 'result' ? fillAgain() : fill()),
  Escape: () => (mode === 'running' ? cancel() : status.clearError()),
});

await attempt(async () => {
  const { photo, mask } = await readSample();
  // Somebody may have been quicker with a picture of their own.
  if (session.photo) return;
  await session.open(photo, photo.name);
  const sample = session.photo;
  await session.loadMask(mask, false);
  if (session.photo !== sample) return;
  document.body.classList.add('sample', 'first');
  setMode('paint');
  showState();
});
engine.prepare(settings.values);
keepForOffline();
