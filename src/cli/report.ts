import cliProgress, { type SingleBar } from 'cli-progress';
import { plain } from '../io/containers/texts';
import { inWords } from './found';
import type { Job, PassedOver } from './jobs';
import type { Outcome, Step } from './work';

/** Where text goes: process.stdout, process.stderr, or a test's own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** How a whole run went. */
export interface Summary {
  photos: number;
  done: number;
  failed: number;
  aborted: boolean;
  backend: string;
  generator: string;
  /** How many photos were worked on at the same time, at the most. */
  atOnce: number;
  /** Of the photos that are done. */
  averageMs: number;
  totalMs: number;
  peakRss: number;
  /** What else is in the folders. */
  passedOver: PassedOver[];
}

/** Told what happens, as it happens. */
export interface Report {
  /** Weights are on their way, so many bytes of them, of so many in all where that is known. */
  loading(source: string, loaded: number, total: number | undefined): void;
  /** The weights are there, or will never be. */
  loaded(): void;
  /** What a person should know before the first photo. */
  note(text: string): void;
  /** Nothing can be done at all. */
  fail(error: { code: string; message: string }): void;
  begin(jobs: Job[]): void;
  step(job: Job, step: Step, fraction: number): void;
  finish(outcome: Outcome): void;
  end(summary: Summary): void;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 99.5e5 ? 1 : 0);
const rounded = (ms: Record<string, number>) => Object.fromEntries(Object.entries(ms).map(([step, time]) => [step, Math.round(time)]));

const PASSED_OVER: Record<PassedOver['reason'], [one: string, many: string]> = {
  format: ['file that is no picture to be read', 'files that are no pictures to be read'],
  folder: ['folder', 'folders'],
  'unused-mask': ['mask that no photo uses', 'masks that no photo uses'],
};
const NAMED = 10;

/** A line for each reason why something was passed over, with the first names. */
function passedOverLines(passedOver: PassedOver[]): string[] {
  return Object.entries(PASSED_OVER).flatMap(([reason, [one, many]]) => {
    const paths = passedOver.filter((other) => other.reason === reason).map(({ path }) => path);
    if (paths.length === 0) return [];
    const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
    return [`passed over: ${paths.length} ${paths.length === 1 ? one : many}: ${paths.slice(0, NAMED).join(', ')}${more}`];
  });
}

/** One JSON line for each photo, and one for the summary. */
export function jsonReport(stdout: Output): Report {
  const line = (value: object) => stdout.write(`${JSON.stringify(value)}\n`);
  return {
    loading() {},
    loaded() {},
    note() {},
    fail: (error) => line({ error }),
    begin() {},
    step() {},
    finish: (outcome) => line({ ...outcome, ms: rounded(outcome.ms) }),
    end: (summary) => line({ summary: { ...summary, averageMs: Math.round(summary.averageMs), totalMs: Math.round(summary.totalMs) } }),
  };
}

/** What part of a photo's time is over when a step is, roughly: a bar that creeps is better than one that jumps. */
const SPANS: Record<Step, [from: number, to: number]> = {
  decode: [0, 8],
  backend: [8, 12],
  defects: [12, 13],
  plan: [13, 14],
  'low-resolution': [14, 20],
  fill: [20, 70],
  detail: [70, 90],
  composite: [90, 94],
  encode: [94, 100],
};

/** Lines for people: results on stdout, failures on stderr, and a progress bar where stderr is a terminal. */
export function textReport(stdout: Output, stderr: Output): Report {
  let bar: SingleBar | undefined;
  let finished = 0;
  /** How far photos are that are at work, or done before their turn to be told has come. */
  const parts = new Map<string, number>();
  const sum = () => {
    let sum = finished * 100;
    for (const part of parts.values()) sum += part;
    return sum;
  };
  const openBar = (format: string): SingleBar =>
    new cliProgress.SingleBar(
      { format, stream: stderr as NodeJS.WriteStream, hideCursor: true, clearOnComplete: true, stopOnComplete: false, gracefulExit: false, barsize: 24 },
      cliProgress.Presets.shades_classic,
    );
  const say = (output: Output, text: string) => {
    if (bar) stderr.write('\r\x1b[K');
    // Names of files may hold anything; only where an error came from takes several lines.
    output.write(`${process.env.DEBUG ? text : plain(text)}\n`);
  };
  return {
    loading(source, loaded, total) {
      if (!stderr.isTTY) return;
      const sizes = `${megabytes(loaded)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB`;
      if (!bar) {
        bar = openBar('{bar} {percentage} %  {source}  {sizes}');
        bar.start(total ?? Number.MAX_SAFE_INTEGER, loaded, { source, sizes });
      } else bar.update(loaded, { source, sizes });
    },
    loaded() {
      bar?.stop();
      bar = undefined;
    },
    note: (text) => say(stderr, `cra-inpaint: ${text}`),
    fail: ({ code, message }) => say(stderr, `cra-inpaint: ${code}: ${message}`),
    begin(jobs) {
      if (!stderr.isTTY) return;
      bar = openBar(`{bar} {percentage} %${jobs.length > 1 ? '  {photos}' : ''}  {name}  {step}`);
      bar.start(jobs.length * 100, 0, { photos: `0/${jobs.length}`, name: plain(jobs[0].photo), step: 'decode' });
    },
    step(job, step, fraction) {
      const [from, to] = SPANS[step];
      parts.set(job.photo, from + (to - from) * fraction);
      bar?.update(sum(), { name: plain(job.photo), step });
    },
    finish({ photo, output, width, height, defects, ms, warnings, error }) {
      const found = defects ? `  ${defects.kinds.join(' and ')}: ${inWords(defects)}${defects.mask === undefined ? '' : `, in ${defects.mask}`}` : '';
      finished++;
      parts.delete(photo);
      if (error) say(stderr, `${photo}: ${error.code}: ${error.message}`);
      else say(stdout, `${photo} -> ${output}  ${width} x ${height}  ${seconds(ms.total ?? 0)}${found}`);
      for (const warning of warnings) say(stderr, `${photo}: ${warning}`);
      bar?.update(sum(), { photos: `${finished}/${(bar?.getTotal() ?? 0) / 100}` });
    },
    end({ photos, done, failed, aborted, atOnce, averageMs, totalMs, passedOver }) {
      bar?.stop();
      bar = undefined;
      if (aborted) say(stderr, `interrupted: ${done} of ${photos} done`);
      else if (photos > 1) {
        const each = done > 0 ? `, ${seconds(averageMs)} each on average${atOnce > 1 ? `, up to ${atOnce} at a time` : ''}` : '';
        say(stdout, `${done} done${failed > 0 ? `, ${failed} failed` : ''} in ${seconds(totalMs)}${each}`);
      }
      for (const line of passedOverLines(passedOver)) say(stdout, line);
    },
  };
}
