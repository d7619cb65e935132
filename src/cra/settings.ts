import { checkArgument, checkOneOf, checkOptions, checkWhole } from '../check';
import { exemplar } from '../generators/exemplar';
import type { Generator } from '../generators/generator';
import { DEFAULT_MEMORY } from '../memory';
import { checkThin } from '../pixels/plan';
import { HOLE_COLOURS, type HoleColour } from '../pixels/seam';
import { type OnWarning, toConsole } from '../warning';
import { type Detail, INPAINT_OPTIONS, type InpaintOptions, type Preview, type Stage } from './options';
import { defaultThreads } from './threads';

/** The options of one call, checked, with what was left to us worked out. */
export interface Settings {
  /** Whose messages they are in. */
  op: string;
  generator: Generator;
  hole: HoleColour;
  /** Whole pixels. */
  grow: number | 'auto';
  /** Whole pixels. */
  feather: number;
  workingSize: number;
  /** Whole pixels. */
  thin: number;
  detail: Detail;
  memory: number;
  threads: number;
  seed: number;
  signal?: AbortSignal;
  report(stage: Stage, done: number, total: number): void;
  /** Absent where nobody looks. */
  preview?: (preview: Preview) => void;
  warn: OnWarning;
}

/**
 * Settles the options for a photo of a size.
 * @throws ArgumentError
 */
export function settingsOf(op: string, options: Omit<InpaintOptions, 'sources' | 'avoid'>, { width, height }: { width: number; height: number }): Settings {
  checkOptions(options, INPAINT_OPTIONS, op);
  const { generator = exemplar(), hole = 'white', seed = 0, detail = true, memory = DEFAULT_MEMORY, signal } = options;
  const workingSize = options.workingSize ?? generator?.workingSize ?? 512;
  const longSide = Math.max(width, height);
  const pixels = <T extends number | 'auto'>(name: 'grow' | 'feather', automatic: T) => {
    const value = options[name] ?? 'auto';
    if (value === 'auto') return automatic;
    checkArgument(Number.isFinite(value) && value >= 0 && value <= longSide, op, name, "'auto' or 0 to the photo's long side, in pixels", value);
    return Math.round(value);
  };
  const grow = pixels('grow', 'auto' as const);
  const feather = pixels('feather', Math.min(Math.max(2, Math.round(0.001 * longSide)), 8));
  checkOneOf(hole, HOLE_COLOURS, op, 'hole');
  checkWhole(workingSize, 16, op, 'workingSize');
  const thin = options.thin ?? (options.sketch ? 0 : (generator?.thin ?? 0));
  checkThin(thin, op);
  checkWhole(seed, 0, op, 'seed');
  checkArgument(typeof generator?.fill === 'function', op, 'generator', 'an object with a fill method', generator);
  checkWhole(generator.multiple, 1, op, "generator's multiple");
  checkArgument(!options.sketch || generator.takesSketch === true, op, 'sketch', `left out: ${generator.name} takes none`, 'a sketch');
  checkOneOf(detail, [true, false, 'residual'], op, 'detail');
  checkArgument(memory > 0, op, 'memory', '> 0 bytes', memory);
  const threads = options.threads ?? defaultThreads();
  checkWhole(threads, 1, op, 'threads');
  const report = (stage: Stage, done: number, total: number) => options.onProgress?.({ stage, done, total });
  const { onPreview: preview, onWarning: warn = toConsole } = options;
  return { op, generator, hole, grow, feather, workingSize, thin, detail, memory, threads, seed, signal, report, preview, warn };
}
