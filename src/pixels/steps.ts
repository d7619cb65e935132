/** Work in steps, each of which takes some milliseconds at the most: to be done at once, or with pauses between. */
export type Steps<T> = Generator<void, T, undefined>;

/** Takes all steps. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Takes all steps, and awaits `pause` after each: to give way, or to throw so as to stop. */
export async function withPauses<T>(steps: Steps<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pause();
  }
}
