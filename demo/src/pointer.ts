import type { Point } from './box';
import type { Stage } from './stage';

/** What one finger, pen or mouse button does on the stage: paint, or move the divider. Places are on the stage. */
export interface PointerUser {
  press(at: Point): void;
  move(places: Point[]): void;
  release(): void;
  cancel(): void;
  /** Where the mouse or pen hovers, and undefined when it has left. */
  hover(at: Point | undefined, type: string): void;
}

/**
 * Turns pointer events into drawing (first finger, pen, left button), panning and zooming (two fingers, wheel, middle button, space).
 * @param userOf whose a press is, by what it was on
 */
export function listenToPointers(stage: Stage, userOf: (target: Element) => PointerUser): void {
  const { element, view } = stage;
  const touches = new Map<number, Point>();
  let drawing: { id: number; user: PointerUser } | undefined;
  let panning: { id: number; at: Point } | undefined;
  let space = false;

  const place = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top } = element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  element.addEventListener('pointerdown', (event) => {
    const target = event.target as Element;
    if (target.closest('button, a')) return;
    const at = place(event);
    element.setPointerCapture(event.pointerId);
    if (event.pointerType === 'touch') {
      touches.set(event.pointerId, at);
      if (touches.size === 2) {
        // The second finger says that the first was not meant to draw.
        drawing?.user.cancel();
        drawing = undefined;
      }
      if (touches.size > 1) return;
    }
    if (event.button === 1 || (event.button === 0 && space)) {
      event.preventDefault();
      panning = { id: event.pointerId, at };
      element.classList.add('panning');
    } else if (event.button === 0 && drawing === undefined) {
      drawing = { id: event.pointerId, user: userOf(target) };
      drawing.user.press(at);
    }
  });

  element.addEventListener('pointermove', (event) => {
    const at = place(event);
    if (touches.size > 1 && touches.has(event.pointerId)) pinch(event.pointerId, at);
    else if (panning?.id === event.pointerId) {
      view.pan(at.x - panning.at.x, at.y - panning.at.y);
      panning.at = at;
    } else if (drawing?.id === event.pointerId) {
      const events = event.getCoalescedEvents?.() ?? [];
      drawing.user.move((events.length > 0 ? events : [event]).map(place));
    }
    if (touches.has(event.pointerId)) touches.set(event.pointerId, at);
    (drawing?.user ?? userOf(event.target as Element)).hover(at, event.pointerType);
  });

  /** Two fingers: what is between them stays between them. */
  function pinch(id: number, at: Point): void {
    const [other] = [...touches].filter(([each]) => each !== id).map(([, point]) => point);
    const before = touches.get(id)!;
    const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    const distance = (a: Point, b: Point) => Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);
    const [from, to] = [middle(before, other), middle(at, other)];
    view.zoom(distance(at, other) / distance(before, other), from);
    view.pan(to.x - from.x, to.y - from.y);
  }

  const end = (event: PointerEvent, finish: (user: PointerUser) => void) => {
    touches.delete(event.pointerId);
    if (panning?.id === event.pointerId) {
      panning = undefined;
      element.classList.remove('panning');
    }
    if (drawing?.id !== event.pointerId) return;
    const { user } = drawing;
    drawing = undefined;
    finish(user);
  };
  element.addEventListener('pointerup', (event) => end(event, (user) => user.release()));
  element.addEventListener('pointercancel', (event) => end(event, (user) => user.cancel()));
  element.addEventListener('pointerleave', () => userOf(element).hover(undefined, ''));
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      view.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), place(event));
    },
    { passive: false },
  );

  const setSpace = (held: boolean) => {
    space = held;
    element.classList.toggle('space', held);
  };
  addEventListener('keydown', (event) => {
    const focus = document.activeElement;
    if (event.code !== 'Space' || (focus && focus !== document.body && focus !== element)) return;
    event.preventDefault();
    setSpace(true);
  });
  addEventListener('keyup', ({ code }) => code === 'Space' && setSpace(false));
  addEventListener('blur', () => setSpace(false));
}
