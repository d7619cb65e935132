import { App } from './app';
import type { Point } from './box';
import { button, element } from './dom';
import { listenToFiles } from './files';
import { setUpHelp } from './help';
import { listenToKeys } from './key-pointer';
import { keepForOffline } from './offline';
import { listenToPointers, type PointerUser } from './pointer';
import { listenToShortcuts } from './shortcuts';
import { setUpTheme } from './theme';

// Ties buttons, keys, pointers and files to what the page can do.
setUpTheme();
const openHelp = setUpHelp();
const app = new App();
const { stage, tools, compare, guides, brush } = app;

tools.onOutline = (outline) => guides.showOutline(outline);
stage.onMove = () => {
  guides.update();
  compare.place();
};

const actions = {
  avoid: () => app.switchMask(),
  undo: () => app.undo(),
  redo: () => app.redo(),
  clear: () => app.change((mask) => mask.clear()),
  invert: () => app.change((mask) => mask.invert()),
  fill: () => void app.fill(),
  again: () => void app.tryAgain(),
  cancel: () => app.cancel(),
  download: () => void app.download(),
  'zoom-in': () => stage.view.zoom(1.4),
  'zoom-out': () => stage.view.zoom(1 / 1.4),
  'zoom-fit': () => stage.view.fit(),
};
for (const [id, act] of Object.entries(actions)) button(id).addEventListener('click', act);
for (const name of ['brush', 'eraser', 'lasso', 'rectangle'] as const) {
  element(`tool-${name}`, HTMLInputElement).addEventListener('change', () => app.useTool(name));
}

listenToShortcuts({
  b: () => app.useTool('brush'),
  e: () => app.useTool('eraser'),
  l: () => app.useTool('lasso'),
  r: () => app.useTool('rectangle'),
  n: actions.avoid,
  '[': () => brush.change(-1),
  ']': () => brush.change(1),
  '+': actions['zoom-in'],
  '=': actions['zoom-in'],
  '-': actions['zoom-out'],
  '0': actions['zoom-fit'],
  i: actions.invert,
  o: () => button('open').click(),
  s: () => button('settings-open').click(),
  d: () => app.save.toggle(),
  c: () => compare.hold(),
  Delete: actions.clear,
  '?': openHelp,
  'Mod+z': actions.undo,
  'Mod+Shift+z': actions.redo,
  'Mod+y': actions.redo,
  'Mod+Enter': () => (button('fill').hidden ? actions.again() : actions.fill()),
  Escape: () => (app.mode === 'running' ? app.cancel() : app.status.clearError()),
});
// Held for as long as the key is.
addEventListener('keyup', ({ key }) => key.toLowerCase() === 'c' && compare.release());
addEventListener('blur', () => compare.release());

const toPicture = (at: Point) => stage.view.toPicture(at);
const painter: PointerUser = {
  press: (at) => {
    app.leaveHint();
    tools.press(toPicture(at));
  },
  move: (places) => tools.move(places.map(toPicture)),
  release: () => tools.release(),
  cancel: () => tools.cancel(),
  hover: (at, type) => guides.showRing(type === 'touch' && !tools.drawing ? undefined : at),
};
const nobody: PointerUser = {
  press: () => undefined,
  move: () => undefined,
  release: () => undefined,
  cancel: () => undefined,
  hover: () => guides.showRing(undefined),
};
const divider: PointerUser = { ...nobody, press: () => compare.focus(), move: (places) => compare.moveTo(places.at(-1)!.x) };
listenToPointers(stage, (target) => (target.closest('#divider') ? divider : app.mode === 'paint' ? painter : nobody));
listenToKeys(stage, tools, {
  size: () => (app.mode === 'paint' ? app.work.photo : undefined),
  say: (message) => app.status.say(message),
  mark: (at) => guides.showCross(at),
});
listenToFiles({ photo: (file) => void app.openPhoto(file), mask: (file) => void app.openMask(file) });
addEventListener('beforeunload', (event) => app.isUnsaved && event.preventDefault());

await app.begin();
keepForOffline();
