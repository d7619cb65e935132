import type { Picture } from '../picture';
import { type Box, boxHeight, boxWidth } from '../pixels/box';
import type { Window } from '../pixels/window';
import type { PatchPlan } from './fill-patches';

/** What a fill will take, as far as its plan says. */
export interface Estimate {
  /** Seconds, without what is asked before. */
  seconds: number;
  /**
   * What the seconds go by: `'measured'`, how long earlier fills of this session took by this generator, against what their plans had said;
   * `'guess'`, `exemplar()` on wasm on one core of a desktop computer, which other machines and networks are several times faster or slower than.
   */
  basis: 'measured' | 'guess';
  /** Bytes that it holds while it works, beside the photo and the history: those in proportion to pixels. What a backend takes for a network is not in it. */
  bytes: number;
  /** Windows that are filled, thin holes' among them: that many patches come. None where the mask marks nothing. */
  windows: number;
}

// Seconds, of `exemplar()` on wasm: of a window whatever its size, of a pixel of the low resolution, of a pixel of the target, and of a pixel of a
// tile that is healed.
const WINDOW = 0.1;
const LOW = 5e-6;
const TARGET = 1e-7;
const HEALED = 5e-7;
// About what exemplar() holds of each pixel of the low resolution.
const BYTES_OF_LOW = 400;
// What a window holds of each pixel that it looks at: as they are read, as they are aligned.
const BYTES_OF_VIEW = 8;

const areaOf = (box: Box): number => boxHeight(box) * boxWidth(box);

const workOf = ({ target, low, thin }: Window): number => (thin ? HEALED * areaOf(target) : WINDOW + LOW * low.width * low.height + TARGET * areaOf(target));

/** How long fills really took against what was to be expected of their plans, by generator: the last counts for half. */
export class Pace {
  readonly #factors = new Map<string, number>();

  /** Takes a fill into account that has taken so many seconds. */
  learn({ windows, settings }: PatchPlan, seconds: number): void {
    const factor = seconds / sum(windows.map(workOf));
    if (!Number.isFinite(factor)) return;
    const { name } = settings.generator;
    const before = this.#factors.get(name);
    this.#factors.set(name, before === undefined ? factor : (before + factor) / 2);
  }

  /** What a plan for a photo will take. */
  estimate({ windows, settings }: PatchPlan, { width, height, channels, data }: Picture): Estimate {
    const factor = this.#factors.get(settings.generator.name);
    const value = channels * data.BYTES_PER_ELEMENT;
    // A patch and its weights, what it changes, and the answer.
    const patches = sum(windows.map(({ target }) => areaOf(target) * (3 * value + 1)));
    const atWork = windows.map(({ view, low, thin }) => areaOf(view) * BYTES_OF_VIEW + (thin ? 0 : low.width * low.height * BYTES_OF_LOW));
    return {
      seconds: sum(windows.map(workOf)) * (factor ?? 1),
      basis: factor === undefined ? 'guess' : 'measured',
      bytes: windows.length === 0 ? 0 : width * height + patches + atWork.reduce((most, bytes) => Math.max(most, bytes), 0),
      windows: windows.length,
    };
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
