import type { Point } from './box';
import type { Stage } from './stage';
import type { Tools } from './tools';

/** The arrow keys' step, as a part of the picture's long side. With Shift it is a pixel. */
const STEP = 1 / 40;

/** What the keys need to know of the page. */
export interface KeyPointerContext {
  /** The picture's size while it can be drawn on. */
  size(): { width: number; height: number } | undefined;
  say(message: string): void;
  /** Shows the cross at a place of the picture, or hides it. */
  mark(at: Point | undefined): void;
}

/** Draws without a mouse: while the stage has the focus, arrows move a cross, Enter presses and releases, Escape drops. */
export function listenToKeys(stage: Stage, tools: Tools, { size, say, mark }: KeyPointerContext): void {
  let at: Point | undefined;
  const arrows: Record<string, Point> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } };
  const words = ({ x, y }: Point) => `${Math.round(x)}, ${Math.round(y)}`;

  const step = (direction: Point, { width, height }: { width: number; height: number }, fine: boolean) => {
    const by = fine ? 1 : Math.max(1, Math.round(Math.max(width, height) * STEP));
    const from = at ?? { x: Math.round(width / 2), y: Math.round(height / 2) };
    at = { x: Math.min(Math.max(from.x + direction.x * by, 0), width), y: Math.min(Math.max(from.y + direction.y * by, 0), height) };
    tools.move([at]);
    stage.view.reveal(at);
    mark(at);
    say(words(at));
  };

  const toggle = ({ width, height }: { width: number; height: number }) => {
    at ??= { x: Math.round(width / 2), y: Math.round(height / 2) };
    mark(at);
    if (tools.drawing) {
      tools.release();
      say(`${tools.name} ended at ${words(at)}`);
    } else {
      tools.press(at);
      say(`${tools.name} begun at ${words(at)}. Move with the arrow keys, end with Enter.`);
    }
  };

  stage.element.addEventListener('keydown', (event) => {
    const limits = size();
    if (!limits || event.target !== stage.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = arrows[event.key];
    if (direction) step(direction, limits, event.shiftKey);
    else if (event.key === 'Enter') toggle(limits);
    else if (event.key === 'Escape' && tools.drawing) {
      tools.cancel();
      say('Dropped.');
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  stage.element.addEventListener('blur', () => {
    if (at && tools.drawing) tools.cancel();
    at = undefined;
    mark(undefined);
  });
}
