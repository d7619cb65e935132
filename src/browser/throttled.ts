import type { PhotoProgress } from './session-options';

// In milliseconds. A page draws every 16; what comes faster than a person sees only wakes it.
const BETWEEN_REPORTS = 50;

/** Passes reports on, not too often, but the first of each stage and the last in any case. */
export function throttled(pass: (progress: PhotoProgress) => void): { report(progress: PhotoProgress): void; flush(): void } {
  let last = Number.NEGATIVE_INFINITY;
  let stage: PhotoProgress['stage'] | undefined;
  let held: PhotoProgress | undefined;
  const flush = () => {
    if (held) pass(held);
    held = undefined;
  };
  return {
    flush,
    report(progress) {
      const due = progress.stage !== stage || performance.now() - last >= BETWEEN_REPORTS;
      held = progress;
      if (!due) return;
      stage = progress.stage;
      last = performance.now();
      flush();
    },
  };
}
